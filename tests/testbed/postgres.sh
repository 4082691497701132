#!/usr/bin/env bash
# postgres.sh up|down: a PostgreSQL of our own, on a socket only we can reach. `up` prints its URL last; the system's is left alone.
set -euo pipefail
cd "$(dirname "$0")"; . ./common.sh
FOLDER=${TMPDIR:-/tmp}/matinee-postgres-$(id -u)
USER_NAME=postgres

programs() {  # the newest version's folder
  local initdb
  initdb=$(ls /usr/lib/postgresql/*/bin/initdb 2>/dev/null | sort -V | tail -n 1 || true)
  [ -n "$initdb" ] || initdb=$(command -v initdb) || return 1
  dirname "$(readlink -f "$initdb")"
}

without_a_cluster_of_the_system() {
  local settings=/etc/postgresql-common/createcluster.conf
  [ -e "$settings" ] || { mkdir -p "$(dirname "$settings")"; echo 'create_main_cluster = false' >"$settings"; }
}

unprivileged() {  # PostgreSQL refuses to run as root
  if [ "$(id -u)" = 0 ]; then
    setpriv --reuid="$USER_NAME" --regid="$USER_NAME" --clear-groups "$@"
  else
    "$@"
  fi
}

answers() { "$BINARIES/pg_isready" -q -h "$FOLDER" -U "$USER_NAME"; }

up() {
  mkdir -p "$STATE/run"; exec 9>"$STATE/run/postgres.lock"; flock 9  # whoever tests side by side asks for it side by side
  BINARIES=$(programs) || { without_a_cluster_of_the_system; packages postgresql; BINARIES=$(programs); }
  if ! answers; then
    if [ ! -s "$FOLDER/data/PG_VERSION" ]; then
      rm -rf "$FOLDER"; mkdir -m 700 "$FOLDER"
      [ "$(id -u)" != 0 ] || chown "$USER_NAME:" "$FOLDER"
      (cd / && unprivileged "$BINARIES/initdb" -D "$FOLDER/data" -U "$USER_NAME" -A trust -E UTF8 --locale=C --no-sync) >"$STATE/initdb.log" 2>&1 ||
        die "initdb failed, see $STATE/initdb.log"
    fi
    rm -f "$STATE/run/postgres.pid"
    cd /
    # The tests kill their own processes, never the machine: the disk need not be waited for.
    server=("$BINARIES/postgres" -D "$FOLDER/data" -k "$FOLDER" -c listen_addresses= -c fsync=off -c max_connections=300)
    [ "$(id -u)" != 0 ] || server=(setpriv "--reuid=$USER_NAME" "--regid=$USER_NAME" --clear-groups "${server[@]}")
    start postgres "${server[@]}" 9>&-
    wait_for postgres 30 answers
  fi
  echo "postgresql+psycopg://$USER_NAME@/postgres?host=$FOLDER"
}

down() {
  # A fast shutdown: the usual one waits for every client.
  ! alive "$STATE/run/postgres.pid" || kill -INT "$(cat "$STATE/run/postgres.pid")"
  stop postgres
  rm -rf "$FOLDER"
}

case ${1:-} in
  up) up ;;
  down) down ;;
  *) die "usage: postgres.sh up|down" ;;
esac
