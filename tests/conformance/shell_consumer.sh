#!/usr/bin/env bash
# A consumer made of mosquitto_sub, mosquitto_pub and jq.
#   shell_consumer.sh PORT PROTOCOL SITE FOLDER     (PROTOCOL: 5 or 311)
# It says `ready` and waits for a line; then it begins. What is to be killed is mosquitto_sub: its
# process id is written to FOLDER/pid.
set -uo pipefail
port=$1 protocol=$2 site=$3 folder=$4
mkdir -p "$folder/safe"
presence="gleancam/v1/$site/ingest/shell/status"
camera="gleancam/v1/$site/+/cam/+"
ts=2025-01-31T12:00:00.000000000Z
session=(-h 127.0.0.1 -p "$port" -V "$protocol" -i "shell-$site" -c -q 1)
[[ "$protocol" == 5 ]] && session+=(-x 604800)
topics=(-t "$camera/sample" -t "$camera/event" -t "$camera/image/+")

publish() { mosquitto_pub -h 127.0.0.1 -p "$port" -V "$protocol" -q 1 "$@"; }
bytes() { [[ -z "$1" ]] || printf '%b' "$(fold -w 2 <<<"$1" | sed 's/^/\\x/' | tr -d '\n')"; }
is_id() { [[ "$1" =~ ^[a-z0-9-]{1,64}$ ]]; }
ack() { publish -t "$1/ack" -m "{\"ids\": [\"$2\"]}"; }

# Says whether the image belongs to the manifest.
agrees() {
  local wanted found
  wanted=$(jq -r '.image.sha256' "$folder/$1.json")
  found=$(sha256sum <"$folder/$1.jpg")
  [[ "$wanted" == "${found%% *}" ]]
}

held() { [[ "$(jq -r '.image.delivery' "$folder/$1.json")" == held ]]; }

settle() { # root, id: acknowledge what is whole and written
  local root=$1 id=$2
  [[ -f "$folder/$id.json" ]] || return 0
  if ! held "$id"; then
    [[ -f "$folder/$id.jpg" ]] && agrees "$id" || return 0
  fi
  sync "$folder/$id".* "$folder"
  ack "$root" "$id"
}

take_manifest() { # root, file with the payload
  local id
  jq -ce 'if has("specversion") then .data else . end' <"$2" >"$folder/new" 2>/dev/null || return 0
  id=$(jq -re '.sample_id | strings' <"$folder/new" 2>/dev/null) || return 0
  is_id "$id" && jq -e '.image.sha256 | strings' <"$folder/new" >/dev/null 2>&1 || return 0
  mv "$folder/new" "$folder/$id.json"
  settle "$1" "$id"
}

take_event() {
  local id
  id=$(jq -re 'if has("specversion") then .data else . end | .event_id | strings' \
    <"$2" 2>/dev/null) || return 0
  is_id "$id" || return 0
  cp "$2" "$folder/safe/$id.json" && sync "$folder/safe/$id.json" && ack "$1" "$id"
}

take_image() { # root, id, file
  cp "$3" "$folder/$2.jpg"
  if [[ -f "$folder/$2.json" ]] && held "$2"; then
    agrees "$2" && ack "$1" "$2-image"
  else
    settle "$1" "$2"
  fi
}

echo ready
read -r _
# The session and its subscriptions first, then presence: nothing is missed in between.
mosquitto_sub "${session[@]}" "${topics[@]}" -E
exec 3< <(exec mosquitto_sub "${session[@]}" "${topics[@]}" -F '%t %x' --will-topic "$presence" \
  --will-payload "{\"online\": false, \"ts\": \"$ts\"}" --will-qos 1 --will-retain)
echo $! >"$folder/pid"
publish -r -t "$presence" -m "{\"online\": true, \"ts\": \"$ts\"}"

while read -r topic payload <&3; do
  IFS=/ read -r prefix version _ device _ _ kind id <<<"$topic"
  root="$prefix/$version/$site/$device"
  bytes "$payload" >"$folder/payload"
  case "$kind" in
    sample) take_manifest "$root" "$folder/payload" ;;
    event) take_event "$root" "$folder/payload" ;;
    image) take_image "$root" "$id" "$folder/payload" ;;
  esac
done
