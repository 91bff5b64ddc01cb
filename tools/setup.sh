#!/usr/bin/env bash
# Prepares a fresh clone on Debian 12: Debian packages, .venv with wqlite and all of its extras, and the
# ARMv7 rig; with --tests also what only tools/test.sh needs. Run it again at any time: it does only
# what has changed.
set -euo pipefail
# shellcheck source=tools/lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

packages=(
  # building
  g++ cmake ninja-build ccache python3-venv
  # the ARMv7 rig (tools/rig/setup.sh)
  g++-arm-linux-gnueabihf qemu-user mmdebstrap
  # speech for the demo and the tests
  espeak-ng
)
case "$#:${1:-}" in
  0:) ;;
  1:--tests)
    packages+=(libgtest-dev bazel-bootstrap clang-format shellcheck)
    packages+=(clang-14 libclang-rt-14-dev) # sanitizers and libFuzzer
    packages+=(g++-aarch64-linux-gnu) # the rig's other machine
    # Android's runtime in the matrix, and our archive for it (tools/rig/android, tools/android)
    packages+=(gcc-arm-linux-gnueabi clang-19 libclang-rt-19-dev lld-19 llvm unzip)
    command -v javac >/dev/null || packages+=(default-jdk-headless)
    packages+=(aapt apksigner dexdump zipalign) # the sample app
    command -v mvn >/dev/null || packages+=(maven)
    ;;
  *) die "usage: tools/setup.sh [--tests]" ;;
esac

install_package() {
  # With the tools of .venv: nothing is downloaded, and the objects of the last build are still good.
  # Warnings as in the builds of tools/test.sh, so that these find the objects compiled (compiler_cache).
  "$wq_venv/bin/pip" install --no-build-isolation --config-settings=cmake.define.WQ_WERROR=ON \
    "${wq_root}[convert,audio,train,test,release]"
}

debian_packages "${packages[@]}"
compiler_cache
python_environment
step "$wq_venv/stamps/wqlite" "wqlite and its dependencies in .venv" \
  "$(cd "$wq_root" && hash_of pyproject.toml CMakeLists.txt README.md converter delegate models tools/commands tools/evaluation)" \
  install_package
"$wq_root/tools/rig/setup.sh"
if [[ ${1:-} == --tests ]]; then
  step "$wq_root/build/aar/.stamp" "TensorFlow Lite's C headers" \
    "$(hash_of "$wq_root/tools/fetch_aar.sh")" "$wq_root/tools/fetch_aar.sh"
  "$wq_root/tools/rig/setup.sh" aarch64
  "$wq_root/tools/rig/runtimes.sh"
  "$wq_root/tools/rig/android/setup.sh"
  "$wq_root/tools/rig/tflite_c.sh"
  "$wq_root/tools/android/java.sh" --tests
  "$wq_root/tools/release/wheelhouse.sh"
fi
