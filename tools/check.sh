#!/usr/bin/env bash
# Checks format, lint, types and the source lists, all of them even when one fails.
# `tools/check.sh --fix` puts right what a tool can put right first.
set -euo pipefail
# shellcheck source=tools/lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
cd "$wq_root"
case "$#:${1:-}" in
  0: | 1:--fix) ;;
  *) die "usage: tools/check.sh [--fix]" ;;
esac
PATH=$wq_venv/bin:$PATH

mapfile -t cpp < <(find delegate tests tools -name '*.cc' -o -name '*.h' -o -name '*.c')
mapfile -t shell < <(grep -rlE '^#!.*bash' tools .ci)

if [[ ${1:-} == --fix ]]; then
  tools/check_sources.py --fix
  clang-format -i "${cpp[@]}"
  ruff check --fix --quiet . || true # what is left is reported below
  ruff format --quiet .
fi

# mypy sees the package under its installed name: links below build/, not what .venv happens to hold.
types=build/types
rm -rf $types
mkdir -p $types/wqlite/tools
for package in converter models tools/commands tools/evaluation; do
  ln -s "$wq_root/$package" "$types/wqlite/$package"
done
ln -s "$wq_root/delegate/python" "$types/wqlite/delegate"

failed=()
check() {
  local name=$1
  shift
  printf '== %s\n' "$name"
  "$@" || failed+=("$name")
}
check "source lists" tools/check_sources.py
check clang-format clang-format --dry-run -Werror "${cpp[@]}"
check "ruff format" ruff format --check --quiet --diff .
check "ruff check" ruff check --quiet .
check mypy env MYPYPATH=$types:. mypy --package wqlite \
  --package tools.rig --package tools.experiments --module tools.check_sources --module tools.fuzz --package tests
check shellcheck shellcheck --external-sources "${shell[@]}"
((${#failed[@]} == 0)) || die "failed: ${failed[*]}"
