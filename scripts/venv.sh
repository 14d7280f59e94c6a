#!/usr/bin/env bash
# Usage: venv.sh [EXTRA]
# Make .venv from the distribution's Python, with its `gi` linked in, and install the checkout,
# with the extra of that name besides. Does nothing when nothing has changed. VENV_FLAGS=--system-site-packages lets all of the
# distribution's Python packages in (a Jetson's TensorRT).
set -euo pipefail
cd "$(dirname "$0")/.."

# The Python that the distribution's `gi` was built for.
python=/usr/bin/python3
gi=/usr/lib/python3/dist-packages/gi
extra=${1:-dev}
stamp=.venv/gleancam-stamp-$extra

state() {
  echo "$PWD" "$("$python" --version)" "${VENV_FLAGS:-}"
  sha256sum pyproject.toml constraints.txt
}

if [[ -x .venv/bin/python && "$(state)" == "$(cat "$stamp" 2>/dev/null)" ]]; then
  exit 0
fi

if ! [[ -x .venv/bin/python && "$(.venv/bin/python --version)" == "$("$python" --version)" ]]; then
  echo "Making .venv with $("$python" --version)"
  # shellcheck disable=SC2086 # flags are words
  "$python" -m venv --clear ${VENV_FLAGS:-} .venv
fi
site=$(.venv/bin/python -c 'import sysconfig; print(sysconfig.get_path("purelib"))')
ln --symbolic --force --no-dereference "$gi" "$site/gi"
.venv/bin/python -m pip install --quiet --disable-pip-version-check \
  --constraint constraints.txt --editable ".[dev,demo,$extra]"
state >"$stamp"
