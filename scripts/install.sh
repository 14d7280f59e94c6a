#!/usr/bin/env bash
# Install gleancam on this machine: /opt/gleancam, /etc/gleancam/config.toml, a systemd unit.
# Run again to upgrade: the configuration, the models and the spool stay.
# DESTDIR=DIR puts the files below DIR and leaves this machine as it is.
# DEVICES=none|devices|jetson: which devices the service may open; found out when it is not set.
set -euo pipefail
cd "$(dirname "$0")/.."

root=${DESTDIR:-}
prefix=/opt/gleancam
python=/usr/bin/python3
gi=/usr/lib/python3/dist-packages/gi

say() { echo "install: $*"; }

need_root() {
  [[ -n "$root" || $EUID -eq 0 ]] || {
    echo "install: needs root: sudo make install" >&2
    exit 1
  }
}

build_wheel() {
  "$python" -m venv "$work/build"
  "$work/build/bin/python" -m pip wheel --quiet --disable-pip-version-check --no-deps \
    --wheel-dir "$work/wheel" .
}

make_venv() {
  local venv=$root$prefix
  # An upgrade of the distribution may bring another Python: then begin anew.
  if ! [[ -x $venv/bin/python && "$("$venv/bin/python" --version)" == "$("$python" --version)" ]]; then
    # shellcheck disable=SC2086 # flags are words
    "$python" -m venv --clear ${VENV_FLAGS:-} "$venv"
  fi
  local pip=("$venv/bin/python" -m pip install --quiet --disable-pip-version-check)
  "${pip[@]}" --constraint constraints.txt "$work"/wheel/*.whl
  # Again, alone: the same version may hold newer code.
  "${pip[@]}" --force-reinstall --no-deps "$work"/wheel/*.whl
  ln --symbolic --force --no-dereference "$gi" \
    "$("$venv/bin/python" -c 'import sysconfig; print(sysconfig.get_path("purelib"))')/gi"
}

forget_destdir() {
  # A virtual environment knows where it was made; below DESTDIR it must know where it will be.
  [[ -n "$root" ]] || return 0
  grep --recursive --files-with-matches --binary-files=without-match --fixed-strings \
    "$root$prefix" "$root$prefix/bin" "$root$prefix/pyvenv.cfg" |
    xargs --no-run-if-empty sed --in-place "s|$root$prefix|$prefix|g"
}

copy_files() {
  install -D --mode=0644 systemd/gleancam.service "$root/usr/lib/systemd/system/gleancam.service"
  install -D --mode=0644 systemd/gleancam.sysusers "$root/usr/lib/sysusers.d/gleancam.conf"
  install -D --mode=0644 systemd/gleancam.tmpfiles "$root/usr/lib/tmpfiles.d/gleancam.conf"
  install --directory "$root/usr/local/bin"
  ln --symbolic --force --no-dereference $prefix/bin/gleancam "$root/usr/local/bin/gleancam"
  install -D --mode=0644 configs/example.toml "$root$prefix/share/gleancam/example.toml"
  local config=$root/etc/gleancam/config.toml
  if [[ -e $config ]]; then
    say "keeping $config"
  else
    install -D --mode=0640 configs/minimal.toml "$config"
  fi
}

devices_here() {
  if [[ -n "${DEVICES:-}" ]]; then
    echo "$DEVICES"
  elif [[ -n "$root" ]]; then
    echo none
  elif [[ -e /etc/nv_tegra_release ]]; then
    echo jetson
  elif compgen -G '/dev/video*' >/dev/null || compgen -G '/dev/dri/renderD*' >/dev/null ||
    [[ -e /dev/nvidiactl ]]; then
    echo devices
  else
    echo none
  fi
}

open_devices() {
  local dropins=$root/usr/lib/systemd/system/gleancam.service.d wanted
  wanted=$(devices_here)
  rm --recursive --force "$dropins"
  [[ $wanted != none ]] || return 0
  install -D --mode=0644 "systemd/$wanted.conf" "$dropins/devices.conf"
  say "the service may open devices ($wanted.conf)"
}

make_user_and_folders() {
  if [[ -n "$root" ]]; then
    say "DESTDIR is set: user, groups and owners are left to systemd-sysusers and systemd-tmpfiles"
    return
  fi
  systemd-sysusers gleancam.conf
  systemd-tmpfiles --create gleancam.conf
}

reload_systemd() {
  if [[ -n "$root" || ! -d /run/systemd/system ]]; then
    say "no running systemd here: nothing to reload"
    return
  fi
  systemctl daemon-reload
  systemctl try-restart gleancam.service
}

need_root
work=$(mktemp --directory)
trap 'rm --recursive --force "$work"' EXIT
[[ -n "$root" ]] || scripts/system-packages.sh
say "building"
build_wheel
say "installing into $root$prefix"
make_venv
forget_destdir
copy_files
open_devices
make_user_and_folders
reload_systemd
say "done. Next: edit /etc/gleancam/config.toml, then"
say "  sudo -u gleancam gleancam models fetch tiny-vit-5m yolox-nano"
say "  sudo -u gleancam gleancam doctor --config /etc/gleancam/config.toml"
say "  sudo systemctl enable --now gleancam"
