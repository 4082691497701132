#!/usr/bin/env bash
# Makes the manifests here, for who takes no Helm, of the chart: what they have in common is written there only.
set -euo pipefail
cd "$(dirname "$0")"
helm=$(../../tests/testbed/helm.sh)
TO=${1:-.}

made() {  # made NAME RELEASE [VALUE…]: one template
  local name=$1 release=$2; shift 2
  { echo "# Made by deploy/kubernetes/make.sh of deploy/chart/templates/$name.yaml."
    "$helm" template "$release" ../chart --namespace "$release" --show-only "templates/$name.yaml" "$@" \
      --set image.repository=registry.example/matinee,credentials.existingSecret=matinee | sed '/^# Source: /d; 1{/^---$/d}'; } >"$TO/$name.yaml"
}

for name in rights boundaries previews; do made $name matinee; done
made buildkit buildkit --set buildkit.enabled=true,buildkit.namespace=
