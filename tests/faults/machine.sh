#!/usr/bin/env bash
# Run a command as on a machine of its own. Called within namespaces of its own (see tests/faults/machines.py).
# Usage: tests/faults/machine.sh NAME SCRATCH SHARED… -- COMMAND [ARGUMENT…]
# NAME becomes the host name, and /tmp is empty but for the folders SHARED. SCRATCH is an empty folder.
set -euo pipefail

here=$PWD
hostname "$1"
scratch=$2
shift 2

mount -t tmpfs tmpfs "$scratch"
while [ "$1" != -- ]; do
  case $1 in
    /tmp/*)
      mkdir -p "$scratch${1#/tmp}"
      mount --bind "$1" "$scratch${1#/tmp}"
      ;;
  esac
  shift
done
shift
mount --rbind "$scratch" /tmp

cd "$here"
exec "$@"
