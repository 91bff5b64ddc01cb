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

# One build for tests and fuzz targets; where threads meet, a second one.
sanitized=(-G Ninja -S . -DCMAKE_CXX_COMPILER=clang++-14 -DWQ_BUILD_TESTS=ON -DWQ_WERROR=ON)
threaded=(c_api_test conv1d_test delegate_test graph_test winograd_s8_test) # threads_test replaces pthread_create itself
section "C++ tests under AddressSanitizer and UndefinedBehaviorSanitizer"
run_logged asan_build cmake "${sanitized[@]}" -B build/asan -DWQ_SANITIZE=address,undefined -DWQ_BUILD_FUZZERS=ON
run_logged asan_build cmake --build build/asan
ctest --test-dir build/asan --output-on-failure --parallel 2

section "C++ tests with threads under ThreadSanitizer"
run_logged tsan_build cmake "${sanitized[@]}" -B build/tsan -DWQ_SANITIZE=thread
run_logged tsan_build cmake --build build/tsan --target "${threaded[@]}"
ctest --test-dir build/tsan --output-on-failure --parallel 2 \
  --no-tests=error --tests-regex "^($(IFS='|' && echo "${threaded[*]}"))\$"

section "fuzzing"
tools/fuzz.py --seconds "${WQ_FUZZ_SECONDS:-25}"

section "C++ tests by Bazel, offline"
bazel_here build //delegate:libwq_delegate.so //delegate/example:run_model
bazel_here test //tests/...

section "C++ tests on ARMv7 and AArch64"
for machine in armv7 aarch64; do
  ctest --test-dir build/$machine/cmake --output-on-failure --parallel 2
done

section "Android archive and sample app"
tools/android/build_aar.sh
tools/android/build_sample.sh --tests

section "wheels and Debian packages"
run_logged wheels tools/release/wheels.sh
for architecture in armhf arm64; do
  run_logged "deb_$architecture" tools/release/deb.sh "$architecture"
done

# tests/armv7 starts itself under the rig.
section "Python tests on this machine and on ARMv7"
.venv/bin/python -m pytest --numprocesses 2 --durations=40 "$@"

# What compares bytes here, or plans; the rest does not know the instruction set.
by_isa=(tests/delegate/test_{delegate_conv1d,isa,operator,plan,random_layers,rounding,tiles,unary,verify,winograd_s8}.py
  tests/tools/evaluation tests/test_end_to_end.py)
for isa in "${lesser_isas[@]}"; do
  section "Python tests of the delegate limited to $isa"
  WQLITE_MAX_ISA=$isa .venv/bin/python -m pytest --numprocesses 2 -k "not armv7 and not arm64" "${by_isa[@]}"
done

section "all tests passed"
