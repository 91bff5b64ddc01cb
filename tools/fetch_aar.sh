#!/usr/bin/env bash
# Fetches the Android archive of TensorFlow Lite, which holds its C headers (for the comparison with
# delegate/tflite/abi.h), into build/aar/: tools/fetch_aar.sh
set -euo pipefail

# 2.14.0 is the oldest runtime that the delegate supports, and the one with wheels for ARMv7.
readonly artifact=org.tensorflow:tensorflow-lite:2.14.0:aar
readonly plugin=org.apache.maven.plugins:maven-dependency-plugin:3.8.1

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
folder=$root/build/aar
[[ -f $folder/tensorflow-lite-2.14.0.aar ]] && exit 0

if ! command -v mvn > /dev/null; then
  echo "error: mvn is missing; install the Debian package maven" >&2
  exit 1
fi
mkdir -p "$folder"
partial=$(mktemp -d "$folder/partial.XXXXXX")
trap 'rm -rf "$partial"' EXIT
mvn --quiet --batch-mode "$plugin:copy" -Dartifact="$artifact" -DoutputDirectory="$partial"
mv "$partial"/tensorflow-lite-2.14.0.aar "$folder/"
