#!/usr/bin/env bash
# buildkit.sh up|down|image|cluster [NAMESPACE]: a current BuildKit daemon of our own, beside whatever the engine embeds.
#   up       buildkitd on this host, on a socket and with TLS on 127.0.0.1:12340; prints the socket's address last
#   image    pushes buildkit:1 to the testbed's registry, to run inside a cluster as a privileged pod; prints its name there last
#   cluster  the same inside the cluster that KUBECONFIG names, by default the testbed's; prints its address, behind TLS, last
set -euo pipefail
cd "$(dirname "$0")"; . ./common.sh
IMAGE=127.0.0.1:5000/buildkit:1 CLUSTERS=10.99.1.1:5000/buildkit:1  # one registry, by the names that this host and a cluster have for it
SOCKET=$STATE/run/buildkitd.sock
TLS=$STATE/buildkit-tls
INSIDE=${2:-testbed-buildkit}  # the namespace in a cluster

build() {
  if [ -x "$BIN/buildkitd" ]; then return; fi
  command -v go >/dev/null || die "buildkitd is missing: install Go to build it here"
  say "building buildkitd, once, for about two minutes" >&2
  (cd buildkit && CGO_ENABLED=0 go build -trimpath -ldflags "-s -w" -o "$BIN/buildkitd" github.com/moby/buildkit/cmd/buildkitd)
}

authority() {
  if [ -s "$TLS/ca.pem" ]; then return; fi
  mkdir -p "$TLS"
  openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 3650 -subj /CN=testbed \
    -keyout "$TLS/ca-key.pem" -out "$TLS/new-ca.pem" >"$STATE/openssl.log" 2>&1 || no_certificate
  mv "$TLS/new-ca.pem" "$TLS/ca.pem"
}

certificate() {  # certificate FOLDER ADDRESS NAME: one of the authority, for both sides, unless the folder has one for that address
  if [ -s "$1/key.pem" ] && openssl x509 -in "$1/cert.pem" -noout -checkip "$2" | grep "does match" >/dev/null; then return; fi
  mkdir -p "$1"; authority
  {
    openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj /CN=buildkit -keyout "$1/new.pem" -out "$1/request.pem" &&
    openssl x509 -req -in "$1/request.pem" -CA "$TLS/ca.pem" -CAkey "$TLS/ca-key.pem" -CAcreateserial -days 3650 \
      -extfile <(echo "subjectAltName=IP:$2,DNS:$3") -out "$1/cert.pem"
  } >"$STATE/openssl.log" 2>&1 || no_certificate
  mv "$1/new.pem" "$1/key.pem"
}

no_certificate() { die "no certificate could be made, see $STATE/openssl.log"; }

settings() {  # settings NAME: the testbed's registry, as the daemon calls it, has no TLS, and stands in for Docker Hub where that cannot be reached
  printf '[registry."%s"]\n  http = true\n' 10.99.1.1:5000 127.0.0.1:5000
  printf '[registry."docker.io"]\n  mirrors = ["%s"]\n' "$1"
}

up() {
  mkdir -p "$STATE/run" "$STATE/buildkit"; exec 9>"$STATE/run/buildkitd.lock"; flock 9
  if ! alive "$STATE/run/buildkitd.pid"; then
    packages runc ca-certificates openssl; build; certificate "$TLS" 127.0.0.1 localhost
    settings 127.0.0.1:5000 >"$STATE/buildkit.toml"; rm -f "$SOCKET"
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

kubectl() { command "$KUBECTL" --namespace "$INSIDE" "$@"; }

applied() { kubectl apply --server-side --force-conflicts --filename - >/dev/null; }

made() { kubectl create "$@" --dry-run=client --output yaml | applied; }

cluster() {
  mkdir -p "$STATE/run"; exec 9>"$STATE/run/buildkit-inside.lock"; flock 9
  export KUBECONFIG=${KUBECONFIG:-$STATE/kubernetes/admin.kubeconfig}
  KUBECTL=$BIN/kubectl; [ -x "$KUBECTL" ] || KUBECTL=$(type -P kubectl) || die "kubectl is missing: cluster.sh up brings one, with a cluster"
  local address before
  packages openssl curl
  curl -sf "http://${IMAGE%%/*}/v2/buildkit/tags/list" >/dev/null || image >/dev/null
  made namespace "$INSIDE"
  # on a node as small as the testbed's, what nobody else asked for is enough
  sed -e "s|image: moby/buildkit.*|image: $CLUSTERS|" -e '/resources:/d' ../../deploy/kubernetes/buildkit.yaml >"$STATE/buildkit.yaml"
  made configmap buildkit --from-literal "buildkitd.toml=$(settings "${CLUSTERS%%/*}")"
  applied <"$STATE/buildkit.yaml"
  address=$(kubectl get service buildkit --output 'jsonpath={.spec.clusterIP}')
  before=$(cksum "$TLS/$INSIDE/cert.pem" 2>/dev/null || true)
  certificate "$TLS/$INSIDE" "$address" "buildkit.$INSIDE.svc"
  made secret generic buildkit-tls --from-file "$TLS/ca.pem" --from-file "$TLS/$INSIDE/cert.pem" --from-file "$TLS/$INSIDE/key.pem"
  [ "$before" = "$(cksum "$TLS/$INSIDE/cert.pem")" ] || kubectl rollout restart deployment/buildkit >/dev/null
  kubectl rollout status deployment/buildkit --timeout 120s >/dev/null || { kubectl describe pods >&2; die "BuildKit does not come up in the cluster"; }
  echo "tcp://$address:1234"
}

case ${1:-} in
  up) up ;;
  down) stop buildkitd ;;
  image) image ;;
  cluster) cluster ;;
  *) die "usage: buildkit.sh up|down|image|cluster [NAMESPACE]" ;;
esac
