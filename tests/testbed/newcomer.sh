#!/usr/bin/env bash
# newcomer.sh: the image of a machine on which nothing of matinee is, for who tries it as the pages say; prints its name.
set -euo pipefail
cd "$(dirname "$0")"; . ./common.sh
IMAGE=matinee-newcomer:testbed
AUTHORITIES=${SSL_CERT_FILE:-/etc/ssl/certs/ca-certificates.crt}

exec 9>"$STATE/newcomer.lock"; flock 9
./bases.sh >&2
docker buildx build --progress plain --network host --load --secret "id=authorities,src=$AUTHORITIES" --tag $IMAGE \
  --file newcomer/Dockerfile ../.. >"$STATE/newcomer.log" 2>&1 || { tail -n 20 "$STATE/newcomer.log" >&2; die "the image cannot be built, see $STATE/newcomer.log"; }
echo $IMAGE
