#!/usr/bin/env bash
# Installs what is needed and runs the main job on real audio: see tools/experiments/demo.py.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
tools/setup.sh
exec .venv/bin/python -m tools.experiments.demo "$@"
