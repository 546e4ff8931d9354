#!/bin/sh
# An engine without IPv6 refuses to listen on [::]; then the default server must not ask for it.
set -e
conf=/etc/nginx/conf.d/default.conf
if [ ! -e /proc/net/if_inet6 ] && [ -w "$conf" ]; then
  # Not in place: the file may be a bind mount of its own, which cannot be replaced.
  kept=$(sed '/listen  \[::\]:80;/d' "$conf")
  printf '%s\n' "$kept" >"$conf"
fi
