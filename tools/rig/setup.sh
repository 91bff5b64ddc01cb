#!/usr/bin/env bash
# Makes the ARMv7 rig below build/armv7, from nothing but a Debian 12 machine:
#   root/                   Debian's armhf C library, C++ library, Python 3.11, numpy, GoogleTest, Eigen, XNNPACK
#   site/                   tflite_runtime (armv7l), pytest and wqlite for that Python
#   libwq_delegate.so       the delegate for ARMv7 with NEON, hard float
#   cmake/tests/*_test      the C++ tests as ARMv7 programs
#   cmake/tests/xnnpack     layers as XNNPACK runs them (tools/rig/xnnpack.py)
#   libicount.so            the plug-in that counts instructions (tools/rig/count.py)
#   libdcache.so            the plug-in that models data caches (tools/rig/dcache.py)
# A second run does only what has changed.
set -euo pipefail
# shellcheck source=tools/lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/../lib.sh"

suite=bookworm
root_packages=python3-minimal,python3-numpy,libpython3.11-stdlib,libpython3.11-dev,libstdc++6,libgcc-s1,libgtest-dev,libeigen3-dev
# What wqlite is compared with (tools/rig/xnnpack.cc).
root_packages+=,libxnnpack-dev,libpthreadpool-dev
# The versions that tests/ is written for; pure Python apart from tflite-runtime.
# tflite-runtime: the last TFLite with 32-bit ARM wheels.
site_packages=(tflite-runtime==2.14.0 pytest pygments iniconfig pluggy packaging absl-py flatbuffers)

# main_archive: prints where this machine gets Debian 12 from. The codename is known only after an
# apt-get update; the release is what the sources call it, most often the same.
main_archive() {
  local name
  for name in Codename Release; do
    # shellcheck disable=SC2016 # apt-get expands it
    apt-get indextargets --format '$(REPO_URI)' 'Created-By: Packages' "$name: $suite" 'Component: main'
  done | sed -n 1p
}

# The main archive only: the security archive's armhf index is at times out of step with its files.
# The mirror is this machine's own, whatever it is.
make_root() {
  local partial=$wq_armv7/root.partial mirror
  mirror=$(main_archive)
  [[ -n $mirror ]] || die "apt's sources name no Debian 12 ($suite) main archive; add one and run this again"
  rm -rf "$partial" "$wq_armv7/root"
  mkdir -p "$partial"
  # Extracting runs none of the packages' programs: no privileges, and with tar no device nodes.
  mmdebstrap --mode=chrootless --architectures=armhf --variant=extract --components=main --format=tar \
    --include="$root_packages" "$suite" - "$mirror" |
    tar -x -C "$partial" --no-same-owner --exclude=./dev --exclude=./usr/share/doc --exclude=./usr/share/man
  # An extracted root was never configured: nobody compiled its Python files, which costs seconds at each start.
  "$wq_venv/bin/python" -m compileall -q -s "$partial" -p "$wq_armv7/root" \
    "$partial/usr/lib/python3.11" "$partial/usr/lib/python3"
  mv "$partial" "$wq_armv7/root"
}

make_site() {
  rm -rf "$wq_armv7/site"
  "$wq_venv/bin/pip" install --target "$wq_armv7/site" --no-deps --only-binary=:all: \
    --implementation cp --python-version 3.11 --platform manylinux_2_34_armv7l "${site_packages[@]}"
}

cross_build() {
  local package
  cmake -G Ninja -S "$wq_root" -B "$wq_armv7/cmake" \
    -DCMAKE_TOOLCHAIN_FILE="$wq_root/tools/rig/toolchain.cmake" \
    -DPython_EXECUTABLE="$wq_venv/bin/python" \
    -DPython_INCLUDE_DIR="$wq_armv7/root/usr/include/python3.11" \
    -DSKBUILD_SOABI=cpython-311-arm-linux-gnueabihf \
    -DWQ_BUILD_PYTHON=ON -DWQ_BUILD_TESTS=ON -DWQ_WERROR=ON
  cmake --build "$wq_armv7/cmake"
  rm -rf "$wq_armv7/site/wqlite"
  cmake --install "$wq_armv7/cmake" --prefix "$wq_armv7/site"
  mkdir "$wq_armv7/site/wqlite/tools"
  for package in converter models tools/commands tools/evaluation; do
    ln -s "$wq_root/$package" "$wq_armv7/site/wqlite/$package"
  done
  ln -sfn site/wqlite/delegate/libwq_delegate.so "$wq_armv7/libwq_delegate.so"
}

# build_plugin NAME: of qemu-arm, from NAME.c beside this file.
build_plugin() {
  mkdir -p "$wq_armv7"
  gcc -std=c11 -D_GNU_SOURCE -O2 -Wall -Wextra -Werror -shared -fPIC -fvisibility=hidden \
    -I "$wq_root" -o "$wq_armv7/lib$1.so" "$wq_root/tools/rig/$1.c"
}

debian_packages gcc cmake ninja-build g++-arm-linux-gnueabihf llvm qemu-user mmdebstrap python3-venv
python_environment
step "$wq_armv7/root/.stamp" "ARMv7 root" "$(hash_of "$suite" "$root_packages")" make_root
step "$wq_armv7/site/.stamp" "ARMv7 Python packages" "$(hash_of "${site_packages[@]}")" make_site
for plugin in icount dcache; do
  step "$wq_armv7/lib$plugin.so.stamp" "QEMU plug-in $plugin" \
    "$(hash_of "$wq_root/tools/rig/$plugin.c" "$wq_root/tools/rig/qemu_plugin.h")" build_plugin "$plugin"
done
printf 'doing ARMv7 cross build\n'
run_logged armv7_cross_build cross_build
