#!/bin/sh
# Makes /etc/nginx/conf.d/NAME of each /etc/nginx/templates/NAME.template: ${VARIABLE} becomes the
# variable's value where the environment has one, so that nginx's own $variables stay.
set -e
from=${NGINX_ENVSUBST_TEMPLATE_DIR:-/etc/nginx/templates}
suffix=${NGINX_ENVSUBST_TEMPLATE_SUFFIX:-.template}
to=${NGINX_ENVSUBST_OUTPUT_DIR:-/etc/nginx/conf.d}
[ -d "$from" ] || exit 0
if [ ! -w "$to" ]; then
  echo "$0: ERROR: $from exists, but $to is not writable" >&2
  exit 0
fi
names=$(awk 'BEGIN { for (name in ENVIRON) if (name ~ /'"${NGINX_ENVSUBST_FILTER:-}"'/) printf "${%s} ", name }')
find "$from" -follow -type f -name "*$suffix" | while read -r template; do
  name=${template#"$from"/}
  target=$to/${name%"$suffix"}
  mkdir -p "$(dirname "$target")"
  [ -n "${NGINX_ENTRYPOINT_QUIET_LOGS:-}" ] || echo "$0: Running envsubst on $template to $target"
  envsubst "$names" <"$template" >"$target"
done
