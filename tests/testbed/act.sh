#!/usr/bin/env bash
# act.sh: a runner of GitHub Actions for this machine, built once; prints where it is.
set -euo pipefail
cd "$(dirname "$0")"; . ./common.sh
ACT=v0.2.89

if command -v act >/dev/null; then command -v act; exit; fi
exec 9>"$STATE/act.lock"; flock 9  # whoever tests side by side asks for it side by side
if [ ! -x "$BIN/act" ]; then
  command -v go >/dev/null || die "act is missing: install it, or Go to build it here"
  say "building act, once, for about a minute" >&2
  CGO_ENABLED=0 GOBIN=$BIN go install -trimpath -ldflags "-s -w" "github.com/nektos/act@$ACT"
fi
echo "$BIN/act"
