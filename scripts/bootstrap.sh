#!/usr/bin/env bash
# Put in place what the portal needs: system packages, .venv and the locked Python packages.
# Usage: scripts/bootstrap.sh run|test
# Quick when nothing is missing. Exits with 1, and says what to do, when something is missing and may not be installed.
set -euo pipefail
cd "$(dirname "$0")/.."

purpose=${1:-run}
case $purpose in
  run) lock=requirements.txt ;;
  test) lock=requirements-dev.txt ;;
  *)
    echo "usage: scripts/bootstrap.sh run|test" >&2
    exit 2
    ;;
esac

python_of_the_system() {
  local candidate
  for candidate in python3.11 python3 python3.12 python3.13; do
    if "$candidate" -c 'import ensurepip, sys; sys.exit(not (3, 11) <= sys.version_info < (3, 14))' 2>/dev/null; then
      echo "$candidate"
      return
    fi
  done
}

installed() {
  [ "$(dpkg-query --show --showformat='${db:Status-Status}' "$1" 2>/dev/null)" = installed ]
}

missing_packages() {
  local package
  local wanted=(libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0 gettext)
  if [ -z "$(python_of_the_system)" ]; then
    wanted+=(python3 python3-venv)
  fi
  if [ "$purpose" = test ]; then
    wanted+=(chromium fonts-noto-cjk poppler-utils postgresql rabbitmq-server)
  fi
  for package in "${wanted[@]}"; do
    installed "$package" || echo "$package"
  done
}

install_packages() {
  local as_root=()
  if [ "$(id -u)" -ne 0 ]; then
    if ! command -v sudo >/dev/null || ! { sudo -n true 2>/dev/null || { [ -t 0 ] && sudo -v; }; }; then
      return 1
    fi
    as_root=(sudo)
  fi
  "${as_root[@]}" apt-get update -qq &&
    "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$@"
}

provide_packages() {
  local missing=()
  if ! command -v dpkg-query >/dev/null; then
    echo "This is no Debian system. Please see to it that Python 3.11, Pango, HarfBuzz (subset) and gettext are there." >&2
    return
  fi
  mapfile -t missing < <(missing_packages)
  if [ "${#missing[@]}" -eq 0 ]; then
    return
  fi
  echo "Installing ${missing[*]} …"
  if ! install_packages "${missing[@]}"; then
    echo "These system packages are missing and could not be installed from here. Please run this as root," >&2
    echo "then start again:" >&2
    echo "  apt-get update && apt-get install --no-install-recommends ${missing[*]}" >&2
    exit 1
  fi
}

provide_python_packages() {
  local stamp=.venv/.installed-$purpose
  if ! .venv/bin/python -m pip --version >/dev/null 2>&1; then
    if [ -L .venv ]; then
      echo ".venv is a link to $(readlink .venv), where no Python with pip works. What it points to is left alone." >&2
      echo "Please repair it there; or remove the link and start again, and .venv is made here: rm .venv" >&2
      exit 1
    fi
    echo "Creating .venv …"
    "$(python_of_the_system)" -m venv --clear .venv
  fi
  if ! sha256sum --check --status "$stamp" 2>/dev/null; then
    echo "Installing the Python packages of $lock …"
    .venv/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes --requirement "$lock"
    sha256sum "$lock" >"$stamp"
  fi
}

provide_packages
provide_python_packages
