#!/bin/sh
# Makes a root file system of busybox and the libraries that it is linked with.
# The dynamic busybox: the static one crashes as soon as it looks up a name.
set -eu
root=$1
cd /
mkdir -p "$root"
(
  cd "$root"
  mkdir -p bin dev etc home lib proc root sys tmp usr/bin usr/sbin var/spool/mail var/www
  chmod 1777 tmp
  chmod 700 root
  ln -s lib lib64
  ln -s ../../bin/env usr/bin/env # where scripts look for it
)
cp /usr/bin/busybox "$root/bin/"
# Lines of ldd: "name => /path (address)", and "/path (address)" for the loader.
ldd /usr/bin/busybox | grep -o '/[^ ]*' | while read -r library; do
  cp -L "$library" "$root/lib/"
done
for applet in $(busybox --list); do
  [ "$applet" = busybox ] || ln -s busybox "$root/bin/$applet"
done
cp /src/passwd /src/group /src/nsswitch.conf "$root/etc/"
chroot "$root" /bin/sh -c 'ls / >/dev/null'
