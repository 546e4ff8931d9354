#!/bin/sh
# Runs what lies in /docker-entrypoint.d, in order, before the server starts: *.envsh is read into
# this shell, an executable *.sh is run. NGINX_ENTRYPOINT_QUIET_LOGS silences it.
set -e
say() { [ -n "${NGINX_ENTRYPOINT_QUIET_LOGS:-}" ] || echo "$0: $*"; }

case "${1:-}" in
  nginx | nginx-debug)
    for file in /docker-entrypoint.d/*; do
      case "$file" in
        *.envsh) say "Sourcing $file"; . "$file" ;;
        *.sh)
          if [ -x "$file" ]; then say "Launching $file"; "$file"
          else say "Ignoring $file, not executable"; fi ;;
        *) [ ! -e "$file" ] || say "Ignoring $file" ;;
      esac
    done
    say "Configuration complete; ready for start up"
    ;;
esac
exec "$@"
