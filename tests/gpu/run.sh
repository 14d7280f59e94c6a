#!/usr/bin/env bash
# Usage: tests/gpu/run.sh [--models DIR] [--images DIR] [--json FILE] [--seconds S] [NAME …]
# On a machine with an NVIDIA GPU: builds pycuda, compiles the preprocessing kernel and runs it,
# compiles, verifies, tests and measures models (NAME …, or those of the demo) with TensorRT where
# it is installed, and ends in one table. What cannot run is in the table too, with the reason.
# Exit codes: 0 all that could run went well; 1 something failed; 2 the environment could not be
# made; 3 there is no usable GPU.
#   PYTHON=/usr/bin/python3.10   makes the virtual environment; its TensorRT is seen in there
#   VENV=DIR                     where the environment is, or is made; one that is there is kept
#   WHEELS=DIR PIP_NO_INDEX=1    install from wheels and sdists in DIR (hatchling and editables too),
#                                without an index
set -euo pipefail
if [[ -n "${WHEELS:-}" ]]; then
  WHEELS=$(realpath "$WHEELS")
  export WHEELS
fi
cd "$(dirname "$0")/../.."

venv=${VENV:-.cache/gpu-venv}
pip=(-m pip install --quiet --disable-pip-version-check)
if [[ -n "${WHEELS:-}" ]]; then
  pip+=(--find-links "$WHEELS")
fi

make_environment() {
  "${PYTHON:-python3}" -m venv --system-site-packages "$venv" &&
    "$venv/bin/python" "${pip[@]}" --editable . onnx hypothesis pytest pytest-randomly pytest-timeout
}

if ! "$venv/bin/python" -c 'import gleancam_engines, onnx, pytest, hypothesis' 2>/dev/null; then
  echo "Making $venv" >&2
  make_environment || {
    echo "$venv could not be made; see above, and the variables at the top of $0" >&2
    exit 2
  }
fi
# Paths are given from where the script was called.
python=$(realpath --no-symlinks "$venv/bin/python")
cd "$OLDPWD"
PYTHONPATH=$(dirname "$(dirname "$(realpath "$0")")") exec "$python" -m gpu.prove "$@"
