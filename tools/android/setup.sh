#!/usr/bin/env bash
# What Android libraries are built with where there is no NDK, below build/android:
#   zig/          the PyPI package ziglang, for the source of the C++ library and the headers of a C library
#   sysroot/ABI/  libraries to link with (tools/android/sysroot)
# With ANDROID_NDK_HOME set there is nothing to do. A second run does only what has changed.
set -euo pipefail
# shellcheck source=tools/lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/../lib.sh"

# Its libc++ is the newest that is made for clang 19.
zig=0.15.2
here=$wq_root/tools/android
android=$wq_root/build/android

fetch_zig() {
  rm -rf "$android/zig"
  "$wq_venv/bin/pip" install --no-deps --target "$android/zig" "ziglang==$zig"
}

make_sysroot() {
  cmake -G Ninja -S "$here/sysroot" -B "$android/sysroot/$1" \
    -DCMAKE_TOOLCHAIN_FILE="$here/toolchain.cmake" -DANDROID_ABI="$1"
  cmake --build "$android/sysroot/$1"
}

[[ -z ${ANDROID_NDK_HOME:-} ]] || exit 0
debian_packages clang-19 libclang-rt-19-dev lld-19 llvm cmake ninja-build
step "$android/zig/.stamp" "C++ library for Android" "$zig" fetch_zig
for abi in armeabi-v7a arm64-v8a x86_64; do
  step "$android/sysroot/$abi/.stamp" "what libraries for Android on $abi are linked with" \
    "$(hash_of "$zig" "$here/toolchain.cmake" "$here/api21.txt" "$here/sysroot")" make_sysroot "$abi"
done
