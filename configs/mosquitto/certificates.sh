#!/usr/bin/env bash
# A small certificate authority for one broker: openssl and a folder.
#   ./certificates.sh authority DIR              ca.crt, ca.key (keep ca.key off the broker)
#   ./certificates.sh broker    DIR NAME...      server.crt, server.key for host names or addresses
#   ./certificates.sh client    DIR USER         USER.crt, USER.key; USER is SITE.NAME as in `acl`
#   ./certificates.sh revoke    DIR USER         ca.crl without it; restart or reload the broker
# DAYS=... how long a certificate is valid (825; the authority 3650).
set -euo pipefail
umask 077

usage() {
  sed -n '2,7s/^# //p' "$0" >&2
  exit 2
}

[[ $# -ge 2 ]] || usage
command=$1 folder=$2
shift 2
days=${DAYS:-825}
key=(-newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes)

fail() {
  echo "$0: $*" >&2
  exit 1
}

# What `openssl ca` needs to remember whom it revoked.
register() {
  cat >"$folder/ca.cnf" <<END
[ca]
default_ca = gleancam
[gleancam]
dir = $folder
database = $folder/ca.index
serial = $folder/ca.serial
crlnumber = $folder/ca.crlnumber
new_certs_dir = $folder
certificate = $folder/ca.crt
private_key = $folder/ca.key
default_md = sha256
default_crl_days = 3650
unique_subject = no
copy_extensions = none
policy = any
[any]
commonName = supplied
END
  : >"$folder/ca.index"
  echo 1000 >"$folder/ca.serial"
  echo 1000 >"$folder/ca.crlnumber"
}

list_revoked() {
  openssl ca -config "$folder/ca.cnf" -gencrl -out "$folder/ca.crl" 2>/dev/null
  chmod 0644 "$folder/ca.crl"
}

authority() {
  mkdir -p "$folder"
  [[ ! -e $folder/ca.key ]] || fail "$folder/ca.key is there: a new one would void every certificate"
  openssl req -x509 "${key[@]}" -days 3650 -subj "/CN=gleancam authority" \
    -addext "basicConstraints=critical,CA:TRUE,pathlen:0" \
    -addext "keyUsage=critical,keyCertSign,cRLSign" \
    -keyout "$folder/ca.key" -out "$folder/ca.crt" 2>/dev/null
  chmod 0644 "$folder/ca.crt"
  register
  list_revoked
}

# issue FILE COMMON_NAME EXTENSIONS
issue() {
  local file=$folder/$1
  [[ -e $folder/ca.key ]] || fail "no authority in $folder: $0 authority $folder"
  openssl req "${key[@]}" -subj "/CN=$2" -keyout "$file.key" -out "$file.csr" 2>/dev/null
  openssl ca -batch -notext -config "$folder/ca.cnf" -days "$days" \
    -extfile <(printf '%s\n' basicConstraints=CA:FALSE subjectKeyIdentifier=hash \
      authorityKeyIdentifier=keyid keyUsage=digitalSignature "$3") \
    -in "$file.csr" -out "$file.crt" 2>/dev/null || fail "the authority did not sign $1"
  rm "$file.csr"
  chmod 0644 "$file.crt"
}

broker() {
  [[ $# -ge 1 ]] || usage
  local names=()
  for name in "$@"; do
    if [[ "$name" =~ ^[0-9.]+$ || "$name" == *:* ]]; then
      names+=("IP:$name")
    else
      names+=("DNS:$name")
    fi
  done
  issue server "$1" "subjectAltName=$(IFS=, && echo "${names[*]}")
extendedKeyUsage=serverAuth"
}

client() {
  [[ $# -eq 1 && "$1" =~ ^[a-z0-9-]{1,31}\.[a-z0-9-]{1,32}$ ]] ||
    fail "a user is SITE.NAME, 64 characters at most"
  issue "$1" "$1" extendedKeyUsage=clientAuth
}

revoke() {
  [[ $# -eq 1 && -e $folder/$1.crt ]] || fail "no certificate of ${1:-nobody} in $folder"
  openssl ca -config "$folder/ca.cnf" -revoke "$folder/$1.crt" 2>/dev/null
  list_revoked
}

case $command in
  authority | broker | client | revoke) "$command" "$@" ;;
  *) usage ;;
esac
