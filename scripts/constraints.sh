#!/usr/bin/env bash
# Choose the newest versions of all dependencies for every supported Python, and pin them.
set -euo pipefail
cd "$(dirname "$0")/.."

temporary=$(mktemp)
trap 'rm --force "$temporary"' EXIT
# `--upgrade`: the file of before is no preference. `--no-emit-*`: no address of any registry.
.venv/bin/uv pip compile --quiet --universal --python-version 3.10 --upgrade \
  --python .venv/bin/python --no-python-downloads \
  --extra dev --extra demo --extra toolchain --extra bench --no-emit-package gleancam --no-emit-index-url --no-annotate \
  --no-header pyproject.toml --output-file "$temporary"
{
  # shellcheck disable=SC2016 # the backquotes are prose
  echo '# Exact versions of everything `make venv` installs. Refresh: make constraints'
  grep --invert-match "sys_platform == 'win32'" "$temporary"
} >constraints.txt
