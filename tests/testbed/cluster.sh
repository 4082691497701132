#!/usr/bin/env bash
# cluster.sh build|up|load IMAGE…|down [--purge]: a Kubernetes of one node, without pulling an image or a binary. `up` prints the
# export of its KUBECONFIG last.
#   build  Kubernetes, etcd and kubectl from the Go module proxy (6 minutes on two idle cores, once), CoreDNS and volumes (4 more)
#   up     with containerd and CNI plugins from Debian's packages: 10 s
#   load   copies images of the Docker engine into the cluster
set -euo pipefail
cd "$(dirname "$0")"; . ./common.sh; . ./cluster/certificates.sh
KUBERNETES=v1.36.3 COREDNS=v1.15.0 VOLUMES=v0.0.30
K=$STATE/kubernetes IP=10.99.1.1 NODE=node1 PORT=7443 PODS=10.245.0.0/24 SERVICES=10.97.0.0/16 FIRST=10.97.0.1
DAEMONS="etcd kubectl kube-apiserver kube-controller-manager kube-scheduler kube-proxy kubelet"
export KUBECONFIG=$K/admin.kubeconfig

build() {
  if [ "$("$BIN/kubelet" --version 2>/dev/null)" != "Kubernetes $KUBERNETES" ]; then
    with_go
    say "building Kubernetes, once, for about six minutes"
    local v=k8s.io/component-base/version minor=${KUBERNETES#v1.}
    (cd cluster && CGO_ENABLED=0 go build -trimpath -tags providerless -o "$BIN/cluster" -ldflags \
      "-s -w -X $v.gitVersion=$KUBERNETES -X $v.gitMajor=1 -X $v.gitMinor=${minor%%.*} -X $v.gitTreeState=clean" .)
    for name in $DAEMONS; do ln -sf cluster "$BIN/$name"; done
  fi
  [ -x "$BIN/coredns" ] || built "github.com/coredns/coredns@$COREDNS"
  [ -x "$BIN/local-path-provisioner" ] || built "github.com/rancher/local-path-provisioner@$VOLUMES"
}

with_go() { command -v go >/dev/null || die "building Kubernetes needs Go; or set KUBECONFIG to a cluster of yours"; }

built() { with_go; say "building ${1##*/}, once"; CGO_ENABLED=0 GOBIN=$BIN go install -trimpath -ldflags "-s -w" "$1"; }

configuration() {
  mkdir -p "$K"/{cni,containerd,kubelet} "$K/certs.d/"{"$IP:5000",docker.io}
  for file in cluster/etc/*; do sed -e "s|@K@|$K|g" -e "s|@IP@|$IP|g" -e "s|@PODS@|$PODS|g" "$file" >"$K/${file##*/}"; done
  mv "$K/10-bridge.conflist" "$K/cni/"; cp "$K/hosts.toml" "$K/certs.d/docker.io/"; mv "$K/hosts.toml" "$K/certs.d/$IP:5000/"
}

network() {
  [ -n "$(ip addr show dev lo to $IP/32)" ] || ip addr add $IP/32 dev lo
  sysctl -qw net.ipv4.ip_forward=1; sysctl -qw net.bridge.bridge-nf-call-iptables=1 2>/dev/null || true
  iptables -P FORWARD ACCEPT  # Docker drops what it does not know
}

containerd_cli() { ctr -a "$K/containerd/socket" -n k8s.io "$@"; }

load() {  # each under its tag and under its digest, as one from a registry would be
  local name
  for image; do
    name=${image%:*}; [[ $name == */* ]] || name=library/$name
    [[ ${name%%/*} == *[.:]* ]] || name=docker.io/$name
    docker save "$image" | containerd_cli images import --digests --base-name "$name" - >/dev/null
  done
}

base_images() {
  docker image inspect testbed/pause:1 >/dev/null 2>&1 ||
    docker create busybox sh -c 'trap exit TERM INT; while :; do sleep 1000 & wait; done' |
      xargs -I{} sh -c 'docker commit {} testbed/pause:1 >/dev/null; docker rm {} >/dev/null'
  [ -n "$(containerd_cli images ls -q name==docker.io/testbed/pause:1)" ] || load testbed/pause:1
  [ -n "$(containerd_cli images ls -q name==docker.io/library/busybox:latest)" ] || load busybox:latest
}

control_plane() {
  local pki=$K/pki
  start etcd "$BIN/etcd" --data-dir "$K/etcd" --unsafe-no-fsync --initial-cluster default=http://127.0.0.1:12480 \
    --listen-client-urls http://127.0.0.1:12479 --advertise-client-urls http://127.0.0.1:12479 \
    --listen-peer-urls http://127.0.0.1:12480 --initial-advertise-peer-urls http://127.0.0.1:12480
  start kube-apiserver "$BIN/kube-apiserver" --etcd-servers=http://127.0.0.1:12479 --bind-address=$IP --advertise-address=$IP --secure-port=$PORT \
    --tls-cert-file="$pki/apiserver.crt" --tls-private-key-file="$pki/apiserver.key" --client-ca-file="$pki/ca.crt" \
    --kubelet-client-certificate="$pki/apiserver-kubelet.crt" --kubelet-client-key="$pki/apiserver-kubelet.key" \
    --kubelet-certificate-authority="$pki/ca.crt" --kubelet-preferred-address-types=InternalIP \
    --service-account-key-file="$pki/sa.pub" --service-account-signing-key-file="$pki/sa.key" \
    --service-account-issuer=https://kubernetes.default.svc --service-cluster-ip-range=$SERVICES \
    --authorization-mode=Node,RBAC --enable-admission-plugins=NodeRestriction --allow-privileged=true
  wait_for kube-apiserver 90 "$BIN/kubectl" get --raw /readyz; say "API server ready"
  start kube-controller-manager "$BIN/kube-controller-manager" --kubeconfig="$K/controller-manager.kubeconfig" --leader-elect=false \
    --bind-address=127.0.0.1 --service-account-private-key-file="$pki/sa.key" --root-ca-file="$pki/ca.crt" --use-service-account-credentials=true
  start kube-scheduler "$BIN/kube-scheduler" --kubeconfig="$K/scheduler.kubeconfig" --leader-elect=false --bind-address=127.0.0.1
}

node() {
  start kubelet "$BIN/kubelet" --config="$K/kubelet.yaml" --kubeconfig="$K/kubelet.kubeconfig" --hostname-override=$NODE --node-ip=$IP \
    --root-dir="$K/kubelet" --cert-dir="$K/pki"
  start kube-proxy "$BIN/kube-proxy" --kubeconfig="$K/proxy.kubeconfig" --hostname-override=$NODE --proxy-mode=iptables --cluster-cidr=$PODS \
    --masquerade-all --conntrack-max-per-core=0 --conntrack-tcp-timeout-established=0 --conntrack-tcp-timeout-close-wait=0 --bind-address=$IP
  start coredns "$BIN/coredns" -conf "$K/Corefile"
  wait_for kubelet 60 "$BIN/kubectl" wait --for=condition=Ready "node/$NODE" --timeout=1s
  wait_for kube-controller-manager 60 "$BIN/kubectl" -n default get serviceaccount default
  "$BIN/kubectl" apply --server-side -f "$K/volumes.yaml" >/dev/null
  start local-path-provisioner "$BIN/local-path-provisioner" start --kubeconfig "$K/admin.kubeconfig" --namespace local-path-storage \
    --service-account-name local-path --config "$K/volumes.json" --helper-image busybox --helper-pod-file "$K/volumes-helper.yaml"
  say "node ready"
}

stands() {
  for name in containerd etcd kube-apiserver kube-controller-manager kube-scheduler kubelet kube-proxy coredns local-path-provisioner; do
    alive "$STATE/run/$name.pid" || return 1
  done
  [ -n "$(containerd_cli images ls -q name==docker.io/library/busybox:latest)" ] &&
    "$BIN/kubectl" wait --for=condition=Ready "node/$NODE" --timeout=1s >/dev/null 2>&1
}

up() {
  mkdir -p "$STATE/run"; exec 9>"$STATE/run/cluster.lock"; flock 9  # whoever tests side by side asks for it side by side
  stands 9>&- || set_up 9>&-
  echo "export KUBECONFIG=$KUBECONFIG"
}

set_up() {
  can_install || die "no cluster: set KUBECONFIG to one of yours (only root on Debian gets one set up here)"
  packages containerd runc containernetworking-plugins iptables conntrack curl openssl iproute2 procps
  ./engine.sh up; ./images.sh; build
  network; certificates; configuration
  start containerd containerd --config "$K/containerd.toml"
  control_plane
  wait_for containerd 30 containerd_cli version; base_images
  node
}

down() {
  for name in local-path-provisioner coredns kube-proxy kubelet kube-scheduler kube-controller-manager kube-apiserver etcd; do stop $name; done
  for task in $(containerd_cli tasks ls -q 2>/dev/null); do containerd_cli tasks kill -s 9 "$task" 2>/dev/null || true; done
  sleep 1
  for task in $(containerd_cli tasks ls -q 2>/dev/null); do containerd_cli tasks rm -f "$task" >/dev/null 2>&1 || true; done
  for container in $(containerd_cli containers ls -q 2>/dev/null); do containerd_cli containers rm "$container" 2>/dev/null || true; done
  stop containerd
  awk -v under="$K/" 'index($2, under) == 1 {print $2}' /proc/mounts | sort -r | xargs -r -n1 umount -l
  for table in nat filter mangle; do { iptables-save -t $table | grep -vE 'KUBE-|CNI-' | iptables-restore -T $table; } 2>/dev/null || true; done
  ip link del testbed0 2>/dev/null || true; ip addr del $IP/32 dev lo 2>/dev/null || true
  [ "${1:-}" != --purge ] || rm -rf "$K" /var/lib/cni/networks/testbed
}

case ${1:-} in
  build) build ;;
  up) up ;;
  load) shift; load "$@" ;;
  down) down "${2:-}" ;;
  *) die "usage: cluster.sh build|up|load IMAGE…|down [--purge]" ;;
esac
