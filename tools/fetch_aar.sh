#!/usr/bin/env bash
# Fetches the Android archive of TensorFlow Lite, which holds its C headers (for the comparison with
# delegate/tflite/abi.h), into build/aar/: tools/fetch_aar.sh
set -euo pipefail
# shellcheck source=tools/lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

# 2.14.0 is the oldest runtime that the delegate supports, and the one with wheels for ARMv7.
[[ -f $wq_root/build/aar/tensorflow-lite-2.14.0.aar ]] ||
  maven_artifact org.tensorflow:tensorflow-lite:2.14.0:aar "$wq_root/build/aar"
