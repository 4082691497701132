#!/usr/bin/env bash
# buildkit.sh up|down|image: a current BuildKit daemon of our own, beside whatever the engine embeds.
#   up     buildkitd on this host, on a socket and with TLS on 127.0.0.1:12340; prints the socket's address last
#   image  pushes buildkit:1 to the testbed's registry, to run inside a cluster as a privileged pod; prints its name there last
set -euo pipefail
cd "$(dirname "$0")"; . ./common.sh
IMAGE=127.0.0.1:5000/buildkit:1 CLUSTERS=10.99.1.1:5000/buildkit:1  # one registry, by the names that this host and a cluster have for it
SOCKET=$STATE/run/buildkitd.sock
TLS=$STATE/buildkit-tls

build() {
  if [ -x "$BIN/buildkitd" ]; then return; fi
  command -v go >/dev/null || die "buildkitd is missing: install Go to build it here"
  say "building buildkitd, once, for about two minutes" >&2
  (cd buildkit && CGO_ENABLED=0 go build -trimpath -ldflags "-s -w" -o "$BIN/buildkitd" github.com/moby/buildkit/cmd/buildkitd)
}

certificates() {  # an authority, and one certificate of it for both sides
  if [ -s "$TLS/key.pem" ]; then return; fi
  mkdir -p "$TLS"
  {
    openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 3650 -subj /CN=testbed \
      -keyout "$TLS/ca-key.pem" -out "$TLS/ca.pem"
    openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj /CN=buildkit -keyout "$TLS/new.pem" -out "$TLS/request.pem"
    openssl x509 -req -in "$TLS/request.pem" -CA "$TLS/ca.pem" -CAkey "$TLS/ca-key.pem" -CAcreateserial -days 3650 \
      -extfile <(echo 'subjectAltName=IP:127.0.0.1,DNS:localhost') -out "$TLS/cert.pem"
  } >"$STATE/openssl.log" 2>&1 || die "no certificate could be made, see $STATE/openssl.log"
  mv "$TLS/new.pem" "$TLS/key.pem"
}

settings() {  # the testbed's registry has no TLS, and stands in for Docker Hub where that cannot be reached
  printf '[registry."%s"]\n  http = true\n' 10.99.1.1:5000 127.0.0.1:5000
  printf '[registry."docker.io"]\n  mirrors = ["127.0.0.1:5000"]\n'
}

up() {
  mkdir -p "$STATE/run" "$STATE/buildkit"; exec 9>"$STATE/run/buildkitd.lock"; flock 9
  if ! alive "$STATE/run/buildkitd.pid"; then
    packages runc ca-certificates openssl; build; certificates
    settings >"$STATE/buildkit.toml"; rm -f "$SOCKET"
    start buildkitd "$BIN/buildkitd" --config "$STATE/buildkit.toml" --root "$STATE/buildkit" --oci-worker-binary "$(command -v runc)" \
      --addr "unix://$SOCKET" --addr tcp://127.0.0.1:12340 \
      --tlscacert "$TLS/ca.pem" --tlscert "$TLS/cert.pem" --tlskey "$TLS/key.pem" 9>&-
    wait_for buildkitd 30 test -S "$SOCKET"
    say "buildkitd up" >&2
  fi
  echo "unix://$SOCKET"
}

image() {  # the daemon is static, runc wants its libraries
  packages runc ca-certificates; build >&2
  context=$(mktemp -d)
  trap 'rm -rf "$context"' EXIT
  cp "$BIN/buildkitd" "$(command -v runc)" /etc/ssl/certs/ca-certificates.crt "$context"
  mkdir "$context/root"; ldd "$(command -v runc)" | grep -o '/[^ ]*' | xargs cp -L --parents -t "$context/root"
  cat >"$context/Dockerfile" <<'D'
FROM busybox
COPY root /
COPY ca-certificates.crt /etc/ssl/certs/
COPY buildkitd runc /usr/local/bin/
ENTRYPOINT ["buildkitd"]
D
  docker buildx build --quiet --load --tag "$IMAGE" "$context" >/dev/null
  docker push --quiet "$IMAGE" >/dev/null || die "$IMAGE cannot be pushed: is the engine another machine's?"
  echo "$CLUSTERS"
}

case ${1:-} in
  up) up ;;
  down) stop buildkitd ;;
  image) image ;;
  *) die "usage: buildkit.sh up|down|image" ;;
esac
