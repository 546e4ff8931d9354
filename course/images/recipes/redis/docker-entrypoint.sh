#!/bin/sh
# `docker run redis --port 7000` and `docker run redis my.conf` mean redis-server with these; as
# root, the server takes over /data and runs as the user redis.
set -e

case "${1:-}" in
  -* | *.conf) set -- redis-server "$@" ;;
esac

# Outside a container redis refuses other machines until it has a password; in the official image
# it does not, because a container's network decides who reaches it.
guarded() {
  for word; do
    case "$word" in
      --protected-mode) return 0 ;;
      *.conf) ! grep -qi '^ *protected-mode' "$word" 2>/dev/null || return 0 ;;
    esac
  done
  return 1
}
if [ "${1:-}" = redis-server ] && ! guarded "$@"; then
  set -- "$@" --protected-mode no
fi

if [ "${1:-}" = redis-server ] && [ "$(id -u)" = 0 ]; then
  find . \! -user redis -exec chown redis {} +
  exec setpriv --reuid=redis --regid=redis --clear-groups -- "$0" "$@"
fi

# What others can read in /data is a choice, not an accident.
[ "$(umask)" != 0022 ] || umask 0077
exec "$@"
