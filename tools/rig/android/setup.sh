#!/usr/bin/env bash
# Makes Android's TensorFlow Lite run on this machine, below build/android, for x86_64, armeabi-v7a (32-bit ARM,
# under qemu-arm with Debian's armel libraries, whose calling convention is Android's) and arm64-v8a (under
# qemu-aarch64):
#   tensorflow-lite-2.16.1.aar   Android's archive of TensorFlow Lite
#   ABI/libtensorflowlite_jni.so the library from it, as it is
#   ABI/libwq_delegate.so        the delegate as in our own archive (tools/android/build_library.sh)
#   ABI/libc.so ...              what the two need of Android's C library, over glibc (bionic.c)
#   ABI/run_models               runs models by its C API (run_models.c)
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
  unzip -o -q -j "$archive" "jni/$(basename "$folder")/libtensorflowlite_jni.so" -d "$folder"
  "${compile[@]}" -fPIC -fvisibility=hidden -c -o "$folder/bionic.o" "$here/bionic.c"
  "$wq_venv/bin/python" "$here/pass_through.py" "$folder/bionic.o" "$folder/libtensorflowlite_jni.so" \
    "$folder/libwq_delegate.so" >"$folder/pass_through.S"
  "${compile[@]}" -shared -Wl,-z,defs -Wl,-soname,libc.so -Wl,--version-script="$here/bionic.lds" \
    -o "$folder/libc.so" "$folder/bionic.o" "$folder/pass_through.S" -lm
  for name in libm libdl liblog; do
    ln -sf libc.so "$folder/$name.so"
  done
  # RPATH, which also holds for the libraries that the library needs.
  "${compile[@]}" -o "$folder/run_models" "$here/run_models.c" "$folder/libtensorflowlite_jni.so" \
    "-Wl,-rpath,\$ORIGIN,--disable-new-dtags"
}

# on ABI COMPILER...
on() {
  step "$android/$1/.stamp" "Android's TensorFlow Lite on $1" \
    "$(hash_of "$version" "$here" "$android/$1/libwq_delegate.so" "${*:2}")" library_and_programs "$@"
}

debian_packages gcc gcc-arm-linux-gnueabi gcc-aarch64-linux-gnu qemu-user unzip
step "$archive.stamp" "Android's TensorFlow Lite" "$version" \
  maven_artifact "org.tensorflow:tensorflow-lite:$version:aar" "$android"
"$wq_root/tools/android/build_library.sh" x86_64 armeabi-v7a arm64-v8a
on x86_64 gcc
on armeabi-v7a arm-linux-gnueabi-gcc -march=armv7-a -mfpu=neon -mfloat-abi=softfp
on arm64-v8a aarch64-linux-gnu-gcc
