#!/usr/bin/env bash
# Play faults and properties again and again, each time with other examples, then run the full benchmark.
# Usage: scripts/soak.sh [HOURS] (by `make soak`); 3 hours unless told. A round that has begun is finished.
# Prints a line a round, what failed, and in the end the figures for docs/performance.md. Exits with 1 if anything failed.
set -euo pipefail
cd "$(dirname "$0")/.."

hours=${1:-3}
if ! [[ $hours =~ ^[0-9]+$ ]]; then
  echo "usage: scripts/soak.sh [HOURS]" >&2
  exit 2
fi

times=5 # so many times the examples of `make test`
until=$((SECONDS + hours * 3600))
rounds=0
failed=0
output=$(mktemp)
trap 'rm -f "$output"' EXIT

# Run a part of a round; what it printed is shown if it fails.
play() {
  local name=$1
  shift
  if "$@" >"$output" 2>&1; then
    echo "round $rounds: $name: $(tail -n 1 "$output")"
  else
    failed=$((failed + 1))
    echo "round $rounds: $name FAILED"
    cat "$output"
  fi
}

# The demonstration, built anew: documents charge all that is owed, whatever is marked.
compare_everything() {
  local var status=0
  var=$(mktemp -d)
  for command in "migrate --verbosity 0" load_services demo compare_charges; do
    # shellcheck disable=SC2086  # a command and its options
    PORTAL_VAR="$var" .venv/bin/python manage.py $command || status=1
  done
  rm -rf "$var"
  return "$status"
}

pytest=(.venv/bin/pytest -q -p no:cacheprovider)
while [ "$rounds" -eq 0 ] || [ "$SECONDS" -lt "$until" ]; do
  rounds=$((rounds + 1))
  play "properties, $times times the examples" env EXAMPLES_TIMES="$times" "${pytest[@]}" -m hypothesis
  play "all that was charged" compare_everything
  play "every address for every role" "${pytest[@]}" tests/matrix -m soak
  play "faults on SQLite" "${pytest[@]}" tests/faults
  play "faults on PostgreSQL with RabbitMQ" scripts/with_postgres.sh scripts/with_broker.sh \
    "${pytest[@]}" -m "not browser" tests/faults
done

echo "$rounds rounds in $((SECONDS / 60)) minutes, $failed parts failed"
.venv/bin/python benchmarks/run.py
[ "$failed" -eq 0 ]
