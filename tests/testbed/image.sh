#!/usr/bin/env bash
# image.sh: builds the bot's image by deploy/Dockerfile and pushes it to the testbed's registry; prints its name there, by digest, last.
set -euo pipefail
cd "$(dirname "$0")"; . ./common.sh
IMAGE=127.0.0.1:5000/matinee:testbed CLUSTERS=10.99.1.1:5000/matinee
AUTHORITIES=${SSL_CERT_FILE:-/etc/ssl/certs/ca-certificates.crt}

exec 9>"$STATE/image.lock"; flock 9
./registry.sh up >&2
./bases.sh >&2
before=$(docker image inspect --format '{{.Id}}' $IMAGE 2>/dev/null || true)
docker buildx build --progress plain --network host --load --secret "id=authorities,src=$AUTHORITIES" --tag $IMAGE \
  --file ../../deploy/Dockerfile ../.. >"$STATE/image.log" 2>&1 || { tail -n 20 "$STATE/image.log" >&2; die "the image cannot be built, see $STATE/image.log"; }
[ "$before" = "$(docker image inspect --format '{{.Id}}' $IMAGE)" ] || [ -z "$before" ] || docker rmi --force "$before" >/dev/null
docker push $IMAGE >"$STATE/push.log" 2>&1 || die "$IMAGE cannot be pushed: is the engine another machine's?"
echo "$CLUSTERS@$(sed -n 's/.* digest: \(sha256:[0-9a-f]*\) .*/\1/p' "$STATE/push.log")"
