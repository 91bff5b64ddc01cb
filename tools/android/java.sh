#!/usr/bin/env bash
# Compiles the Java part of the Android archive (delegate/android/java), below build/android/java:
#   classes.jar    for Java 8 and API level 21
#   sources.jar
#   javadoc.jar
#   lib/           what it is compiled and tested with
# and with --tests
#   tests.jar      the tests in tests/android/java, which tests/android/test_java.py runs
#   tensorflow-lite.jar  the classes of Android's TensorFlow Lite
# A second run does only what has changed.
set -euo pipefail
# shellcheck source=tools/lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/../lib.sh"

pom=$wq_root/tools/android/java_pom.xml
sources=$wq_root/delegate/android/java
tests=$wq_root/tests/android/java
java=$wq_root/build/android/java

case "$#:${1:-}" in
  0: | 1:--tests) ;;
  *) die "usage: tools/android/java.sh [--tests]" ;;
esac

fetch() {
  rm -rf "${java:?}/lib"
  maven_dependency copy-dependencies --file "$pom" -Dmdep.stripVersion=true -DoutputDirectory="$java/lib"
  unzip -p "$java/lib/tensorflow-lite-api.aar" classes.jar >"$java/lib/tensorflow-lite-api.jar"
}

# archive NAME FOLDER: a jar with all files of a folder, the same whenever and wherever it is made.
archive() {
  cd "$2"
  find . -type f | LC_ALL=C sort >"$java/$1.files"
  jar --create --date=2026-01-01T00:00:00Z --no-manifest --file "$java/$1.jar" "@$java/$1.files"
}

compile() {
  local class_path=$java/lib/tensorflow-lite-api.jar:$java/lib/annotations.jar files
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

compile_tests() {
  local files
  mapfile -t files < <(find "$tests" -name '*.java')
  rm -rf "$java/test_classes"
  unzip -p "$tflite" classes.jar >"$java/tensorflow-lite.jar"
  javac -Xlint:all -Werror -cp "$java/classes.jar:$java/tensorflow-lite.jar:$java/lib/*" -d "$java/test_classes" "${files[@]}"
  archive tests "$java/test_classes"
}

command -v javac >/dev/null || debian_packages openjdk-17-jdk-headless
command -v mvn >/dev/null || debian_packages maven
debian_packages unzip
step "$java/lib/.stamp" "what the Java part of the Android archive is built with" "$(hash_of "$pom")" fetch
step "$java/.stamp" "Java part of the Android archive" \
  "$(hash_of "$sources" "$wq_version" "${BASH_SOURCE[0]}" "$java/lib/.stamp")" compile
if [[ ${1:-} == --tests ]]; then
  tflite=$wq_root/build/android/tensorflow-lite-2.16.1.aar # of tools/rig/android/setup.sh
  step "$java/.tests_stamp" "tests in Java" "$(hash_of "$tests" "$java/.stamp" "$tflite.stamp")" compile_tests
fi
