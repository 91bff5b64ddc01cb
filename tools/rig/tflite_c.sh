#!/usr/bin/env bash
# Makes build/tflite_c: TensorFlow Lite's C API, headers and library, for delegate/example. They are those of
# Android's archive, which tools/rig/android/setup.sh has fetched and made to run here.
set -euo pipefail
# shellcheck source=tools/lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/../lib.sh"

archive=$(echo "$wq_root"/build/android/tensorflow-lite-*.aar)
folder=$wq_root/build/tflite_c

make_folder() {
  rm -rf "$folder"
  mkdir -p "$folder/lib"
  unzip -q "$archive" 'headers/*' -d "$folder"
  mv "$folder/headers" "$folder/include"
  # c_api.h includes two headers that the archive lacks, for one type.
  mkdir -p "$folder/include/tensorflow/lite/core/async/c"
  : >"$folder/include/tensorflow/lite/core/async/c/types.h"
  printf 'typedef struct TfLiteRegistrationExternal TfLiteRegistrationExternal;\n' \
    >"$folder/include/tensorflow/lite/core/c/registration_external.h"
  ln -s ../../android/x86_64/libtensorflowlite_jni.so "$folder/lib/libtensorflowlite_c.so"
}

[[ -f $archive ]] || die "there is no $archive; run tools/rig/android/setup.sh first"
step "$folder/.stamp" "TensorFlow Lite's C API" "$(hash_of "$(basename "$archive")" "${BASH_SOURCE[0]}")" make_folder
