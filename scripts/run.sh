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

# Work in the background, beside the web server; started anew should it be lost. Both end with this script.
work() {
  trap 'kill -TERM "$worker" 2>/dev/null && wait "$worker"; exit 0' TERM
  while true; do
    # In a process group of its own: should the worker be killed, what it started must not go on without it.
    PYTHONWARNINGS=ignore:::celery.platforms setsid .venv/bin/celery --app portal --quiet worker --beat \
      --loglevel WARNING --concurrency "${WORKERS:-2}" --without-gossip --without-mingle --without-heartbeat &
    worker=$!
    wait "$worker" || true
    kill -KILL -- "-$worker" 2>/dev/null || true
    sleep 2
  done
}

finish() {
  trap - EXIT INT TERM
  kill -TERM "$server" "$background" 2>/dev/null || true
  wait "$server" "$background" 2>/dev/null || true
}

work &
background=$!
.venv/bin/gunicorn portal.wsgi --bind "$bind:$port" --workers 1 --threads 8 --no-control-socket &
server=$!
trap finish EXIT
trap 'exit 130' INT
trap 'exit 143' TERM
wait "$server"
