#!/bin/sh
# seed | backup | drop: what becomes of the shop's data when its preview is deployed, stopped and deleted.
set -eu

ask() { echo "$*" | nc "$DB_HOST" "$DB_PORT"; }

seed() {
  while read -r name price; do
    ask put "$name" "$price"
    echo "$name costs $price"
  done </items
  key=$(ask get .key)                     # made once: a new one at each push would restart the web service
  if [ -z "$key" ]; then
    key=$(head -c 18 /dev/urandom | base64)
    ask put .key "$key"
  fi
  cat >/qovery-output/qovery-output.json <<JSON
{
  "BANNER": {"value": "$(wc -l </items) items fresh from the seed job", "description": "shown on the shop's page"},
  "API_KEY": {"value": "$key", "sensitive": true}
}
JSON
}

case "${1:-}" in
  seed) seed ;;
  backup) echo "kept: $(ask backup | xargs)" ;;
  drop) echo "dropped: $(ask drop | xargs)" ;;
  *) echo "usage: seed.sh seed|backup|drop" >&2; exit 2 ;;
esac
