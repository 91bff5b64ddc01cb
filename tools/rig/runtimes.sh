#!/usr/bin/env bash
# Installs TensorFlow Lite runtimes below build/runtimes, for tests/matrix:
#   ai_edge_litert-VERSION           packages for the Python of .venv
#   ai_edge_litert-VERSION-aarch64   packages for the Python of the AArch64 rig
#   tflite_runtime-2.12.0            packages (site/) and a Python 3.9 that loads them: there is no wheel for a later one
# A second run does only what has changed.
set -euo pipefail
# shellcheck source=tools/lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/../lib.sh"

runtimes=$wq_root/build/runtimes
litert_versions=(1.4.0 2.3.0)
# QEMU 7.2 does not run later ones.
litert_versions_aarch64=(1.4.0 2.1.6)
old=$runtimes/tflite_runtime-2.12.0
old_packages=(tflite-runtime==2.12.0 numpy==1.26.4)
# Python 3.9 comes from Maven Central, where what is published stays: Debian 12 has no other than 3.11.
old_python=org.bytedeco:cpython:3.9.6-1.5.6:jar:linux-x86_64

# install_litert VERSION FOLDER [PIP ARGUMENT...]
# Its dependencies beyond numpy are for other things than running a model.
install_litert() {
  local version=$1 folder=$2
  shift 2
  rm -rf "$folder"
  "$wq_venv/bin/pip" install --target "$folder" --no-deps --only-binary=:all: "$@" "ai-edge-litert==$version"
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
  folder=$runtimes/ai_edge_litert-$version
  step "$folder/.stamp" "ai-edge-litert $version" "$version" install_litert "$version" "$folder"
done
for version in "${litert_versions_aarch64[@]}"; do
  folder=$runtimes/ai_edge_litert-$version-aarch64
  step "$folder/.stamp" "ai-edge-litert $version for AArch64" "$version" install_litert "$version" "$folder" \
    --implementation cp --python-version 3.11 --platform manylinux_2_17_aarch64 --platform manylinux_2_27_aarch64
done
step "$old/.stamp" "tflite-runtime 2.12 with a Python of its own" "$(hash_of "$old_python" "${old_packages[@]}")" install_old
