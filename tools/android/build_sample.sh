#!/usr/bin/env bash
# Builds the sample app without Android Studio: build/android/wqlite-sample.apk, signed with a debug key.
# Needs our AAR (tools/android/build_aar.sh). With --tests also what the tests of the app need, below
# build/android/sample. A second run does only what has changed.
set -euo pipefail
# shellcheck source=tools/lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/../lib.sh"

application=org.wqlite.sample
short_run=(-XX:TieredStopAtLevel=1) # no optimising compiler: for a program of seconds it only costs
abis=(armeabi-v7a arm64-v8a x86_64)
pom=$wq_root/tools/android/sample_pom.xml
sources=$wq_root/delegate/android/sample/src/main
tests=$wq_root/tests/android/sample/java
models=$wq_root/models/checkpoints
aar=$wq_root/build/android/wqlite-$wq_version.aar
apk=$wq_root/build/android/wqlite-sample.apk
out=$wq_root/build/android/sample

case "$#:${1:-}" in
  0: | 1:--tests) ;;
  *) die "usage: tools/android/build_sample.sh [--tests]" ;;
esac

fetch_jars() {
  rm -rf "$out/jars"
  maven_dependency copy-dependencies --file "$pom" -DoutputDirectory="$out/jars"
}

# jars NAME...: those in $out/jars, of whatever version, as a class path.
jars() {
  local name
  for name in "$@"; do
    printf '%s:' "$out/jars/$name"-[0-9]*.jar
  done
}

# unpack: the AARs' classes and libraries, where javac and the APK want them.
unpack() {
  local archive abi
  for archive in "$aar" "$out"/jars/tensorflow-lite*.aar; do
    unzip -q -p "$archive" classes.jar >"$out/$(basename "$archive" .aar).jar"
  done
  for archive in "$aar" "$out"/jars/tensorflow-lite-2*.aar; do
    for abi in "${abis[@]}"; do
      mkdir -p "$out/apk/lib/$abi"
      unzip -q -j -d "$out/apk/lib/$abi" "$archive" "jni/$abi/*.so"
    done
  done
}

# compile FOLDER CLASSPATH FILE...: as Java 8, which is what minSdk 21 and Gradle are told, too.
compile() {
  local folder=$1 class_path=$2
  shift 2
  mkdir -p "$folder"
  # Not classfile: Robolectric's copy of Android names annotations that it lacks. Not options: newer compilers
  # complain of Java 8 itself.
  javac --release 8 -Xlint:all,-classfile,-options -Werror -d "$folder" -cp "$class_path" "$@"
}

resources() {
  # What Gradle has in build.gradle, not in the manifest.
  sed -e "s/<manifest /&package=\"$application\" /" -e 's/<application/& android:extractNativeLibs="false"/' \
    "$sources/AndroidManifest.xml" >"$out/AndroidManifest.xml"
  mkdir -p "$out/generated"
  aapt package -m -J "$out/generated" -F "$out/resources.apk" -M "$out/AndroidManifest.xml" -S "$sources/res" \
    -A "$models" --ignore-assets '!*.keras:!*.py:!*.md:!__pycache__' -0 tflite -I "$framework" \
    --min-sdk-version 21 --target-sdk-version 34 --version-code 1 --version-name "$wq_version"
}

package() {
  local java_home
  mkdir -p "$out/apk/META-INF"
  cp "$wq_root"/{LICENSE,NOTICE,THIRD_PARTY_LICENSES} "$out/apk/META-INF/"
  java_home=$(dirname "$(dirname "$(readlink -f "$(command -v javac)")")")
  jar --create --file "$out/sample.jar" -C "$out/classes" .
  java "${short_run[@]}" -cp "$(jars r8)" com.android.tools.r8.D8 --release --min-api 21 --lib "$framework" --lib "$java_home" \
    --output "$out/apk" "$out"/*.jar
  # Not compressed: Android maps the libraries where they lie.
  cp "$out/resources.apk" "$out/unaligned.apk"
  jar --update --no-compress --no-manifest --file "$out/unaligned.apk" -C "$out/apk" .
  zipalign -f -p 4 "$out/unaligned.apk" "$out/unsigned.apk"
}

# sign: with a key of this checkout; an app that is signed with another one cannot replace it on a device.
sign() {
  local key=$wq_root/build/android/debug.keystore
  [[ -f $key ]] || keytool -genkeypair -keystore "$key" -storepass android -alias debug -dname CN=debug \
    -keyalg RSA -keysize 2048 -validity 10000
  apksigner sign --v4-signing-enabled false --ks "$key" --ks-pass pass:android --out "$apk" "$out/unsigned.apk"
}

build_app() {
  rm -rf "$out"/*.jar "$out"/*.apk "$out"/{apk,classes,generated}
  unpack
  resources
  compile "$out/classes" "$android_classes:$(printf '%s:' "$out"/*.jar)" \
    "$out/generated/${application//.//}/R.java" "$sources/java/${application//.//}"/*.java
  package
  sign
}

build_tests() {
  local archive
  rm -rf "$out/tests"
  mkdir -p "$out/tests/lib" "$out/tests/com/android/tools"
  for archive in "$out"/jars/{monitor,espresso}-*.aar; do # parts of Robolectric
    unzip -q -p "$archive" classes.jar >"$out/tests/lib/$(basename "$archive" .aar).jar"
  done
  compile "$out/tests" "$android_classes:$(printf '%s:' "$out"/*.jar)$(jars junit robolectric annotations shadows-framework shadowapi)" \
    "$tests/${application//.//}"/*.java
  # How Robolectric finds the app.
  printf '%s\n' "android_custom_package=$application" "android_merged_manifest=$out/AndroidManifest.xml" \
    "android_resource_apk=$out/resources.apk" >"$out/tests/com/android/tools/test_config.properties"
}

[[ -f $aar ]] || die "$aar is missing: make it with tools/android/build_aar.sh"
command -v javac >/dev/null || debian_packages openjdk-17-jdk-headless
debian_packages aapt apksigner maven unzip zipalign
step "$out/jars/.stamp" "what the sample app is built with" "$(hash_of "$pom")" fetch_jars
framework=$(printf %s "$out"/jars/android-all-instrumented-*.jar)
android_classes=$framework:$(jars sandbox) # which every class of that copy mentions
step "$out/app.stamp" "sample app" "$(hash_of "${BASH_SOURCE[0]}" "$pom" "$aar" "$sources" "$models")" build_app
if [[ ${1:-} == --tests ]]; then
  debian_packages dexdump
  step "$out/tests/.stamp" "tests of the sample app" "$(hash_of "${BASH_SOURCE[0]}" "$aar" "$sources" "$tests")" build_tests
fi
