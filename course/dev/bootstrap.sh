#!/bin/sh
# Makes the virtual environment that the Makefile uses: with uv if there is one, else with pip.
# Usage: bootstrap.sh FOLDER
set -eu
venv=$1
root=$(cd "$(dirname "$0")/../.." && pwd)

is_new_enough() { "$1" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; }

find_python() {
  for name in "${PYTHON:-}" python3 python3.14 python3.13 python3.12 python3.11 python; do
    [ -n "$name" ] && command -v "$name" >/dev/null 2>&1 && is_new_enough "$name" || continue
    command -v "$name"
    return
  done
}

install_python() { # Debian leaves python or its venv module out of a bare system
  if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
    echo "… Install python3-venv"
    apt-get update -q >/dev/null && DEBIAN_FRONTEND=noninteractive \
      apt-get install -y -q --no-install-recommends python3 python3-venv ca-certificates >/dev/null
  fi
}

if command -v uv >/dev/null 2>&1 && uv --version >/dev/null 2>&1; then
  echo "… Install the pinned packages with uv"
  uv venv --quiet --allow-existing --python '>=3.11' "$venv"
  uv pip install --quiet --python "$venv/bin/python" -r "$root/requirements.txt"
  uv pip install --quiet --python "$venv/bin/python" --no-deps --editable "$root"
else
  python=$(find_python)
  if [ -z "$python" ] || ! "$python" -c 'import ensurepip' 2>/dev/null; then
    install_python
    python=$(find_python)
  fi
  if [ -z "$python" ]; then
    echo "The course needs Python 3.11 or newer; none was found. Install it and try again." >&2
    exit 1
  fi
  echo "… Install the pinned packages with pip (a minute)"
  "$python" -m venv "$venv"
  "$venv/bin/python" -m pip install --quiet --disable-pip-version-check -r "$root/requirements.txt"
  "$venv/bin/python" -m pip install --quiet --disable-pip-version-check --no-deps --editable "$root"
fi
touch "$venv/.ready"
echo "✓ Packages"
