#!/usr/bin/env bash
# bases.sh: what the bot's image and the newcomer's machine begin with. Pulled, or where that cannot be, debian:bookworm-slim is made of
# Debian's packages, and buildx of the engine's plugin.
set -euo pipefail
cd "$(dirname "$0")"; . ./common.sh
BASE=debian:bookworm-slim BUILDX=docker/buildx-bin:0.38.2

there() { docker image inspect "$1" >/dev/null 2>&1; }

pulled() { timeout 10 docker pull --quiet "$1" >/dev/null 2>&1; }

debian() {  # as the official one: without most of the documentation, also of what is installed later
  local mirror; packages debootstrap
  mirror=$(sed -n 's/^URIs: *//p' /etc/apt/sources.list.d/debian.sources 2>/dev/null | head -n 1)
  say "making $BASE, once, for about a minute and a half"
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
exec 9>"$STATE/bases.lock"; flock 9
there $BASE || pulled $BASE || debian
there $BUILDX || pulled $BUILDX || buildx
