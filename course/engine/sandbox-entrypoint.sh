#!/bin/sh
# First program of a sandbox: prepares the nested machine, then keeps its Docker engine running.
# Works on cgroup v1, hybrid and v2, in the kit's engine image and in docker:dind.
set -eu
CG=/sys/fs/cgroup
# A container that is not --privileged gets these read-only.
mount -o remount,rw /sys 2>/dev/null || true
mount -o remount,rw /proc/sys 2>/dev/null || true

if [ -f $CG/cgroup.controllers ]; then
  mount -o remount,rw $CG 2>/dev/null || { umount $CG; mount -t cgroup2 cgroup2 $CG; }
  # v2 refuses controllers for children while the parent itself holds processes.
  mkdir -p $CG/init
  while read -r pid; do echo "$pid" >$CG/init/cgroup.procs 2>/dev/null || true; done <$CG/cgroup.procs
  sed -e 's/ / +/g' -e 's/^/+/' <$CG/cgroup.controllers >$CG/cgroup.subtree_control
else
  umount -R -l $CG 2>/dev/null || true
  mount -t tmpfs -o mode=755 cgroup $CG
  # Every hierarchy, the named ones too: containerd refuses to start a container otherwise.
  while IFS=: read -r _ controllers _; do
    case "$controllers" in
      '') continue ;;
      name=*) folder=${controllers#name=} options=none,$controllers ;;
      *) folder=$controllers options=$controllers ;;
    esac
    mkdir -p "$CG/$folder"
    mount -t cgroup -o "$options" cgroup "$CG/$folder" || rmdir "$CG/$folder"
  done </proc/self/cgroup
fi
mount --make-rshared / || true

# The mirror's certificate authority: only sandboxes trust it.
[ ! -f /course/mirror-ca.pem ] || cat /course/mirror-ca.pem >>/etc/ssl/certs/ca-certificates.crt

# A paused process cannot die on cgroup v1, and would keep the whole sandbox from ending.
thaw() { find $CG -name freezer.state | while read -r state; do echo THAWED >"$state" || true; done; }

# The end is quick: with this script all else here ends, and nothing needs to be saved.
finish() {
  thaw
  exit 0
}
trap finish TERM INT

# Nobody may be left to remove this sandbox (its kernel was killed, the machine slept), so it ends
# itself: a claimed one when no client has been connected for COURSE_ORPHAN_SECONDS, a spare one
# after COURSE_SPARE_SECONDS. The container is created with auto-remove, so nothing stays behind.
# The count begins anew when a sandbox is claimed, switched off or switched on: who does that comes.
connected() { grep -qE ':0948 [0-9A-F]+:[0-9A-F]+ 01 ' /proc/net/tcp /proc/net/tcp6 2>/dev/null; }
watch_for_clients() {
  idle=0 before=
  while sleep 2; do
    state=spare limit=$COURSE_SPARE_SECONDS
    [ ! -f /course/claimed ] || state=claimed limit=$COURSE_ORPHAN_SECONDS
    [ ! -f /course/off ] || state=off limit=$COURSE_OFF_SECONDS # an engine that is off has no clients
    if connected || [ "$state" != "$before" ]; then idle=0; else idle=$((idle + 2)); fi
    before=$state
    [ "$idle" -lt "$limit" ] || { kill -TERM $$; return; }
  done
}
watch_for_clients &

# The switch of this machine (engine/power.py writes the word and sends USR1). "kill" is a power cut:
# all but this script die at once; "stop" is an orderly shutdown, as long as the engine keeps to
# COURSE_STOP_SECONDS: a service manager, too, kills what does not end. Both leave the disk.
switch_off() {
  touch /course/off.asked
  if [ "$(cat /course/power)" = stop ]; then
    { sleep "$COURSE_STOP_SECONDS" && kill -KILL "$engine"; } &
    kill -TERM "$engine" && wait "$engine" || true
  fi
  thaw
  kill -KILL -1 || true # all processes of this sandbox but the first and this one
  wait || true
  forget
  watch_for_clients &
  mv /course/off.asked /course/off
}
# What a machine has forgotten when it starts again: mounts, networks, and who ran.
forget() {
  awk '$2 ~ "^/(var/)?(lib|run)/docker/" { print $2 }' /proc/mounts | sort -r |
    while read -r place; do umount -l "$place" || true; done
  for link in /sys/class/net/*; do
    case "${link##*/}" in lo | eth[0-9]*) ;; *) ip link delete "${link##*/}" 2>/dev/null || true ;; esac
  done
  ip xfrm state flush 2>/dev/null || true
  ip xfrm policy flush 2>/dev/null || true
  rm -rf /run/docker /var/run/docker /var/run/docker.sock
}
engine=
echo $$ >/course/pid
trap switch_off USR1

# An engine that is killed (a lesson does it) comes back, as systemd would bring it back.
# Its containerd survives it and is taken over: only what an earlier boot left is removed.
rm -f /course/off
while :; do
  if [ -e /course/off ] || [ -e /course/off.asked ]; then
    sleep 0.1
    continue
  fi
  rm -f /var/run/docker.pid /run/docker/containerd/*.pid
  dockerd "$@" &
  engine=$!
  wait $engine || true
  sleep 0.3
done
