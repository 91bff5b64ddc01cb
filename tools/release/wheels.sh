#!/usr/bin/env bash
# Makes the wheels and the source archive of wqlite in build/release: tools/release/wheels.sh [ARCHITECTURE...]
# ARCHITECTURE is x86_64, aarch64 or armv7l; all of them by default. Those for ARM are made of what the rig
# (tools/rig/setup.sh) built and tests, with Debian's cross compilers. auditwheel reads in the libraries
# which version of the C library they need, and names the wheel after it. A second run compiles only what
# has changed.
set -euo pipefail
# shellcheck source=tools/lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/../lib.sh"
# shellcheck source=tools/rig/machine.sh
source "$wq_root/tools/rig/machine.sh"

release=$wq_root/build/release
unfinished=$release/unfinished
# The same commit makes the same files.
SOURCE_DATE_EPOCH=$(git -C "$wq_root" log -1 --format=%ct)
export SOURCE_DATE_EPOCH

# build_package ARGUMENT...: runs the build backend with the tools of .venv, so that nothing is downloaded.
build_package() {
  PATH=$wq_venv/bin:$PATH "$wq_venv/bin/python" -m build --no-isolation --outdir "$unfinished" "$@" "$wq_root"
}

native_wheel() {
  # Warnings as in the other builds, so that these find the objects compiled (compiler_cache).
  build_package --wheel -Ccmake.define.WQ_WERROR=ON
}

# cross_wheel MACHINE: as of the rig. What CMake installs there has its tests beside it, which stay where they are.
cross_wheel() {
  local rig=$wq_root/build/$1
  use_machine "$1"
  "$wq_root/tools/rig/setup.sh" "$1"
  # The variables by which build backends are told of another machine than this one.
  _PYTHON_HOST_PLATFORM=linux-$rig_wheels SETUPTOOLS_EXT_SUFFIX=.cpython-311-$rig_triple.so \
    build_package --wheel \
    -Cbuild-dir="$rig/cmake" \
    -Ccmake.define.CMAKE_TOOLCHAIN_FILE="$wq_root/tools/rig/toolchain.cmake" \
    -Ccmake.define.Python_INCLUDE_DIR="$rig/root/usr/include/python3.11"
}

# make_wheel ARCHITECTURE: whole or not at all.
make_wheel() {
  rm -rf "$unfinished"
  case $1 in
    x86_64) native_wheel ;;
    aarch64) cross_wheel aarch64 ;;
    armv7l) cross_wheel armv7 ;;
  esac
  rm -f "$release"/wqlite-*"_$1.whl"
  # Nothing is to be copied into the wheel: the libraries need those of the C library only.
  PATH=$wq_venv/bin:$PATH auditwheel repair --patcher none --wheel-dir "$release" "$unfinished"/wqlite-*.whl
  rm -rf "$unfinished"
}

make_source_archive() {
  rm -rf "$unfinished" "$release"/wqlite-*.tar.gz
  build_package --sdist
  mv "$unfinished"/wqlite-*.tar.gz "$release/"
  rmdir "$unfinished"
}

(($#)) || set -- x86_64 aarch64 armv7l
for architecture; do
  [[ $architecture =~ ^(x86_64|aarch64|armv7l)$ ]] ||
    die "no wheels are made for '$architecture'; there are x86_64, aarch64 and armv7l"
done
for module in auditwheel build scikit_build_core nanobind; do
  "$wq_venv/bin/python" -c "import $module" 2>/dev/null ||
    die "$wq_venv has no $module; run tools/setup.sh --tests, or .venv/bin/pip install '.[release]'"
done
mkdir -p "$release"
for architecture; do
  printf 'doing wheel for %s\n' "$architecture"
  run_logged "wheel_$architecture" make_wheel "$architecture"
done
printf 'doing source archive\n'
run_logged source_archive make_source_archive
printf 'made:\n'
printf '  %s\n' "$release"/wqlite-*.whl "$release"/wqlite-*.tar.gz
