#!/usr/bin/env bash
# gitlab-ci-local.sh: a runner of GitLab's pipelines for this machine, installed once from npm; prints where it is last.
set -euo pipefail
cd "$(dirname "$0")"; . ./common.sh
VERSION=4.64.1  # newer ones want a newer Node than Debian has
FOLDER=$STATE/gitlab-ci-local
PROGRAM=$FOLDER/node_modules/.bin/gitlab-ci-local

exec 9>"$STATE/gitlab-ci-local.lock"; flock 9  # whoever tests side by side asks for it side by side
packages rsync curl
command -v npm >/dev/null || packages nodejs npm
if [ "$("$PROGRAM" --version 2>/dev/null)" != "$VERSION" ]; then
  say "installing gitlab-ci-local, once" >&2
  npm install --prefix "$FOLDER" --ignore-scripts --no-audit --no-fund "gitlab-ci-local@$VERSION" >"$STATE/npm.log" 2>&1 ||
    die "npm install gitlab-ci-local failed, see $STATE/npm.log"
fi
echo "$PROGRAM"
