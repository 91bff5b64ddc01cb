#!/usr/bin/env bash
# Sets everything up and runs every check and test: tools/test.sh [PYTEST ARGUMENT...]
# For example tools/test.sh --sweep=heavy for ten times as many random layers.
set -euo pipefail
# shellcheck source=tools/lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
cd "$wq_root"

section() {
  printf '\n=== %s (after %d s)\n' "$1" "$SECONDS"
}

# Without a server that stays, and with its files below build/.
bazel_here() {
  bazel --batch --output_user_root="$wq_root/build/bazel" "$@" --noshow_progress
}

section "set-up"
tools/setup.sh --tests

section "format, lint, types"
tools/check.sh

section "C++ tests on this machine"
run_logged host_build cmake -G Ninja -S . -B build/host -DWQ_BUILD_TESTS=ON -DWQ_WERROR=ON
run_logged host_build cmake --build build/host
ctest --test-dir build/host --output-on-failure --parallel 2

section "C++ tests by Bazel, offline"
bazel_here build //delegate:libwq_delegate.so
bazel_here test //tests/...

section "C++ tests on ARMv7"
ctest --test-dir build/armv7/cmake --output-on-failure --parallel 2

# tests/armv7 starts itself under the rig.
section "Python tests on this machine and on ARMv7"
.venv/bin/python -m pytest --numprocesses 2 "$@"

section "all tests passed"
