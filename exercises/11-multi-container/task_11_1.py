from __future__ import annotations

import json
import secrets

from course.checks import At, ContainerAt, Lab
from course.checks.answer import WEBSOCKET
from course.checks.make_project import compose, make_part, make_project, run, write
from course.checks.project import services

PROJECT, PORT = "gate", 8081
SET = 'lab.task("11.1")'
FILE, CONFIG = "/gate/nginx/default.conf", "/etc/nginx/conf.d/default.conf"
ROUTES = "curl --silent --include http://localhost:8081/api/values/current"
COMPOSE = """\
name: gate

services:
  redis:
    image: redis:alpine

  server:
    image: complex-app-server
    command: ["node", "index.js"]
    depends_on:
      - redis

  client:
    image: busybox
    init: true
    command: httpd -f -p 3000 -h /page
    volumes:
      - ./page:/page:ro

  nginx:
    build: nginx
    depends_on:
      - server
      - client
    ports:
      - "8081:80"
"""
DOCKERFILE = "FROM nginx:alpine\nCOPY default.conf /etc/nginx/conf.d/default.conf\n"
BROKEN = """\
server {
  listen 80;
  proxy_http_version 1.1;

  location / {
    proxy_pass http://client:3000;
  }

  location /api/ {
    proxy_pass http://server:5000;
  }
}
"""


def check(at: At) -> str:
    found = services(at, PROJECT)
    nginx, client = found.get("nginx"), found.get("client")
    if nginx is None or client is None:
        at.not_attempted("The project `gate` is not there. Set the stage first.", SET)
    inside = (nginx.read(CONFIG) or b"").decode(errors="replace")
    check_files(at, nginx, inside)
    nginx.running()
    check_page(at)
    check_api(at)
    check_socket(at)
    return "Pages come from the client, `/api/` from the server, and WebSockets get through."


def check_files(at: At, nginx: ContainerAt, inside: str) -> None:
    outside = at.host_file(FILE)
    if outside == inside == BROKEN:
        at.not_attempted(f"`{FILE}` is as it was given, and so is nginx.", ROUTES)
    if inside == BROKEN:
        nginx.not_yet(
            f"You changed `{FILE}` on the Docker host. The container still has the old one: the "
            "file is copied into the image, so the image has to be built again.",
            f"docker exec {nginx.name} cat {CONFIG}",
        )
    if outside == BROKEN:
        nginx.not_yet(
            f"You changed the file in the container. `{FILE}`, from which the image is built, is "
            "as it was: the next container has the fault again.",
            f"cat {FILE}",
        )


def check_page(at: At) -> None:
    page = at.asked(PORT)
    if page is None:
        at.not_yet(f"Port {PORT} does not answer.", "docker logs gate-nginx-1")
    token = (at.host_file("/gate/page/index.html") or "").strip()
    if page.status != 200 or token not in page.body:
        at.not_yet(f"`/` answers {page.status}, and not with the client's page.", ROUTES)


def check_api(at: At) -> None:
    answer = at.asked(PORT, "/api/values/current")
    if answer is None:
        at.not_yet("`/api/values/current` does not answer.", "docker logs gate-nginx-1")
    if "Cannot GET" in answer.body:
        got = answer.body.partition("Cannot GET ")[2].partition("<")[0]
        at.not_yet(
            f"The server was asked for `{got}`, and it knows no such path. Its own is "
            "`/values/current`.",
            ROUTES,
        )
    if answer.status != 200 or not is_json(answer.body):
        at.not_yet(f"`/api/values/current` answers {answer.status}, and no JSON.", ROUTES)


def is_json(text: str) -> bool:
    try:
        return isinstance(json.loads(text), dict)
    except ValueError:
        return False


def check_socket(at: At) -> None:
    answer = at.asked(PORT, "/api/live", **WEBSOCKET)
    if answer is None or answer.status != 101:
        said = f"answered {answer.status}" if answer else "not answered at all"
        at.not_yet(
            f"Paths are right. But a request to `/api/live` that asks for an upgrade to a "
            f"WebSocket is {said}, and not 101: nginx does not pass on that it asks.",
            f"cat {FILE}",
        )


def setup(lab: Lab) -> None:
    make_part(lab, "server")
    page = f"<h1>The page, {secrets.token_hex(4)}</h1>\n"
    files = {
        "compose.yaml": COMPOSE,
        "nginx/Dockerfile": DOCKERFILE,
        "nginx/default.conf": BROKEN,
        "page/index.html": page,
    }
    make_project(lab, PROJECT, files)
    compose(lab, PROJECT, "up --detach --build --quiet-pull")


UPGRADE = """\
  proxy_http_version 1.1;
  proxy_set_header Upgrade $http_upgrade;
  proxy_set_header Connection upgrade;
"""
STRIPPED = "rewrite ^/api/(.*)$ /$1 break;\n    proxy_pass http://server:5000;"


def mended(*, upgrade: bool = True, path: bool = True) -> str:
    text = BROKEN
    if upgrade:
        text = text.replace("  proxy_http_version 1.1;\n", UPGRADE)
    return text.replace("proxy_pass http://server:5000;", STRIPPED) if path else text


def up(lab: Lab, config: str) -> None:
    write(lab, PROJECT, "nginx/default.conf", config)
    compose(lab, PROJECT, "up --detach --build")
    until_open(lab)


def until_open(lab: Lab) -> None:
    url = f"http://localhost:{PORT}/"
    run(lab, f"for i in $(seq 100); do curl -s -o /dev/null {url} && exit; sleep 0.1; done; exit 1")


def solve(lab: Lab) -> None:
    up(lab, mended())


def only_the_path(lab: Lab) -> None:
    up(lab, mended(upgrade=False))


def only_the_upgrade(lab: Lab) -> None:
    up(lab, mended(path=False))


def not_built(lab: Lab) -> None:
    write(lab, PROJECT, "nginx/default.conf", mended())
    compose(lab, PROJECT, "restart nginx")
    until_open(lab)


def in_the_container(lab: Lab) -> None:
    nginx = lab.client.containers.get("gate-nginx-1")
    nginx.exec_run(["sed", "-i", "s|server:5000|server:5000/|", CONFIG])
    nginx.kill("HUP")


def all_to_the_server(lab: Lab) -> None:
    up(lab, mended().replace("http://client:3000", "http://server:5000"))


WRONG = (
    (only_the_path, "asks for an upgrade to a WebSocket"),
    (only_the_upgrade, "was asked for `/api/values/current`"),
    (not_built, "the image has to be built again"),
    (in_the_container, "You changed the file in the container"),
    (all_to_the_server, "not with the client's page"),
)
