#!/usr/bin/env bash
# Install and run the service under a real systemd, in a container (systemd-nspawn), as root.
# usage: boot.sh [FOLDER]   where the container's root is made, once, and used again
# Needs debootstrap and systemd-container. Ends with what prove.sh ends with, or 1.
set -euo pipefail
cd "$(dirname "$0")/../.."

folder=$(realpath --canonicalize-missing "${1:-.cache/nspawn}")
root=$folder/root

need() {
  [[ $EUID -eq 0 ]] || { echo "boot: needs root" >&2; exit 1; }
  command -v debootstrap systemd-nspawn >/dev/null || {
    echo "boot: apt-get install debootstrap systemd-container" >&2
    exit 1
  }
}

make_root() {
  [[ -e $folder/made ]] && return
  echo "boot: making a Debian 12 in $root (minutes, once)"
  rm --recursive --force "$root"
  mkdir --parents "$root"
  debootstrap --variant=minbase \
    --include=systemd,systemd-sysv,dbus,ca-certificates,make,procps,python3-venv \
    bookworm "$root" >"$folder/debootstrap.log"
  touch "$folder/made"
}

# The wheels that pip would fetch, so that the container needs no index.
gather_wheels() {
  .venv/bin/python -m pip wheel --quiet --disable-pip-version-check \
    --constraint constraints.txt --wheel-dir "$root/wheels" . hatchling
}

fill_root() {
  rm --recursive --force "$root/src" "$root/proof" "$root/opt/gleancam" "$root/var/lib/gleancam"
  rm --force "$root/etc/gleancam/config.toml"
  mkdir --parents "$root/src" "$root/proof" "$root/models"
  git ls-files -z --cached --others --exclude-standard |
    tar --create --null --files-from=- | tar --extract --directory "$root/src"
  cp --recursive --dereference .cache/models/{tiny-vit-5m,yolox-nano} "$root/models/"
  gather_wheels
  install -D --mode=0755 tests/systemd/prove.sh "$root/prove.sh"
  install -D --mode=0644 tests/systemd/prove.service "$root/etc/systemd/system/prove.service"
  mkdir --parents "$root/etc/systemd/system/multi-user.target.wants"
  ln --symbolic --force ../prove.service "$root/etc/systemd/system/multi-user.target.wants/"
}

need
make_root
fill_root
timeout --signal=TERM --kill-after=30 1500 systemd-nspawn --quiet --register=no --keep-unit --boot \
  --console=pipe --resolv-conf=copy-host --directory="$root" >"$folder/console.log" 2>&1 || true
cat "$root/proof/report" || { tail --lines=40 "$folder/console.log"; exit 1; }
exit "$(cat "$root/proof/code")"
