#!/usr/bin/env bash
# Makes a Debian package of the delegate, its header and what build tools find it by:
#     tools/release/deb.sh armhf|arm64      -> build/release/libwq-delegate_VERSION_ARCHITECTURE.deb
# It holds what the rig (tools/rig/setup.sh) built and tests. By dpkg-deb, because CPack of CMake 3.25
# cannot say "Multi-Arch: same".
set -euo pipefail
# shellcheck source=tools/lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/../lib.sh"
# shellcheck source=tools/rig/machine.sh
source "$wq_root/tools/rig/machine.sh"
cd "$wq_root"
umask 022

architecture=${1:-}
case $#:$architecture in
  1:armhf) machine=armv7 ;;
  1:arm64) machine=aarch64 ;;
  *) die "usage: tools/release/deb.sh armhf|arm64" ;;
esac
use_machine "$machine"
build=$wq_root/build/$machine/cmake
stage=$wq_root/build/deb/$architecture
package=libwq-delegate
file=$wq_root/build/release/${package}_${wq_version}_$architecture.deb

# Who packages it, as Debian's tools ask for it, or the last commit; and when.
packager() {
  if [[ -n ${DEBEMAIL:-} ]]; then
    printf '%s <%s>' "${DEBFULLNAME:-The wqlite authors}" "$DEBEMAIL"
  else
    git log -1 --format='%an <%ae>'
  fi
}

# The version of the C library that the delegate needs, as its symbols say.
libc_version() {
  "$rig_triple-readelf" --version-info "$stage/usr/lib/$rig_triple/libwq_delegate.so" |
    grep -oP 'GLIBC_\K[0-9.]+' | sort --version-sort | tail -n 1
}

control() {
  cat <<CONTROL
Package: $package
Version: $wq_version
Architecture: $architecture
Multi-Arch: same
Section: libs
Priority: optional
Maintainer: $(packager)
Installed-Size: $(du --summarize --apparent-size --block-size=1K "$stage/usr" | cut -f1)
Depends: libc6 (>= $(libc_version))
Description: TensorFlow Lite delegate for 1-D convolutions in INT8
 Runs speech models made of 1-D convolutions fast on ARM, with exactly the
 output bytes of TensorFlow Lite's own kernels. It is an external delegate
 (libwq_delegate.so), and has a C interface (wqlite/delegate.h).
 .
 On armhf it needs a processor with NEON, and says so where there is none.
CONTROL
}

changelog() {
  printf '%s (%s) unstable; urgency=medium\n\n  * CHANGELOG.md of wqlite says what has changed.\n\n -- %s  %s\n' \
    "$package" "$wq_version" "$(packager)" "$(git log -1 --format=%cD)"
}

make_package() {
  local documents=$stage/usr/share/doc/$package
  rm -rf "$stage"
  cmake --install "$build" --component wqlite --prefix "$stage/usr" --strip
  [[ -f $stage/usr/lib/$rig_triple/libwq_delegate.so ]] ||
    die "$build does not install to Debian's folder lib/$rig_triple; remove it and run tools/rig/setup.sh $machine"
  install -d "$documents" "$stage/DEBIAN"
  {
    cat NOTICE
    printf '\n'
    cat THIRD_PARTY_LICENSES
    printf '\nOn Debian systems the Apache License is in /usr/share/common-licenses/Apache-2.0.\n'
  } >"$documents/copyright"
  changelog | gzip -9n >"$documents/changelog.gz"
  control >"$stage/DEBIAN/control"
  printf 'activate-noawait ldconfig\n' >"$stage/DEBIAN/triggers"
  (cd "$stage" && find usr -type f -print0 | LC_ALL=C sort -z | xargs -0 md5sum) >"$stage/DEBIAN/md5sums"
  mkdir -p "$(dirname "$file")"
  # The same commit makes the same package.
  SOURCE_DATE_EPOCH=$(git log -1 --format=%ct)
  export SOURCE_DATE_EPOCH
  find "$stage" -exec touch --date="@$SOURCE_DATE_EPOCH" {} +
  dpkg-deb --root-owner-group --build "$stage" "$file"
}

[[ -f $build/delegate/libwq_delegate.so ]] || die "there is no build of the rig in $build; run tools/rig/setup.sh $machine first"
command -v dpkg-deb >/dev/null || die "dpkg-deb is missing; run this on Debian"
run_logged "deb_$architecture" make_package
printf 'made  %s\n' "${file#"$wq_root"/}"
