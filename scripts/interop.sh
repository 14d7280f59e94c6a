#!/usr/bin/env bash
# Usage: interop.sh
# Read every export with the tools that it is for. They want other versions of NumPy and OpenCV than
# we do, so they have an environment of their own, .cache/interop; it is kept while nothing changes.
set -euo pipefail
cd "$(dirname "$0")/.."

python=/usr/bin/python3
home=.cache/interop
stamp=$home/gleancam-stamp

state() {
  "$python" --version
  sha256sum tests/interop/requirements.txt tests/interop/constraints.txt
}

if [[ "$(state)" != "$(cat "$stamp" 2>/dev/null)" ]]; then
  echo "Making $home"
  "$python" -m venv --clear "$home"
  "$home/bin/python" -m pip install --quiet --disable-pip-version-check --no-compile \
    --constraint tests/interop/constraints.txt --requirement tests/interop/requirements.txt
  state >"$stamp"
fi

exports=$(mktemp --directory)
trap 'rm --recursive --force "$exports"' EXIT
PYTHONPATH=tests .venv/bin/python tests/interop/make_exports.py "$exports" >"$exports/log"
"$home/bin/python" -m pytest -c tests/interop/pytest.ini --rootdir tests/interop tests/interop \
  --exports "$exports"
