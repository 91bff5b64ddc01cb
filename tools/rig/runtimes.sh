#!/usr/bin/env bash
# Installs TensorFlow Lite runtimes below build/runtimes, for tests/matrix:
#   ai_edge_litert-VERSION   packages for the Python of .venv
#   tflite_runtime-2.12.0    packages (site/) and a Python 3.9 that loads them: there is no wheel for a later one
# A second run does only what has changed.
set -euo pipefail
# shellcheck source=tools/lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/../lib.sh"

runtimes=$wq_root/build/runtimes
litert_versions=(1.4.0 2.3.0)
old=$runtimes/tflite_runtime-2.12.0
old_packages=(tflite-runtime==2.12.0 numpy==1.26.4)
# Python 3.9 comes from Maven Central, where what is published stays: Debian 12 has no other than 3.11.
old_python=org.bytedeco:cpython:3.9.6-1.5.6:jar:linux-x86_64

# Their dependencies beyond numpy are for other things than running a model.
install_litert() {
  rm -rf "$runtimes/ai_edge_litert-$1"
  "$wq_venv/bin/pip" install --target "$runtimes/ai_edge_litert-$1" --no-deps --only-binary=:all: "ai-edge-litert==$1"
}

# The archive holds Python's library, but no program.
install_old() {
  local inside=org/bytedeco/cpython/linux-x86_64
  rm -rf "$old"
  maven_artifact "$old_python" "$old/archive"
  unzip -q "$old"/archive/*.jar "$inside/lib*" -x '*/site-packages/*' '*/test/*' '*/libjnipython.so' -d "$old/archive"
  mv "$old/archive/$inside"/* "$old/"
  rm -r "$old/archive"
  gcc -x c -o "$old/python" - -x none "$old/libpython3.9.so.1.0" "-Wl,-rpath,\$ORIGIN,--disable-new-dtags" <<'C'
int Py_BytesMain(int argc, char **argv);
int main(int argc, char **argv) { return Py_BytesMain(argc, argv); }
C
  "$wq_venv/bin/pip" install --target "$old/site" --no-deps --no-compile --only-binary=:all: \
    --implementation cp --python-version 3.9 --platform manylinux2014_x86_64 "${old_packages[@]}"
}

debian_packages gcc unzip
python_environment
for version in "${litert_versions[@]}"; do
  step "$runtimes/ai_edge_litert-$version/.stamp" "ai-edge-litert $version" "$version" install_litert "$version"
done
step "$old/.stamp" "tflite-runtime 2.12 with a Python of its own" "$(hash_of "$old_python" "${old_packages[@]}")" install_old
