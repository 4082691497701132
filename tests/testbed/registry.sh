#!/usr/bin/env bash
# registry.sh up|down: an image registry at 127.0.0.1:5000, with busybox in it for those who build where no engine is. Deletes are allowed.
set -euo pipefail
cd "$(dirname "$0")"; . ./common.sh
ADDRESS=127.0.0.1:5000
BUSYBOX=$ADDRESS/library/busybox:latest  # the path under which a mirror of Docker Hub is asked for `busybox`

answers() { curl -sf "http://$ADDRESS/v2/"; }

has_busybox() { curl -sfI -H 'Accept: application/vnd.docker.distribution.manifest.v2+json' "http://$ADDRESS/v2/library/busybox/manifests/latest"; }

up() {
  mkdir -p "$STATE/run"; exec 9>"$STATE/run/registry.lock"; flock 9  # whoever tests side by side asks for it side by side
  if ! answers >/dev/null; then
    packages docker-registry curl
    mkdir -p "$STATE/registry"
    cat >"$STATE/registry.yml" <<Y
version: 0.1
log: {level: warn}
storage: {filesystem: {rootdirectory: $STATE/registry}, delete: {enabled: true}}
http: {addr: ":5000"}
Y
    start registry docker-registry serve "$STATE/registry.yml" 9>&-
    wait_for registry 20 answers
    say "registry up" >&2
  fi
  if ! has_busybox >/dev/null; then
    docker tag busybox:latest "$BUSYBOX"
    docker push --quiet "$BUSYBOX" >/dev/null || die "busybox cannot be pushed to $BUSYBOX: is the engine another machine's?"
    docker rmi "$BUSYBOX" >/dev/null
    say "busybox:latest pushed" >&2
  fi
  echo "$ADDRESS"
}

case ${1:-} in
  up) up ;;
  down) stop registry ;;
  *) die "usage: registry.sh up|down" ;;
esac
