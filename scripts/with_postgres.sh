#!/usr/bin/env bash
# Run a command with DATABASE_URL naming a PostgreSQL server of its own, which is gone afterwards.
# Usage: scripts/with_postgres.sh COMMAND [ARGUMENT…]
# The server listens on a free port of the loopback address only, and trades safety for speed: for tests. A crash
# of the server loses nothing that was committed, one of the machine does.
# POSTGRES_CONTROL is the command line that controls the server, as words for a shell; what to do comes after it:
# `$POSTGRES_CONTROL restart --mode=immediate`.
set -euo pipefail

if [ $# -eq 0 ]; then
  echo "usage: scripts/with_postgres.sh COMMAND [ARGUMENT…]" >&2
  exit 2
fi

binaries=$(find /usr/lib/postgresql -mindepth 2 -maxdepth 2 -name bin 2>/dev/null | sort -V | tail -n 1)
if [ -z "$binaries" ]; then
  echo "PostgreSQL is not installed. Please run: apt-get install postgresql" >&2
  exit 1
fi

# The server refuses to run as root.
as_server=()
if [ "$(id -u)" -eq 0 ]; then
  as_server=(runuser -u postgres --)
fi

folder=$(mktemp -d)
if [ "$(id -u)" -eq 0 ]; then
  chown postgres "$folder"
fi

control=("${as_server[@]}" "$binaries/pg_ctl" --pgdata="$folder/data" --log="$folder/log" --wait --silent)

stop() {
  (cd / && "${control[@]}" stop --mode=immediate) || true
  rm -rf "$folder"
}
trap stop EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

port=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
(
  cd /
  "${as_server[@]}" "$binaries/initdb" --pgdata="$folder/data" --username=portal --auth=trust \
    --encoding=UTF8 --locale=C.UTF-8 --no-sync >/dev/null
  "${control[@]}" start --options="\
-c listen_addresses=127.0.0.1 -c port=$port -c unix_socket_directories=$folder \
-c fsync=off -c full_page_writes=off" ||
    {
      cat "$folder/log" >&2
      exit 1
    }
)

POSTGRES_CONTROL=$(printf '%q ' "${control[@]}")
export POSTGRES_CONTROL
DATABASE_URL="postgres://portal@127.0.0.1:$port/postgres" "$@"
