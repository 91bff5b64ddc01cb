#!/usr/bin/env bash
# Makes what an application on Android takes, below build/android:
#   wqlite-VERSION.aar  the archive: Java classes, libraries for three ABIs, prefab package for C and C++
#   maven/              a Maven repository with it, its sources and its documentation, for Gradle
# A second run does only what has changed.
set -euo pipefail
# shellcheck source=tools/lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/../lib.sh"

(($# == 0)) || die "usage: tools/android/build_aar.sh"
abis=(armeabi-v7a arm64-v8a x86_64)
android=$wq_root/build/android

"$wq_root/tools/android/build_library.sh" "${abis[@]}"
"$wq_root/tools/android/java.sh"
run_logged android_package "$wq_venv/bin/python" "$wq_root/tools/android/package.py" "$wq_version"
printf 'made  %s\n' "${android#"$wq_root"/}/wqlite-$wq_version.aar" "${android#"$wq_root"/}/maven"
