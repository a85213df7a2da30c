#!/usr/bin/env bash
# Serve the portal with its five services and demo data. Usage: scripts/run.sh (by `make run`)
# PORT and BIND choose where: 127.0.0.1:8000 unless told. WORKERS: processes for work in the background, 2.
set -euo pipefail
cd "$(dirname "$0")/.."

bind=${BIND:-127.0.0.1}
port=${PORT:-8000}
python=.venv/bin/python
export PORTAL_URL="${PORTAL_URL:-http://localhost:$port}"

if ! "$python" -c 'import socket, sys; socket.create_server((sys.argv[1], int(sys.argv[2])))' "$bind" "$port" \
  2>/dev/null; then
  echo "Port $port on $bind is in use. Choose another one: make run PORT=8001" >&2
  exit 1
fi

"$python" manage.py check --fail-level ERROR
"$python" manage.py migrate --verbosity 0
"$python" manage.py load_services
"$python" manage.py demo --address "http://localhost:$port/"

# Work in the background, beside the web server, and its clock; each started anew should it be lost. All end with
# this script.
export PYTHONWARNINGS=ignore:::celery.platforms
finish() {
  trap - EXIT INT TERM
  kill -TERM "$server" "$worker" "$clock" 2>/dev/null || true
  wait "$server" "$worker" "$clock" 2>/dev/null || true
}

scripts/keep_running.sh .venv/bin/celery --app portal --quiet worker --loglevel WARNING \
  --concurrency "${WORKERS:-2}" --without-gossip --without-mingle --without-heartbeat &
worker=$!
scripts/keep_running.sh .venv/bin/celery --app portal --quiet beat --loglevel WARNING &
clock=$!
.venv/bin/gunicorn portal.wsgi --bind "$bind:$port" --workers 1 --threads 8 --no-control-socket &
server=$!
trap finish EXIT
trap 'exit 130' INT
trap 'exit 143' TERM
wait "$server"
