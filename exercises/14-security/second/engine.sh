#!/bin/sh
# A second engine on a Docker host, beside the first: its disk, socket and bridge are its own.
#   sh engine.sh start [options of dockerd]
#   sh engine.sh stop
set -eu
SOCKET=unix:///run/second.sock
PID=/run/second.pid

stop() {
  # What still runs would have ten seconds to end by itself.
  docker --host $SOCKET ps --quiet 2>/dev/null | xargs -r docker --host $SOCKET kill >/dev/null || true
  [ ! -f $PID ] || kill "$(cat $PID)" 2>/dev/null || rm -f $PID
  for _ in $(seq 100); do [ -f $PID ] || break; sleep 0.1; done
  ip link delete second0 2>/dev/null || true
  rm -rf /var/lib/second
}

start() {
  ip link add second0 type bridge
  ip addr add 10.88.0.1/24 dev second0
  # Not `--bridge none`: that would take the first engine's bridge away.
  setsid dockerd --host $SOCKET --pidfile $PID --data-root /var/lib/second \
    --exec-root /run/second --storage-driver vfs --bridge second0 \
    --iptables=false --ip6tables=false "$@" >/var/log/second.log 2>&1 </dev/null &
  for _ in $(seq 150); do
    docker --host $SOCKET version >/dev/null 2>&1 && return
    sleep 0.2
  done
  tail -n 5 /var/log/second.log
  exit 1
}

case "$1" in
  start) shift; stop; start "$@"; echo "the second engine is up" ;;
  stop) stop; echo "the second engine is gone" ;;
esac
