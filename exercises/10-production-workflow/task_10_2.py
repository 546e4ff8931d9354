from __future__ import annotations

from course.checks import At, ContainerAt, Lab
from course.checks.image import ImageAt, find_image, need_image
from course.checks.make_image import remove_images
from course.checks.make_project import run, write
from course.checks.stage import remove

IMAGE, BASE = "brochure:small", "nginx:alpine"
BUDGET = 1_000_000  # bytes on top of nginx
BUILD = """import { mkdirSync, writeFileSync } from "node:fs";

mkdirSync("out", { recursive: true });
mkdirSync("cache", { recursive: true });
writeFileSync("cache/drafts.dat", Buffer.alloc(20_000_000, "draft "));
const tides = Array.from({ length: 2000 }, (_, hour) => Math.round(200 + 150 * Math.sin(hour / 2)));
writeFileSync("out/tides.json", JSON.stringify(tides));
writeFileSync("out/index.html", "<h1>Boats and tides</h1>\\n");
"""
SERVER = """import { createReadStream } from "node:fs";
import { createServer } from "node:http";

createServer((request, response) => {
  const name = request.url === "/" ? "/index.html" : request.url;
  createReadStream("out" + name).on("error", () => response.writeHead(404).end()).pipe(response);
}).listen(80);
"""
DOCKERFILE = """FROM node:24-alpine
WORKDIR /site
COPY . .
RUN node build.mjs
CMD ["node", "server.mjs"]
"""
HISTORY = f"docker history {IMAGE}"


def check(at: At) -> str:
    brochure = need_image(at, IMAGE)
    is_in_budget(at, brochure)
    page = at.find("brochure")
    if page is None:
        at.not_yet(f"`{IMAGE}` is within the budget. Now run a container `brochure` of it.")
    page.running().image(IMAGE)
    nginx_runs(at, page)
    at.answers(8081, "Boats and tides")
    if "[200," not in at.answers(8081, path="/tides.json"):
        at.not_yet("Port 8081 gives a `/tides.json`, but not the one that `build.mjs` makes.")
    return "The tools that build the page stay behind: only the page ships."


def is_in_budget(at: At, brochure: ImageAt) -> None:
    base = find_image(at, BASE)
    if base is None:
        brochure.not_yet(f"There is no `{BASE}` here to compare with: pull it.")
    extra = brochure.size - base.size
    if extra <= BUDGET:
        return
    if brochure.digests[: len(base.digests)] != base.digests:
        brochure.not_yet(
            f"`{IMAGE}` does not build on `{BASE}`, so it brings all of another base along.",
            HISTORY,
        )
    brochure.not_yet(
        f"`{IMAGE}` takes {extra / 1e6:.1f} MB more than `{BASE}`, and the budget is 1 MB. Which "
        "step brings so much? What a later step removes stays in the layer below.",
        HISTORY,
    )


def nginx_runs(at: At, page: ContainerAt) -> None:
    processes = at.client.api.top(page.attrs["Id"])["Processes"]
    if not any(process[-1].startswith("nginx:") for process in processes):
        page.not_yet(
            f"`{IMAGE}` is within the budget, but what serves in it is `{processes[0][-1]}`, not "
            "nginx.",
            "docker top brochure",
        )


def setup(lab: Lab) -> None:
    remove(lab, "brochure", "naive")
    remove_images(lab, IMAGE)
    run(lab, "rm -rf /brochure")
    for name, content in FILES.items():
        write(lab, "brochure", name, content)


FILES = {"build.mjs": BUILD, "server.mjs": SERVER, "Dockerfile": DOCKERFILE}
STAGES = """FROM node:24-alpine AS build
WORKDIR /site
COPY . .
RUN node build.mjs
FROM nginx:alpine
COPY --from=build /site/out /usr/share/nginx/html
"""


def _build(lab: Lab, dockerfile: str) -> None:
    write(lab, "brochure", "Dockerfile", dockerfile)
    run(lab, f"docker pull -q {BASE} && cd /brochure && docker build -q -t {IMAGE} . 2>&1")


def _run(lab: Lab, port: int = 8081) -> None:
    remove(lab, "brochure")
    publish = f"--publish {port}:80"
    run(lab, f"docker run --detach --name brochure {publish} {IMAGE} 2>&1")
    run(lab, f"curl -s -o /dev/null --retry 40 --retry-delay 1 --retry-all-errors localhost:{port}")


def solve(lab: Lab) -> None:
    _build(lab, STAGES)
    _run(lab)


def as_it_was(lab: Lab) -> None:
    _build(lab, DOCKERFILE)


def everything(lab: Lab) -> None:
    _build(lab, STAGES.replace("/site/out", "/site"))


def removed_later(lab: Lab) -> None:
    more = "RUN rm -r /usr/share/nginx/html/cache\n"
    _build(lab, STAGES.replace("/site/out", "/site") + more)


def another_server(lab: Lab) -> None:
    server = 'FROM busybox\nCMD ["httpd", "-f", "-p", "80", "-h", "/usr/share/nginx/html"]\n'
    _build(lab, STAGES.replace(f"FROM {BASE}\n", server))
    _run(lab)


def page_only(lab: Lab) -> None:
    _build(lab, STAGES.replace("/site/out ", "/site/out/index.html "))
    _run(lab)


def not_run(lab: Lab) -> None:
    _build(lab, STAGES)


def other_port(lab: Lab) -> None:
    _build(lab, STAGES)
    _run(lab, 3000)


WRONG = (
    (as_it_was, "does not build on `nginx:alpine`"),
    (everything, "20."),
    (removed_later, "stays in the layer below"),
    (page_only, "answers `/tides.json` with status 404"),
    (another_server, "`httpd -f -p 80 -h /usr/share/nginx/html`, not nginx"),
    (not_run, "Now run a container `brochure`"),
    (other_port, "Port 8081 does not answer"),
)
