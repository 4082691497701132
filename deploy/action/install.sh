#!/usr/bin/env bash
# install.sh: matinee in an environment of its own below $TOOLS, made once for each version; tells which Python has it.
# What is in the current folder may be a pull's: nothing of it is run or read.
set -euo pipefail
cd -- "$ACTION_PATH"

die() { echo "::error title=matinee::$1"; exit 1; }

about=$("$PYTHON" -Ic 'import sys; print(*sys.version_info[:3], sys.executable); sys.exit(sys.version_info < (3, 11))') ||
  die "Python 3.11 or newer is needed; put actions/setup-python before, or name one with the input python"
[[ $VERSION =~ ^[0-9A-Za-z.+!-]*$ ]] || die "version: that is no version; write it like 1.2.0"

sources() { find pyproject.toml README.md LICENSE bot builders runners -type f ! -name '*.pyc' -print0 | sort -z | xargs -0 cat; }

wanted=${VERSION:+matinee==$VERSION}
wanted=${wanted:-$ACTION_PATH}
what=${VERSION:-$(sources | sha256sum | cut -c 1-16)}
place=${TOOLS:-${RUNNER_TEMP:-/tmp}}/matinee/$what/$(echo "$about" | sha256sum | cut -c 1-16)
if [ ! -e "$place/ready" ]; then
  mkdir -p "$(dirname "$place")"
  new=$(mktemp -d "$place.XXXXXX")
  "$PYTHON" -Im venv "$new"
  "$new/bin/python" -Im pip install --quiet --disable-pip-version-check "$wanted"
  touch "$new/ready"
  # Of two jobs that make it at the same time one is first, and the other takes what is there.
  "$PYTHON" -Ic 'import os, sys; os.rename(*sys.argv[1:])' "$new" "$place" 2>/dev/null || rm -rf "$new"
fi
echo "python=$place/bin/python" >>"$GITHUB_OUTPUT"
