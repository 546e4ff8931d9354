#!/bin/sh
# A configuration file means: serve with it. A word that registry knows means: registry, with that.
set -e
case "${1:-}" in
  *.yml | *.yaml) set -- serve "$@" ;;
esac
case "${1:-}" in
  serve | garbage-collect | help | -*) set -- registry "$@" ;;
esac
exec "$@"
