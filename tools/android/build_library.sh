#!/usr/bin/env bash
# Builds the delegate for Android: tools/android/build_library.sh ABI..., of armeabi-v7a, arm64-v8a and x86_64
#   -> build/android/ABI/libwq_delegate.so, as it goes into the archive
#      build/android/ABI/symbols/libwq_delegate.so, with the names of all functions
# With the NDK where ANDROID_NDK_HOME is set, else with what setup.sh makes.
set -euo pipefail
# shellcheck source=tools/lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/../lib.sh"

android=$wq_root/build/android
toolchain=$wq_root/tools/android/toolchain.cmake
tree=cmake # of its own for each toolchain: CMake does not change it later
if [[ -n ${ANDROID_NDK_HOME:-} ]]; then
  toolchain=$ANDROID_NDK_HOME/build/cmake/android.toolchain.cmake
  tree=cmake-ndk
  [[ -f $toolchain ]] || die "ANDROID_NDK_HOME: there is no $toolchain; it must be the folder of an NDK"
fi

build() {
  local abi=$1 folder=$android/$1 library=$android/$1/$tree/delegate/libwq_delegate.so
  cmake -G Ninja -S "$wq_root" -B "$folder/$tree" -DCMAKE_TOOLCHAIN_FILE="$toolchain" -DANDROID_ABI="$abi" \
    -DANDROID_PLATFORM=21 -DANDROID_STL=c++_static -DWQ_BUILD_JNI=ON -DWQ_WERROR=ON
  # Of the libraries that it is linked with, Ninja does not know.
  [[ ! $android/sysroot/$abi/.stamp -nt $library ]] || rm -f "$library"
  cmake --build "$folder/$tree" --target wq_delegate
  rm -rf "$folder/symbols" "$folder/libwq_delegate.so"
  mkdir -p "$folder/symbols"
  ln -s "../$tree/delegate/libwq_delegate.so" "$folder/symbols/libwq_delegate.so"
  "$(sed -n 's/^CMAKE_STRIP:.*=//p' "$folder/$tree/CMakeCache.txt")" --strip-unneeded \
    -o "$folder/libwq_delegate.so" "$library"
  "$wq_venv/bin/python" "$wq_root/tools/android/check_library.py" "$folder/libwq_delegate.so"
}

(($#)) || die "usage: build_library.sh ABI..."
for abi in "$@"; do
  case $abi in
    armeabi-v7a | arm64-v8a | x86_64) ;;
    *) die "'$abi' is no ABI that is built here; choose armeabi-v7a, arm64-v8a or x86_64" ;;
  esac
done
"$wq_venv/bin/python" -c 'import elftools' 2>/dev/null ||
  die "there is no ${wq_venv#"$wq_root"/} with what looks at libraries; run tools/setup.sh first"
"$wq_root/tools/android/setup.sh"
command -v javac >/dev/null || debian_packages openjdk-17-jdk-headless # jni.h
for abi in "$@"; do
  printf 'doing delegate for Android on %s\n' "$abi"
  run_logged "android_$abi" build "$abi"
done
