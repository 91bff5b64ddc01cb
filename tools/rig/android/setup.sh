#!/usr/bin/env bash
# Makes Android's TensorFlow Lite run on this machine, below build/android, for x86_64 and armeabi-v7a
# (32-bit ARM, under qemu-arm with Debian's armel libraries, whose calling convention is Android's):
#   tensorflow-lite-2.16.1.aar   Android's archive of TensorFlow Lite
#   ABI/libtensorflowlite_jni.so the library from it, as it is
#   ABI/libc.so ...              what it needs of Android's C library, over glibc (bionic.c)
#   ABI/run_models               runs models by its C API (run_models.c)
#   armeabi-v7a/libwq_delegate.so  the delegate for it; on x86_64 it is the ordinary one
# A second run does only what has changed.
set -euo pipefail
# shellcheck source=tools/lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/../../lib.sh"

# The last version of this artifact on Maven Central that holds the library itself.
version=2.16.1
here=$wq_root/tools/rig/android
android=$wq_root/build/android
archive=$android/tensorflow-lite-$version.aar

# library_and_programs ABI COMPILER...: everything for one ABI but the delegate.
library_and_programs() {
  local folder=$android/$1 name
  shift
  local compile=("$@" -std=c11 -O2 -Wall -Wextra -Werror)
  rm -rf "$folder"/*.so "$folder"/run_models
  mkdir -p "$folder"
  unzip -p "$archive" "jni/$(basename "$folder")/libtensorflowlite_jni.so" >"$folder/libtensorflowlite_jni.so"
  "${compile[@]}" -fPIC -fvisibility=hidden -c -o "$folder/bionic.o" "$here/bionic.c"
  "$wq_venv/bin/python" "$here/pass_through.py" "$folder/libtensorflowlite_jni.so" "$folder/bionic.o" \
    >"$folder/pass_through.S"
  "${compile[@]}" -shared -Wl,-z,defs -Wl,-soname,libc.so -Wl,--version-script="$here/bionic.lds" \
    -o "$folder/libc.so" "$folder/bionic.o" "$folder/pass_through.S" -lm
  for name in libm libdl liblog; do
    ln -s libc.so "$folder/$name.so"
  done
  # RPATH, which also holds for the libraries that the library needs.
  "${compile[@]}" -o "$folder/run_models" "$here/run_models.c" "$folder/libtensorflowlite_jni.so" \
    "-Wl,-rpath,\$ORIGIN,--disable-new-dtags"
}

cross_build() {
  cmake -G Ninja -S "$wq_root" -B "$android/armeabi-v7a/cmake" \
    -DCMAKE_TOOLCHAIN_FILE="$here/toolchain.cmake" -DWQ_WERROR=ON
  cmake --build "$android/armeabi-v7a/cmake" --target wq_delegate
  ln -sfn cmake/delegate/libwq_delegate.so "$android/armeabi-v7a/libwq_delegate.so"
}

debian_packages gcc cmake ninja-build g++-arm-linux-gnueabi libeigen3-dev qemu-user unzip
step "$archive.stamp" "Android's TensorFlow Lite" "$version" \
  maven_artifact "org.tensorflow:tensorflow-lite:$version:aar" "$android"
sources=$(hash_of "$version" "$here")
step "$android/x86_64/.stamp" "Android's TensorFlow Lite on x86-64" "$sources" library_and_programs x86_64 gcc
step "$android/armeabi-v7a/.stamp" "Android's TensorFlow Lite on ARMv7" "$sources" \
  library_and_programs armeabi-v7a arm-linux-gnueabi-gcc -march=armv7-a -mfpu=neon -mfloat-abi=softfp
printf 'doing delegate for ARMv7 with the soft-float calling convention\n'
run_logged armel_cross_build cross_build
