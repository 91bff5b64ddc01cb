#!/usr/bin/env bash
# Makes the rig from nothing but a Debian 12 machine: tools/rig/setup.sh [MACHINE...]
# MACHINE is armv7, the default, or aarch64. Below build/MACHINE:
#   root/                   Debian's C library, C++ library, Python 3.11, numpy, GoogleTest for it
#   site/                   tflite_runtime, pytest and wqlite for that Python
#   libwq_delegate.so       the delegate
#   cmake/tests/*_test      the C++ tests
# and, for ARMv7 with NEON and hard float, the instruments:
#   cmake/tests/xnnpack     layers as XNNPACK runs them (tools/rig/xnnpack.py)
#   libicount.so            the plug-in that counts instructions (tools/rig/count.py)
#   libdcache.so            the plug-in that models data caches (tools/rig/dcache.py)
# A second run does only what has changed.
set -euo pipefail
# shellcheck source=tools/lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/../lib.sh"
# shellcheck source=tools/rig/machine.sh
source "$wq_root/tools/rig/machine.sh"

suite=bookworm
# The versions that tests/ is written for; pure Python apart from tflite-runtime.
# tflite-runtime: the last TFLite with 32-bit ARM wheels.
site_packages=(tflite-runtime==2.14.0 pytest pygments iniconfig pluggy packaging absl-py flatbuffers)

# root_packages MACHINE: prints the Debian packages of its root, joined by commas.
root_packages() {
  local packages=python3-minimal,python3-numpy,libpython3.11-stdlib,libpython3.11-dev,libstdc++6,libgcc-s1
  packages+=,libgtest-dev
  # What wqlite is compared with (tools/rig/xnnpack.cc).
  [[ $1 != armv7 ]] || packages+=,libxnnpack-dev,libpthreadpool-dev
  printf '%s\n' "$packages"
}

# main_archive: prints where this machine gets Debian 12 from. The codename is known only after an
# apt-get update; the release is what the sources call it, most often the same.
main_archive() {
  local name
  for name in Codename Release; do
    # shellcheck disable=SC2016 # apt-get expands it
    apt-get indextargets --format '$(REPO_URI)' 'Created-By: Packages' "$name: $suite" 'Component: main'
  done | sed -n 1p
}

# make_root PACKAGES: the main archive only: the security archive's armhf index is at times out of step with
# its files. The mirror is this machine's own, whatever it is.
make_root() {
  local partial=$rig/root.partial mirror
  mirror=$(main_archive)
  [[ -n $mirror ]] || die "apt's sources name no Debian 12 ($suite) main archive; add one and run this again"
  rm -rf "$partial" "$rig/root"
  mkdir -p "$partial"
  # Extracting runs none of the packages' programs: no privileges, and with tar no device nodes.
  mmdebstrap --mode=chrootless --architectures="$rig_debian" --variant=extract --components=main --format=tar \
    --include="$1" "$suite" - "$mirror" |
    tar -x -C "$partial" --no-same-owner --exclude=./dev --exclude=./usr/share/doc --exclude=./usr/share/man
  # An extracted root was never configured: nobody compiled its Python files, which costs seconds at each start.
  "$wq_venv/bin/python" -m compileall -q -s "$partial" -p "$rig/root" \
    "$partial/usr/lib/python3.11" "$partial/usr/lib/python3"
  mv "$partial" "$rig/root"
}

make_site() {
  rm -rf "$rig/site"
  "$wq_venv/bin/pip" install --target "$rig/site" --no-deps --only-binary=:all: \
    --implementation cp --python-version 3.11 --platform "manylinux_2_34_$rig_wheels" "${site_packages[@]}"
}

cross_build() {
  local package
  cmake -G Ninja -S "$wq_root" -B "$rig/cmake" \
    -DCMAKE_TOOLCHAIN_FILE="$wq_root/tools/rig/toolchain.cmake" -DWQ_RIG="$machine" \
    -DPython_EXECUTABLE="$wq_venv/bin/python" \
    -DPython_INCLUDE_DIR="$rig/root/usr/include/python3.11" \
    -DSKBUILD_SOABI="cpython-311-$rig_triple" \
    -DWQ_BUILD_PYTHON=ON -DWQ_BUILD_TESTS=ON -DWQ_WERROR=ON
  cmake --build "$rig/cmake"
  rm -rf "$rig/site/wqlite"
  cmake --install "$rig/cmake" --prefix "$rig/site"
  mkdir "$rig/site/wqlite/tools"
  for package in converter models tools/commands tools/evaluation; do
    ln -s "$wq_root/$package" "$rig/site/wqlite/$package"
  done
  ln -sfn site/wqlite/delegate/libwq_delegate.so "$rig/libwq_delegate.so"
}

# build_plugin NAME: of qemu-arm, from NAME.c beside this file.
build_plugin() {
  mkdir -p "$rig"
  gcc -std=c11 -D_GNU_SOURCE -O2 -Wall -Wextra -Werror -shared -fPIC -fvisibility=hidden \
    -I "$wq_root" -o "$rig/lib$1.so" "$wq_root/tools/rig/$1.c"
}

set_up_instruments() {
  local plugin
  debian_packages gcc llvm-19 # tools/rig/llvm.py
  for plugin in icount dcache; do
    step "$rig/lib$plugin.so.stamp" "QEMU plug-in $plugin" \
      "$(hash_of "$wq_root/tools/rig/$plugin.c" "$wq_root/tools/rig/qemu_plugin.h")" build_plugin "$plugin"
  done
}

for machine in "${@:-armv7}"; do
  use_machine "$machine"
  rig=$wq_root/build/$machine
  debian_packages cmake ninja-build "g++-$rig_triple" qemu-user mmdebstrap python3-venv
  python_environment
  packages=$(root_packages "$machine")
  step "$rig/root/.stamp" "$machine root" "$(hash_of "$suite" "$packages")" make_root "$packages"
  step "$rig/site/.stamp" "$machine Python packages" "$(hash_of "${site_packages[@]}")" make_site
  [[ $machine != armv7 ]] || set_up_instruments
  printf 'doing %s cross build\n' "$machine"
  run_logged "${machine}_cross_build" cross_build
done
