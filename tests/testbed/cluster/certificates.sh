# Sourced by cluster.sh: a certificate authority of our own, what it signs, and a kubeconfig for each who acts.

certificate() {  # certificate NAME SUBJECT [SANS]
  openssl req -new -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -keyout "$1.key" -subj "$2" -out "$1.csr" 2>/dev/null
  openssl x509 -req -in "$1.csr" -CA ca.crt -CAkey ca.key -CAcreateserial -days 3650 -out "$1.crt" -extfile <(
    echo "extendedKeyUsage=serverAuth,clientAuth"; [ -z "${3:-}" ] || echo "subjectAltName=$3") 2>/dev/null
}

kubeconfig() {  # kubeconfig USER
  cat >"$K/$1.kubeconfig" <<Y
apiVersion: v1
kind: Config
clusters: [{name: testbed, cluster: {server: "https://$IP:$PORT", certificate-authority: $K/pki/ca.crt}}]
users: [{name: $1, user: {client-certificate: $K/pki/$1.crt, client-key: $K/pki/$1.key}}]
contexts: [{name: testbed, context: {cluster: testbed, user: $1}}]
current-context: testbed
Y
  chmod 600 "$K/$1.kubeconfig"
}

certificates() {
  [ -f "$K/pki/sa.pub" ] && return
  mkdir -p -m 700 "$K" "$K/pki"; pushd "$K/pki" >/dev/null
  openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -keyout ca.key -out ca.crt -days 3650 \
    -subj /CN=kubernetes-ca -addext keyUsage=critical,keyCertSign,cRLSign,digitalSignature 2>/dev/null
  certificate apiserver /CN=kube-apiserver "DNS:kubernetes,DNS:kubernetes.default,DNS:kubernetes.default.svc,DNS:localhost,IP:127.0.0.1,IP:$IP,IP:$FIRST"
  certificate apiserver-kubelet /O=system:masters/CN=kube-apiserver-kubelet-client
  certificate admin /O=system:masters/CN=admin
  certificate kubelet "/O=system:nodes/CN=system:node:$NODE" "DNS:$NODE,IP:$IP"
  for name in controller-manager scheduler proxy; do certificate $name "/CN=system:kube-$name"; done
  for user in admin kubelet controller-manager scheduler proxy; do kubeconfig $user; done
  openssl genrsa -out sa.key 2048 2>/dev/null; openssl rsa -in sa.key -pubout -out sa.pub 2>/dev/null
  popd >/dev/null
}
