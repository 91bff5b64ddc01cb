#!/usr/bin/env bash
# Compiles the Java part of the Android archive (delegate/android/java), below build/android/java:
#   classes.jar    for Java 8 and API level 21
#   sources.jar
#   javadoc.jar
# and with --tests
#   tests.jar, lib/junit.jar  the tests in tests/android/java, which tests/android/test_java.py runs
# A second run does only what has changed.
set -euo pipefail
# shellcheck source=tools/lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/../lib.sh"

tflite=2.16.1
# For Kotlin and for editors. Their retention is CLASS: who uses the archive does not need them. (JSpecify's, which
# say it once for a package, do not compile for Java 8 without a warning.)
annotations=26.0.2
android=$wq_root/build/android
java=$android/java
sources=$wq_root/delegate/android/java
tests=$wq_root/tests/android/java
junit=1.11.4

# Of TensorFlow Lite the interfaces.
fetch() {
  rm -rf "${java:?}/lib"
  maven_artifact "org.tensorflow:tensorflow-lite-api:$tflite:aar" "$java/lib"
  maven_artifact "org.jetbrains:annotations:$annotations:jar" "$java/lib"
  unzip -p "$java/lib/tensorflow-lite-api-$tflite.aar" classes.jar >"$java/lib/tensorflow-lite-api.jar"
}

# archive NAME FOLDER: a jar with all files of a folder, the same whenever and wherever it is made.
archive() {
  cd "$2"
  find . -type f | LC_ALL=C sort >"$java/$1.files"
  jar --create --date=2026-01-01T00:00:00Z --no-manifest --file "$java/$1.jar" "@$java/$1.files"
}

compile() {
  local class_path files
  class_path=$java/lib/tensorflow-lite-api.jar:$java/lib/annotations-$annotations.jar
  mapfile -t files < <(find "$sources" -name '*.java')
  rm -rf "$java/classes" "$java/javadoc"
  # No "options": newer compilers complain of Java 8 itself.
  javac --release 8 -Xlint:all,-options -Werror -cp "$class_path" -d "$java/classes" "${files[@]}"
  javadoc --release 8 -Xdoclint:all -Werror -quiet -notimestamp -cp "$class_path" -d "$java/javadoc" \
    -windowtitle "wqlite $wq_version" "${files[@]}"
  archive classes "$java/classes"
  archive sources "$sources"
  archive javadoc "$java/javadoc"
}

fetch_tests() {
  rm -f "$java/lib"/junit*
  maven_artifact "org.junit.platform:junit-platform-console-standalone:$junit:jar" "$java/lib"
  mv "$java/lib/junit-platform-console-standalone-$junit.jar" "$java/lib/junit.jar"
  unzip -p "$android/tensorflow-lite-$tflite.aar" classes.jar >"$java/lib/tensorflow-lite.jar"
}

compile_tests() {
  local files
  mapfile -t files < <(find "$tests" -name '*.java')
  rm -rf "$java/test_classes"
  javac -Xlint:all -Werror -cp "$java/classes.jar:$java/lib/*" -d "$java/test_classes" "${files[@]}"
  archive tests "$java/test_classes"
}

case "$#:${1:-}" in
  0: | 1:--tests) ;;
  *) die "usage: tools/android/java.sh [--tests]" ;;
esac
command -v javac >/dev/null || debian_packages openjdk-17-jdk-headless
debian_packages unzip
step "$java/lib/.stamp" "what Java compiles against" "$(hash_of "$tflite" "$annotations")" fetch
step "$java/.stamp" "Java part of the Android archive" \
  "$(hash_of "$sources" "$wq_version" "${BASH_SOURCE[0]}" "$java/lib/.stamp")" compile
if [[ ${1:-} == --tests ]]; then
  step "$java/lib/.tests_stamp" "what the tests in Java need" "$(hash_of "$junit" "$java/lib/.stamp")" fetch_tests
  step "$java/.tests_stamp" "tests in Java" "$(hash_of "$tests" "$java/.stamp" "$java/lib/.tests_stamp")" compile_tests
fi
