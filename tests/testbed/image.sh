#!/usr/bin/env bash
# image.sh: builds the bot's image by deploy/Dockerfile and pushes it to the testbed's registry; prints its name there, by digest, last.
# Where its bases cannot be pulled they are made: debian:bookworm-slim of Debian's packages, buildx of the engine's plugin.
set -euo pipefail
cd "$(dirname "$0")"; . ./common.sh
IMAGE=127.0.0.1:5000/matinee:testbed CLUSTERS=10.99.1.1:5000/matinee
BASE=debian:bookworm-slim BUILDX=docker/buildx-bin:0.38.2
AUTHORITIES=${SSL_CERT_FILE:-/etc/ssl/certs/ca-certificates.crt}

there() { docker image inspect "$1" >/dev/null 2>&1; }

pulled() { timeout 10 docker pull --quiet "$1" >/dev/null 2>&1; }

debian() {  # as the official one: without most of the documentation, also of what is installed later
  local mirror; packages debootstrap >&2
  mirror=$(sed -n 's/^URIs: *//p' /etc/apt/sources.list.d/debian.sources 2>/dev/null | head -n 1)
  say "making $BASE, once, for about a minute and a half" >&2
  debootstrap --variant=minbase bookworm "$room/root" ${mirror:+"$mirror"} >"$STATE/debootstrap.log" || die "no Debian could be made, see $STATE/debootstrap.log"
  (
    cd "$room/root"
    printf 'path-exclude /usr/share/%s/*\n' doc man locale info lintian >etc/dpkg/dpkg.cfg.d/docker
    echo 'path-include /usr/share/doc/*/copyright' >>etc/dpkg/dpkg.cfg.d/docker
    find usr/share/doc -type f ! -name copyright -delete
    rm -rf usr/share/{man,locale,info,lintian}/* var/lib/apt/lists/* var/cache/apt/*
    grep -ls '^Acquire::' /etc/apt/apt.conf.d/* | xargs -r cp -t etc/apt/apt.conf.d
  )
  tar -C "$room/root" -c . | docker import -c 'ENV PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin' -c 'CMD ["bash"]' - $BASE >/dev/null
}

buildx() {
  local plugin
  for plugin in ~/.docker/cli-plugins /usr/local/libexec/docker/cli-plugins /usr/libexec/docker/cli-plugins /usr/lib/docker/cli-plugins; do
    [ ! -x "$plugin/docker-buildx" ] || break
  done
  cp "$plugin/docker-buildx" "$room/buildx"
  printf 'FROM scratch\nCOPY buildx /buildx\n' | docker buildx build --quiet --load --tag $BUILDX --file - "$room" >/dev/null
}

room=$(mktemp -d); trap 'rm -rf "$room"' EXIT
exec 9>"$STATE/image.lock"; flock 9
./registry.sh up >&2
there $BASE || pulled $BASE || debian
there $BUILDX || pulled $BUILDX || buildx
before=$(docker image inspect --format '{{.Id}}' $IMAGE 2>/dev/null || true)
docker buildx build --progress plain --network host --load --secret "id=authorities,src=$AUTHORITIES" --tag $IMAGE \
  --file ../../deploy/Dockerfile ../.. >"$STATE/image.log" 2>&1 || { tail -n 20 "$STATE/image.log" >&2; die "the image cannot be built, see $STATE/image.log"; }
[ "$before" = "$(docker image inspect --format '{{.Id}}' $IMAGE)" ] || [ -z "$before" ] || docker rmi --force "$before" >/dev/null
docker push $IMAGE >"$STATE/push.log" 2>&1 || die "$IMAGE cannot be pushed: is the engine another machine's?"
echo "$CLUSTERS@$(sed -n 's/.* digest: \(sha256:[0-9a-f]*\) .*/\1/p' "$STATE/push.log")"
