#!/bin/sh
# Makes sure that there is a Chromium for the browser tests.
# Usage: browser.sh PYTHON
set -eu
for name in chromium chromium-browser google-chrome; do
  if command -v "$name" >/dev/null 2>&1; then exit 0; fi
done
if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
  echo "… Install Chromium"
  apt-get update -q >/dev/null
  DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends \
    chromium fonts-dejavu-core fonts-noto-color-emoji >/dev/null
else
  "$1" -m playwright install chromium
fi
