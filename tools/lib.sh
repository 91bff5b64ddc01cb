# shellcheck shell=bash
# Shared by the set-up scripts: source it. Everything that is made goes below build/ and .venv/.

wq_root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
wq_venv=$wq_root/.venv
wq_logs=$wq_root/build/logs
# The one place of the version is CMakeLists.txt.
# shellcheck disable=SC2034 # for those who source this
wq_version=$(sed -n 's/^project(wqlite VERSION \([0-9.]*\).*/\1/p' "$wq_root/CMakeLists.txt")

die() {
  printf 'error: %s\n' "$*" >&2
  exit 1
}

# hash_of WORD-OR-PATH...: one hash over words, files and the files below folders.
hash_of() {
  local item
  for item in "$@"; do
    if [[ -e $item ]]; then
      find "$item" -name __pycache__ -prune -o -type f -print0 | LC_ALL=C sort -z | xargs -0 -r sha256sum
    else
      printf '%s\n' "$item"
    fi
  done | sha256sum | cut -d' ' -f1
}

# step STAMP MESSAGE HASH COMMAND...: runs COMMAND, its output in build/logs, unless STAMP says
# that it was done for the same HASH. The stamp lies beside what the step makes, so that both go together.
step() {
  local stamp=$1 message=$2 hash=$3
  shift 3
  if [[ -f $stamp && $(<"$stamp") == "$hash" ]]; then
    printf 'ok    %s\n' "$message"
    return
  fi
  printf 'doing %s\n' "$message"
  rm -f "$stamp"
  run_logged "$(basename "$stamp")" "$@"
  mkdir -p "$(dirname "$stamp")"
  printf '%s\n' "$hash" >"$stamp"
}

# run_logged NAME COMMAND...: the command's output goes to a file and is shown only when it fails.
run_logged() {
  local log=$wq_logs/$1.log status
  shift
  mkdir -p "$wq_logs"
  # A subshell of its own and no `||`: bash ignores `set -e` inside a tested command.
  set +e
  (
    set -e
    "$@"
  ) >"$log" 2>&1
  status=$?
  set -e
  if ((status)); then
    tail -n 40 "$log" >&2
    die "'$*' failed with exit code $status; all of its output is in $log"
  fi
}

# compiler_cache: what several builds compile alike (the package, the tests, wheels, Debian packages) is compiled
# once, where ccache is installed. The user's own launcher and folder go first.
compiler_cache() {
  if command -v ccache >/dev/null; then
    export CMAKE_CXX_COMPILER_LAUNCHER=${CMAKE_CXX_COMPILER_LAUNCHER-ccache} CCACHE_DIR=${CCACHE_DIR-$wq_root/build/ccache}
  fi
}
compiler_cache

# debian_packages PACKAGE...: installs those that are missing.
debian_packages() {
  local package missing=() as_root=()
  for package in "$@"; do
    [[ $(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null) == installed ]] || missing+=("$package")
  done
  if ((${#missing[@]} == 0)); then
    printf 'ok    Debian packages\n'
    return
  fi
  if ((EUID)); then
    command -v sudo >/dev/null || die "these Debian packages are missing and need root (no sudo here): ${missing[*]}"
    as_root=(sudo)
  fi
  printf 'doing Debian packages: %s\n' "${missing[*]}"
  run_logged apt_update "${as_root[@]}" apt-get update
  run_logged apt_install "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends "${missing[@]}"
}

# python311: prints a Python 3.11 that can make virtual environments.
# Python 3.11 because tflite-runtime 2.14, the last with 32-bit ARM wheels, has none for a later one.
python311() {
  local candidate
  for candidate in python3.11 python3 /usr/bin/python3; do
    if "$candidate" -c 'import ensurepip, sys; sys.exit(sys.version_info[:2] != (3, 11))' 2>/dev/null; then
      command -v "$candidate"
      return
    fi
  done
  die "Python 3.11 with its venv module is needed (Debian 12: python3 and python3-venv)"
}

# python_environment: .venv with what the package is built with.
python_environment() {
  local python requirements
  python=$(python311)
  requirements=$("$python" - "$wq_root/pyproject.toml" <<'PY'
import sys, tomllib
with open(sys.argv[1], "rb") as file:
    print("\n".join(tomllib.load(file)["build-system"]["requires"]))
PY
  )
  step "$wq_venv/stamps/environment" "Python environment" "$(hash_of "$python" "$requirements")" \
    make_environment "$python" "$requirements"
}

make_environment() {
  local requirements
  "$1" -m venv "$wq_venv"
  mapfile -t requirements <<<"$2"
  "$wq_venv/bin/pip" install "${requirements[@]}"
}

# maven_dependency GOAL ARGUMENT...: a goal of Maven's plug-in for dependencies, copy or copy-dependencies.
maven_dependency() {
  command -v mvn >/dev/null || debian_packages maven
  mvn --quiet --batch-mode "org.apache.maven.plugins:maven-dependency-plugin:3.8.1:$1" "${@:2}"
}

# maven_artifact GROUP:ARTIFACT:VERSION:TYPE[:CLASSIFIER] FOLDER: that file of Maven Central, whole or not at all.
maven_artifact() {
  local partial
  mkdir -p "$2"
  partial=$(mktemp -d "$2/partial.XXXXXX")
  maven_dependency copy -Dartifact="$1" -DoutputDirectory="$partial"
  mv "$partial"/* "$2/"
  rmdir "$partial"
}
