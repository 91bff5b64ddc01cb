#!/usr/bin/env bash
# Makes all files of a release, from the commit that is checked out: tools/release.sh [--draft]
# --draft: also from changes that are not committed, and without a date in CHANGELOG.md.
# -> build/release/: AAR, Maven folder (zip), sample app, wheels and sdist, Debian packages, the bill of
# materials, and SHA256SUMS over all of them.
set -euo pipefail
# shellcheck source=tools/lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
cd "$wq_root"

release=$wq_root/build/release

ready_for_release() {
  [[ -z $(git status --porcelain) ]] || die "there are changes that are not committed; commit them, or take --draft"
  grep -qE "^## \[$wq_version\] - [0-9]{4}-[0-9]{2}-[0-9]{2}$" CHANGELOG.md ||
    die "CHANGELOG.md has no heading '## [$wq_version] - YEAR-MONTH-DAY'; write it, or take --draft"
}

# of Android: what build/android has that users get
android_files() {
  cp "build/android/wqlite-$wq_version.aar" "$release/"
  cp build/android/wqlite-sample.apk "$release/wqlite-sample-$wq_version.apk"
  (cd build/android/maven && zip --quiet --recurse-paths -X "$release/wqlite-$wq_version-maven.zip" .)
}

checksums() {
  local sums
  cd "$release"
  sums=$(find . -maxdepth 1 -type f -printf '%f\n' | LC_ALL=C sort | xargs sha256sum)
  printf '%s\n' "$sums" >SHA256SUMS
  sha256sum --check --strict SHA256SUMS
}

# make MESSAGE NAME COMMAND...
make() {
  printf 'doing %s\n' "$1"
  run_logged "$2" "${@:3}"
}

case "$#:${1:-}" in
  0:) ready_for_release ;;
  1:--draft) ;;
  *) die "usage: tools/release.sh [--draft]" ;;
esac

tools/setup.sh --tests
debian_packages zip
rm -rf "$release"
mkdir -p "$release"
make "Android archive" release_aar tools/android/build_aar.sh
make "sample app" release_sample tools/android/build_sample.sh
make "Android files" release_android android_files
make "wheels and source archive" release_wheels tools/release/wheels.sh
for architecture in armhf arm64; do
  make "Debian package for $architecture" "release_deb_$architecture" tools/release/deb.sh "$architecture"
done
make "bill of materials" release_sbom "$wq_venv/bin/python" tools/release/sbom.py "$release" "$wq_version"
make "checksums" release_checksums checksums
printf 'made  %s:\n' "${release#"$wq_root"/}"
cat "$release/SHA256SUMS"
