#!/usr/bin/env bash
# Run a command, and start it anew whenever it ends, until this script is told to end (TERM): then both do.
# Usage: scripts/keep_running.sh COMMAND [ARGUMENT…]
set -euo pipefail

if [ $# -eq 0 ]; then
  echo "usage: scripts/keep_running.sh COMMAND [ARGUMENT…]" >&2
  exit 2
fi

process=
trap 'kill -TERM "$process" 2>/dev/null && { wait "$process" || true; }; exit 0' TERM
while true; do
  # In a process group of its own: should the command be killed, what it started must not go on without it.
  setsid "$@" &
  process=$!
  wait "$process" || true
  kill -KILL -- "-$process" 2>/dev/null || true
  sleep 2 &
  wait $! # which TERM ends at once
done
