#!/bin/sh
# `docker run node --version` and `docker run node script.js` mean node with these.
set -e

case "$1" in
  -*) set -- node "$@" ;;
  *) command -v "$1" >/dev/null || set -- node "$@" ;;
esac

exec "$@"
