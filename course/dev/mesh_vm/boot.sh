#!/bin/sh
# What the virtual machine does when it boots: mounts, modules, network, then the Docker engine.
# Beside this script are the certificates of this boot, and `ports`: the first and last port that the
# machine outside forwards to the same number in here, and whether there is a way to others.
export PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin HOME=/root
mount -t proc proc /proc
mount -t sysfs sysfs /sys
mountpoint -q /dev || mount -t devtmpfs devtmpfs /dev
mkdir -p /dev/pts /dev/shm
mount -t devpts devpts /dev/pts
for place in /dev/shm /tmp; do mount -t tmpfs tmpfs $place; done
mount -t cgroup2 cgroup2 /sys/fs/cgroup
# A group whose children have controllers may hold no process itself.
mkdir /sys/fs/cgroup/init
echo $$ >/sys/fs/cgroup/init/cgroup.procs
sed -e 's/ / +/g' -e 's/^/+/' </sys/fs/cgroup/cgroup.controllers >/sys/fs/cgroup/cgroup.subtree_control

# What engines ask modprobe for: those in the sandboxes have none. The kernel itself loads ip_vs
# when an engine asks for it, as on any machine.
for module in overlay br_netfilter bridge veth vxlan dummy macvlan \
  nf_conntrack nf_nat iptable_nat iptable_filter iptable_mangle iptable_raw \
  ip6table_nat ip6table_filter nft_compat nf_tables xt_conntrack xt_MASQUERADE xt_addrtype \
  xt_nat xt_mark xt_set xt_u32 xt_bpf xt_policy xt_tcpudp xt_REDIRECT ipt_REJECT; do
  modprobe $module 2>/dev/null || echo "no module $module"
done

read -r first last line </run/course/ports
hostname meshvm
ip link set lo up
ip link set eth0 up
ip address add 10.0.2.15/24 dev eth0
if [ "$line" = online ]; then
  ip route add default via 10.0.2.2
  echo nameserver 10.0.2.3 >/etc/resolv.conf
else # a question to a name server fails at once: nobody waits for an answer
  ip route add unreachable default
  echo nameserver 192.0.2.1 >/etc/resolv.conf
fi
printf '127.0.0.1 localhost\n10.0.2.15 meshvm\n' >/etc/hosts
# Docker takes a port of this range where nobody names one. What it publishes on 127.0.0.1 in here
# is then reached by the same number on 127.0.0.1 out there.
echo "$((first + 1)) $last" >/proc/sys/net/ipv4/ip_local_port_range
echo 1 >/proc/sys/net/ipv4/conf/eth0/route_localnet
echo 1 >/proc/sys/net/ipv4/ip_forward
iptables -t nat -A PREROUTING -i eth0 -p tcp --dport "$((first + 1)):$last" -j DNAT --to-destination 127.0.0.1

echo "engine starts after $(cut -d' ' -f1 /proc/uptime) s on Linux $(uname -r)"
# It gives up where its containerd takes 15 s to start, which happens beside other work.
while ! dockerd --log-level=warn --host=unix:///run/docker.sock --host=tcp://0.0.0.0:"$first" \
  --tlsverify --tlscacert=/run/course/ca.pem --tlscert=/run/course/cert.pem \
  --tlskey=/run/course/key.pem; do
  rm -f /var/run/docker.pid /run/docker/containerd/*.pid
  sleep 1
done
