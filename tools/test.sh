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

# portable and avx2, less what this processor's best is: that is the main run.
mapfile -t lesser_isas < <(printf '%s\n' portable avx2 | grep -vx "$(.venv/bin/python -c 'from wqlite import delegate; print(delegate.isa())')")

section "format, lint, types"
tools/check.sh

section "C++ tests on this machine"
run_logged host_build cmake -G Ninja -S . -B build/host -DWQ_BUILD_TESTS=ON -DWQ_WERROR=ON
run_logged host_build cmake --build build/host
ctest --test-dir build/host --output-on-failure --parallel 2

# This processor as a lesser one: whatever CI runs on, the kernels of the others are tried, too.
section "C++ tests limited to lesser instruction sets"
for isa in "${lesser_isas[@]}"; do
  WQLITE_MAX_ISA=$isa ctest --test-dir build/host --output-on-failure --parallel 2
done

section "C++ tests by Bazel, offline"
bazel_here build //delegate:libwq_delegate.so
bazel_here test //tests/...

section "C++ tests on ARMv7"
ctest --test-dir build/armv7/cmake --output-on-failure --parallel 2

# tests/armv7 starts itself under the rig.
section "Python tests on this machine and on ARMv7"
.venv/bin/python -m pytest --numprocesses 2 "$@"

# The parts of the suite that run the delegate here; the rest does not know the instruction set.
for isa in "${lesser_isas[@]}"; do
  section "Python tests of the delegate limited to $isa"
  WQLITE_MAX_ISA=$isa .venv/bin/python -m pytest --numprocesses 2 -k "not armv7" \
    tests/delegate tests/tools/commands tests/tools/evaluation tests/test_end_to_end.py
done

section "all tests passed"
