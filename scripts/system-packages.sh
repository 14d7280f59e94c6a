#!/usr/bin/env bash
# Install the distribution's packages that gleancam needs (Debian 12, Ubuntu 22.04 and 24.04).
# With --tests also what the demo and the tests need. Says nothing when all are there.
set -euo pipefail

packages=(
  ca-certificates
  python3-venv
  python3-gi
  python3-gst-1.0
  gir1.2-gst-plugins-base-1.0
  gstreamer1.0-plugins-base
  gstreamer1.0-plugins-good
  gstreamer1.0-plugins-bad
  gstreamer1.0-libav
)
if [[ "${1:-}" == --tests ]]; then
  # A simulated camera, a broker, its clients (jq reads JSON beside them), promtool,
  # systemd-analyze, a compiler for the GPU kernel.
  packages+=(gir1.2-gst-rtsp-server-1.0 mosquitto mosquitto-clients jq prometheus systemd g++)
elif [[ $# -gt 0 ]]; then
  echo "usage: $0 [--tests]" >&2
  exit 2
fi

installed() {
  [[ "$(dpkg-query --show --showformat='${db:Status-Status}' "$1" 2>/dev/null)" == installed ]]
}

missing=()
for package in "${packages[@]}"; do
  installed "$package" || missing+=("$package")
done
# The demo's footage comes from a package that is downloaded, never installed: lists must be here.
lists_wanted() { [[ "${1:-}" == --tests ]] && ! apt-cache show opencv-doc >/dev/null 2>&1; }

if [[ ${#missing[@]} -eq 0 ]] && ! lists_wanted "$@"; then
  exit 0
fi

as_root=()
if [[ $EUID -ne 0 ]]; then
  command -v sudo >/dev/null || {
    echo "gleancam needs packages, and neither root nor sudo is here: ${missing[*]}" >&2
    exit 1
  }
  as_root=(sudo)
fi

if lists_wanted "$@"; then
  echo "Fetching the package lists."
  "${as_root[@]}" apt-get update --quiet
fi
[[ ${#missing[@]} -gt 0 ]] || exit 0

install_missing() {
  "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive \
    apt-get install --yes --quiet --no-install-recommends "${missing[@]}"
}

echo "Installing packages of the distribution: ${missing[*]}"
if ! install_missing; then
  echo "Trying again with fresh package lists."
  "${as_root[@]}" apt-get update --quiet
  install_missing
fi
