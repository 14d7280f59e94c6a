#!/usr/bin/env bash
# Print what mosquitto's access list must say for one user; append it to `acl`:
#   ./grant.sh device   north-yard orin-1   >> acl    user north-yard.orin-1
#   ./grant.sh consumer north-yard archive  >> acl    user north-yard.archive
#   ./grant.sh operator north-yard anna     >> acl    user north-yard.anna
# PREFIX=... for another mqtt.prefix than gleancam.
set -euo pipefail

usage() {
  echo "usage: $0 device|consumer|operator SITE NAME" >&2
  exit 2
}

[[ $# -eq 3 ]] || usage
role=$1 site=$2 name=$3 prefix=${PREFIX:-gleancam}
for id in "$site" "$name" "$prefix"; do
  [[ "$id" =~ ^[a-z0-9-]{1,64}$ ]] || {
    echo "$0: ${id@Q}: use 1 to 64 of a to z, 0 to 9 and -" >&2
    exit 2
  }
done
root=$prefix/v1/$site

heading() { printf "\n# %s\nuser %s.%s\n" "$1" "$site" "$name"; }
reads() { printf "topic read $root/%s\n" "$@"; }
writes() { printf "topic write $root/%s\n" "$@"; }
what_devices_say() {
  reads '+/status' '+/info' '+/stats' '+/reported' '+/cam/+/status' '+/cam/+/sample' \
    '+/cam/+/image/+' '+/cam/+/event' '+/cmd/+/result' '+/cmd/+/result/+'
}

case $role in
  device)
    [[ "$name" != ingest ]] || { echo "$0: no device may be called ingest" >&2; exit 2; }
    heading "The device $name at the site $site."
    writes "$name"/{status,info,stats,reported} "$name"/cam/+/{status,sample,event} \
      "$name/cam/+/image/+" "$name/cmd/+"/{result,result/+}
    reads "$name"/{ack,desired,cmd/+} 'ingest/+/status'
    ;;
  consumer)
    heading "The consumer $name of the site $site: reads its devices, acknowledges."
    what_devices_say
    writes '+/ack' "ingest/$name/status"
    ;;
  operator)
    heading "The operator $name of the site $site: reads, commands, configures."
    what_devices_say
    reads 'ingest/+/status'
    writes '+/cmd/+' '+/desired'
    ;;
  *) usage ;;
esac
