#!/usr/bin/env bash
# Run a command with BROKER_URL naming a RabbitMQ node of its own, which is gone afterwards.
# Usage: scripts/with_broker.sh COMMAND [ARGUMENT…]
# The node listens on free ports of the loopback address only, and forgets everything when it ends: for tests.
set -euo pipefail

if [ $# -eq 0 ]; then
  echo "usage: scripts/with_broker.sh COMMAND [ARGUMENT…]" >&2
  exit 2
fi

# Debian's /usr/sbin/rabbitmq-server turns into the user of the system's own node: this one runs as whoever calls.
server=/usr/lib/rabbitmq/bin/rabbitmq-server
if ! [ -x "$server" ]; then
  echo "RabbitMQ is not installed. Please run: apt-get install --no-install-recommends rabbitmq-server" >&2
  exit 1
fi

folder=$(mktemp -d)
node=
names=

# What the node holds is worth nothing: it is killed, which is quicker than to let it finish. What it started
# ends with it.
kill_node() {
  local process
  for process in $node $names; do
    kill -KILL "$process" 2>/dev/null || true
    wait "$process" 2>/dev/null || true
  done
}

stop() {
  kill_node
  rm -rf "$folder"
}
trap stop EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

become_node() {
  cd "$folder"
  # Whatever the machine or the caller set for another node does not count.
  local setting
  for setting in "${!RABBITMQ_@}"; do
    unset "$setting"
  done
  export HOME=$folder \
    ERL_EPMD_PORT=$port_of_names \
    ERL_ZFLAGS="-start_epmd false" \
    RABBITMQ_NODENAME=portal@localhost \
    RABBITMQ_NODE_IP_ADDRESS=127.0.0.1 \
    RABBITMQ_NODE_PORT=$port \
    RABBITMQ_DIST_PORT=$port_between_nodes \
    RABBITMQ_CONF_ENV_FILE="$folder/none" \
    RABBITMQ_CONFIG_FILE="$folder/none" \
    RABBITMQ_ADVANCED_CONFIG_FILE="$folder/none" \
    RABBITMQ_ENABLED_PLUGINS_FILE="$folder/plugins" \
    RABBITMQ_MNESIA_BASE="$folder/data" \
    RABBITMQ_LOG_BASE="$folder/log" \
    RABBITMQ_PID_FILE="$folder/pid" \
    RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS="-kernel inet_dist_use_interface {127,0,0,1}"
  # With input allowed the script becomes the node instead of waiting for it.
  RABBITMQ_ALLOW_INPUT=1 exec setsid "$server" -noinput
}

answers() {
  python3 -c '
import socket, sys
with socket.create_connection(("127.0.0.1", int(sys.argv[1])), 5) as s:
    s.sendall(b"AMQP\x00\x00\x09\x01")
    sys.exit(not s.recv(1))' "$port" 2>/dev/null
}

# Wait until a command succeeds, as long as a process lives: await PROCESS COMMAND [ARGUMENT…]
await() {
  local process=$1 deadline=$((SECONDS + 60))
  shift
  until "$@"; do
    if ! kill -0 "$process" 2>/dev/null || [ "$SECONDS" -ge "$deadline" ]; then
      return 1
    fi
    sleep 0.1
  done
}

start_node() {
  # The sockets are closed before the ports are told: who is told at once takes them.
  read -r port port_between_nodes port_of_names < <(python3 -c '
import socket
sockets = [socket.socket() for _ in range(3)]
for s in sockets: s.bind(("127.0.0.1", 0))
ports = [s.getsockname()[1] for s in sockets]
for s in sockets: s.close()
print(*ports)')
  # Erlang finds nodes by name through epmd. This one ends with the script; one that a node starts outlives it.
  setsid epmd -address 127.0.0.1 -port "$port_of_names" >"$folder/output" 2>&1 &
  names=$!
  await "$names" epmd -port "$port_of_names" -names >/dev/null 2>&1 || return 1
  become_node >>"$folder/output" 2>&1 </dev/null &
  node=$!
  await "$node" answers
}

echo "[]." >"$folder/plugins"
# Somebody may take a port that was free a moment ago.
if ! start_node && ! { kill_node && start_node; }; then
  echo "RabbitMQ did not start:" >&2
  cat "$folder/output" >&2
  exit 1
fi

BROKER_URL="amqp://guest:guest@127.0.0.1:$port//" "$@"
