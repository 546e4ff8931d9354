#!/bin/sh
# From a commit to the page that it makes: build, test, tag, push, deploy.
# `set -e` is the gate: the first command that fails ends the script, and nothing after it runs.
set -eu
cd "$(dirname "$0")"
registry="${REGISTRY:-localhost:5000}"

if [ -n "$(git status --porcelain)" ]; then
    echo "Commit first: an image is named by the commit that it was built from." >&2
    exit 1
fi
commit="$(git rev-parse --short=12 HEAD)"
image="$registry/frontend:$commit"

echo "== build $commit"
docker build --quiet --target build --tag frontend:build . > /dev/null
docker build --quiet --build-arg "COMMIT=$commit" --tag frontend:latest . > /dev/null

echo "== test"
docker run --rm --env NO_COLOR=1 frontend:build sh -c "npm test 2>&1"

echo "== tag $image"
docker tag frontend:latest "$image"

echo "== push"
docker push --quiet "$image"

echo "== deploy"
./deploy.sh "$image"
