#!/usr/bin/env bash
# Gathers what the wheels of wqlite need to be installed without a network, as tests/tools/release does it:
# build/wheelhouse/ARCHITECTURE. On ARM numpy is Debian's python3-numpy, which the rig has.
# build/wheelhouse/pip is pip itself, compiled, which saves an emulated machine seconds.
set -euo pipefail
# shellcheck source=tools/lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/../lib.sh"

# gather FOLDER ARCHITECTURE PACKAGE...
gather() {
  local folder=$1 architecture=$2
  rm -rf "$folder"
  "$wq_venv/bin/pip" download --dest "$folder" --no-deps --only-binary=:all: --implementation cp --python-version 3.11 \
    --platform "manylinux_2_34_$architecture" --platform "manylinux2014_$architecture" "${@:3}"
}

step "$wq_root/build/wheelhouse/pip/.stamp" "pip, to install wheels with" "" \
  "$wq_venv/bin/pip" install --target "$wq_root/build/wheelhouse/pip" pip
common=(absl-py tflite-runtime==2.14.0)
for architecture in x86_64 aarch64 armv7l; do
  packages=("${common[@]}")
  [[ $architecture != x86_64 ]] || packages+=("numpy<2")
  folder=$wq_root/build/wheelhouse/$architecture
  step "$folder/.stamp" "what a wheel for $architecture needs" "$(hash_of "${packages[@]}")" \
    gather "$folder" "$architecture" "${packages[@]}"
done
