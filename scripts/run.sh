#!/usr/bin/env bash
# Serve the portal with its five services and demo data. Usage: scripts/run.sh (by `make run`)
# PORT and BIND choose where; 127.0.0.1:8000 unless told.
set -euo pipefail
cd "$(dirname "$0")/.."

bind=${BIND:-127.0.0.1}
port=${PORT:-8000}
python=.venv/bin/python

if ! "$python" -c 'import socket, sys; socket.create_server((sys.argv[1], int(sys.argv[2])))' "$bind" "$port" \
  2>/dev/null; then
  echo "Port $port on $bind is in use. Choose another one: make run PORT=8001" >&2
  exit 1
fi

"$python" manage.py check --fail-level ERROR
"$python" manage.py migrate --verbosity 0
"$python" manage.py load_services
"$python" manage.py demo --address "http://localhost:$port/"
exec .venv/bin/gunicorn portal.wsgi --bind "$bind:$port" --workers 1 --threads 8 --no-control-socket
