#!/usr/bin/env bash
# Remove gleancam. The configuration, the models and the spool stay unless --purge is given.
# DESTDIR=DIR removes what `make install DESTDIR=DIR` put there.
set -euo pipefail

root=${DESTDIR:-}

if [[ -z "$root" && $EUID -ne 0 ]]; then
  echo "uninstall: needs root: sudo make uninstall" >&2
  exit 1
fi
if [[ -z "$root" && -d /run/systemd/system && -e /usr/lib/systemd/system/gleancam.service ]]; then
  systemctl disable --now gleancam.service
fi
rm --recursive --force "$root/opt/gleancam" "$root/usr/lib/systemd/system/gleancam.service.d"
rm --force \
  "$root/usr/lib/systemd/system/gleancam.service" \
  "$root/usr/lib/sysusers.d/gleancam.conf" \
  "$root/usr/lib/tmpfiles.d/gleancam.conf" \
  "$root/usr/local/bin/gleancam"
if [[ -z "$root" && -d /run/systemd/system ]]; then
  systemctl daemon-reload
fi
if [[ "${1:-}" == --purge ]]; then
  rm --recursive --force "$root/etc/gleancam" "$root/var/lib/gleancam"
else
  echo "uninstall: kept $root/etc/gleancam and $root/var/lib/gleancam (--purge removes them)"
fi
