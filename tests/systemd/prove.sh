#!/usr/bin/env bash
# Inside the container: install, run, hang, kill, restart, stop, misconfigure, remove.
# Writes /proof/report, a line a claim, and /proof/code: 0 when every claim holds.
set -uo pipefail
exec >/proof/log 2>&1
code=1
trap 'echo "$code" >/proof/code' EXIT

claim() { # what it says, then the command that must succeed
  local what=$1
  shift
  if "$@"; then
    echo "ok    $what" >>/proof/report
  else
    echo "FALSE $what" >>/proof/report
    journalctl --unit=gleancam --no-pager --lines=60
    exit
  fi
}

within() { # seconds, then the command that must succeed by then
  local end=$((SECONDS + $1))
  shift
  until "$@"; do
    ((SECONDS < end)) || return 1
    sleep 0.5
  done
}

shown() { systemctl show gleancam --property="$1" --value; }
is() { [[ $(shown "$1") == "$2" ]]; }
samples() { find /var/lib/gleancam/samples -name '*.jpg' 2>/dev/null | wc --lines; }
more_than() { (($(samples) > $1)); }
restarts_above() { (($(shown NRestarts) > $1)); }
another_pid() { [[ $(shown MainPID) != "$1" ]] && is ActiveState active; }

configure() {
  cat >/etc/gleancam/config.toml <<TOML
site = "yard"
device = "d-1"
[[cameras]]
id = "ball"
source = "test"
fps = 4.0
[selection.random]
rate = "100000/hour"
[directory]
path = "/var/lib/gleancam/samples"
TOML
}

give_models() {
  mkdir --parents /var/lib/gleancam/models
  cp --recursive /models/* /var/lib/gleancam/models/
  chown --recursive gleancam:gleancam /var/lib/gleancam
}

claim "make install" make --directory=/src install
configure
give_models
# The unit's minute would make this long; everything else is as installed.
mkdir --parents /etc/systemd/system/gleancam.service.d
printf '[Service]\nWatchdogSec=15\nRestartSec=1\n' >/etc/systemd/system/gleancam.service.d/quick.conf
systemctl daemon-reload

claim "doctor finds nothing that stops it" \
  runuser --user gleancam -- gleancam doctor --config /etc/gleancam/config.toml
claim "systemctl enable --now waits until it is ready" systemctl enable --now gleancam
claim "it is active, as its own user" is ActiveState active
claim "samples come" within 60 more_than 3
claim "it says that it is alive" within 30 test -n "$(shown WatchdogTimestamp)"

pid=$(shown MainPID)
kill -STOP "$pid"
claim "one that hangs is killed by the watchdog and started again" within 60 another_pid "$pid"
claim "systemd says why" \
  bash -c 'journalctl --unit=gleancam --no-pager | grep --quiet "Watchdog timeout"'
count=$(samples)
claim "and samples come again" within 60 more_than "$count"

pid=$(shown MainPID)
kill -KILL "$pid"
claim "one that is killed is started again" within 60 another_pid "$pid"
count=$(samples)
claim "and samples come again" within 60 more_than "$count"
claim "its spool is whole" runuser --user gleancam -- \
  gleancam spool fsck --config /etc/gleancam/config.toml

claim "systemctl stop" systemctl stop gleancam
claim "it ended in order" is ExecMainStatus 0
claim "and is inactive, not failed" is ActiveState inactive

echo 'nonsense = 1' >>/etc/gleancam/config.toml
systemctl start gleancam
claim "a wrong configuration ends it with 2" within 30 is ExecMainStatus 2
sleep 5
claim "and it is left alone" is ActiveState failed
configure
claim "a right one starts it again" systemctl restart gleancam

systemctl stop gleancam
claim "make uninstall" make --directory=/src uninstall
claim "the configuration and the spool stay" \
  test -e /etc/gleancam/config.toml -a -e /var/lib/gleancam/spool.db
code=0
