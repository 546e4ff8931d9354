#!/bin/sh
# `docker run node --version` and `docker run node script.js` mean node with these.
set -e

case "$1" in
  -*) set -- node "$@" ;;
  *)
    # A script that is no program by itself: this shell finds it as a command all the same.
    if ! command -v "$1" >/dev/null || { [ -f "$1" ] && ! [ -x "$1" ]; }; then
      set -- node "$@"
    fi
    ;;
esac

exec "$@"
