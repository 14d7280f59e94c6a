#!/usr/bin/env bash
# Choose the newest versions of all dependencies for every supported Python, and pin them.
set -euo pipefail
cd "$(dirname "$0")/.."

temporary=$(mktemp)
trap 'rm --force "$temporary"' EXIT

# Usage: pin TITLE FILE ARGUMENT...
pin() {
  local title=$1 file=$2
  shift 2
  # `--upgrade`: the file of before is no preference. `--no-emit-*`: no address of any registry.
  .venv/bin/uv pip compile --quiet --universal --python-version 3.10 --upgrade \
    --python .venv/bin/python --no-python-downloads \
    --no-emit-package gleancam --no-emit-index-url --no-annotate \
    --no-header "$@" --output-file "$temporary"
  {
    echo "# Exact versions of $title. Refresh: make constraints"
    grep --invert-match "sys_platform == 'win32'" "$temporary"
  } >"$file"
}

# shellcheck disable=SC2016 # the backquotes are prose
pin 'everything `make venv` installs' constraints.txt \
  --extra dev --extra demo --extra toolchain --extra bench pyproject.toml
# shellcheck disable=SC2016 # as above
pin 'the readers of `make test-interop`' tests/interop/constraints.txt \
  tests/interop/requirements.txt
