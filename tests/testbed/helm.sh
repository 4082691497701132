#!/usr/bin/env bash
# helm.sh: Helm, built with Go where there is none; prints where it is.
set -euo pipefail
cd "$(dirname "$0")"; . ./common.sh
HELM=v3.22.0 KUBERNETES=36  # the Kubernetes that charts are told of where no cluster is asked

if type -P helm; then exit 0; fi
exec 9>"$STATE/helm.lock"; flock 9
if [ ! -x "$BIN/helm" ]; then
  command -v go >/dev/null || die "helm is missing: install it, or Go to build it here"
  say "building Helm, once, for about two minutes" >&2
  versions=
  for package in chartutil lint/rules; do
    versions+=" -X helm.sh/helm/v3/pkg/$package.k8sVersionMajor=1 -X helm.sh/helm/v3/pkg/$package.k8sVersionMinor=$KUBERNETES"
  done
  CGO_ENABLED=0 GOBIN=$BIN go install -trimpath -ldflags "-s -w$versions" "helm.sh/helm/v3/cmd/helm@$HELM" >&2
fi
echo "$BIN/helm"
