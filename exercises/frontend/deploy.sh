#!/bin/sh
# deploy.sh IMAGE: starts this version beside the one that serves, and switches when it is healthy.
# To roll back, deploy the image of before. PORT (8080) is where the page is served.
set -eu
image="${1:?which image? For example localhost:5000/frontend:0123456789ab}"
new="web-${image##*:}"
config=/etc/nginx/conf.d/default.conf

serves() { docker exec front grep -qF "http://$1;" "$config" 2> /dev/null; }

if serves "$new"; then
    echo "$new serves already."
    exit 0
fi

# 1. The new version, beside the old one. Nobody is sent to it yet.
docker pull --quiet "$image" > /dev/null
docker network inspect frontend > /dev/null 2>&1 || docker network create frontend > /dev/null
docker rm --force "$new" > /dev/null 2>&1 || true
docker run --detach --name "$new" --network frontend --label app=frontend \
    --restart unless-stopped "$image" > /dev/null

# 2. The gate: no health, no switch.
for _ in $(seq 30); do
    health="$(docker inspect --format '{{if .State.Health}}{{.State.Health.Status}}{{end}}' "$new")"
    [ "$health" = starting ] || break
    sleep 1
done
if [ "$health" != healthy ]; then
    docker rm --force "$new" > /dev/null
    echo "$new is ${health:-without a health check}, and is removed." >&2
    echo "What served before goes on serving." >&2
    exit 1
fi
echo "$new is healthy."

# 3. The switch: nginx, in front of all versions, learns another address. A reload drops no request.
file="$(mktemp)"
echo "server { listen 80; location / { proxy_pass http://$new; } }" > "$file"
if docker inspect front > /dev/null 2>&1; then
    docker cp "$file" "front:$config"
    docker exec front nginx -s reload 2> /dev/null
else
    docker pull --quiet nginx:alpine > /dev/null
    docker create --name front --network frontend --publish "${PORT:-8080}:80" \
        --restart unless-stopped nginx:alpine > /dev/null
    docker cp "$file" "front:$config"
    docker start front > /dev/null
fi
rm "$file"

# 4. The old versions go, once nginx has answered the requests that it had sent them.
for _ in 1 2 3 4 5; do
    sleep 1
    docker top front | grep -q 'shutting down' || break
done
for old in $(docker ps --all --filter label=app=frontend --format '{{.Names}}'); do
    [ "$old" = "$new" ] || docker rm --force "$old" > /dev/null
done
echo "$new serves."
