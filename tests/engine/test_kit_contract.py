"""Each image keeps the contract of the official one: these pass on Docker Hub's images too."""

from __future__ import annotations

import time
from pathlib import Path

import docker
import pytest
from docker.errors import APIError
from kit_fixtures import Run, address, finish, kit_engine, run, said
from waiting import until

from course.catalogue import ROOT
from course.engine.sandbox import Sandbox
from course.engine.upload import upload
from course.images import kit, recipe
from course.images.build import LABEL
from course.images.hub import pull
from course.images.inventory import Listed, inventory
from course.images.supply import Supply

__all__ = ["kit_engine", "run"]
pytestmark = pytest.mark.engine
IMAGES = inventory().images
# htpasswd -nbB learner secret
HTPASSWD = "learner:$2y$05$f4li.RxjBKreyE2gg5FgJOeXDGRgaXNzmZuOGaEOLNYO3qTjw/mp2"


@pytest.fixture
def only_kit(have: Supply) -> None:
    if have.source != "kit":
        pytest.skip("the images in use are Docker Hub's")


@pytest.mark.usefixtures("only_kit")
@pytest.mark.parametrize("image", IMAGES, ids=lambda image: image.reference)
def test_says_what_it_is(kit_engine: docker.DockerClient, image: Listed) -> None:
    pull(kit_engine, image.reference)
    labels = kit_engine.images.get(image.reference).labels
    assert labels[f"{LABEL}.kit"] == image.kit
    assert labels[f"{LABEL}.reference"] == image.reference
    assert labels[f"{LABEL}.recipe"] == recipe.digest(image, inventory(), kit.extra_authority())
    assert labels[f"{LABEL}.version"][0].isdigit()


@pytest.mark.parametrize("image", IMAGES, ids=lambda image: image.reference)
def test_every_tag_is_the_same_image(kit_engine: docker.DockerClient, image: Listed) -> None:
    for reference in image.references:
        pull(kit_engine, reference)
    if LABEL in str(kit_engine.images.get(image.reference).labels):
        assert len({kit_engine.images.get(name).id for name in image.references}) == 1


def test_hello_world(run: Run) -> None:
    code, output = finish(run("hello-world"))
    assert code == 0
    assert "\nHello from Docker!\n" in output


def test_hello_world_has_nothing_but_its_program(run: Run) -> None:
    container = run("hello-world")
    config = container.image.attrs["Config"]
    assert config["Cmd"] == ["/hello"]
    assert container.image.attrs["Size"] < 20_000
    with pytest.raises(APIError, match="executable file not found"):
        run("hello-world", "sh")


@pytest.mark.parametrize("image", ["busybox", "alpine"])
def test_busybox_has_its_folders(run: Run, image: str) -> None:
    code, output = finish(run(image, "ls", "/"))
    assert code == 0
    folders = {"bin", "dev", "etc", "home", "lib", "proc", "root", "sys", "tmp", "usr", "var"}
    assert folders <= set(output.split())


@pytest.mark.parametrize("image", ["busybox", "alpine"])
def test_busybox_starts_a_shell(run: Run, image: str) -> None:
    container = run(image, tty=True, stdin_open=True)
    assert container.image.attrs["Config"]["Cmd"][-1].endswith("sh")
    until(lambda: container.top()["Processes"], 5)
    container.reload()
    assert container.status == "running"


def test_busybox_looks_up_a_name_and_fetches_a_page(
    kit_engine: docker.DockerClient, run: Run
) -> None:
    network = kit_engine.networks.create("kit-contract")
    try:
        page = "echo a page from busybox > /var/www/index.html && httpd -f -h /var/www"
        run("busybox", "sh", "-c", page, name="kit-pages", network=network.name)
        client = run("busybox", "sleep", "60", network=network.name)
        assert "Name:\tkit-pages" in said(client, "nslookup", "kit-pages")
        fetch = ("wget", "-q", "-O", "-", "http://kit-pages/")
        until(lambda: client.exec_run(list(fetch)).exit_code == 0, 5)
        assert said(client, *fetch) == "a page from busybox"
        assert "1 packets received" in said(client, "ping", "-c", "1", "kit-pages")
        code, output = client.exec_run(["nslookup", "no-such-name"])
        assert code < 126  # the static busybox crashes here: 139
        assert b"kit-pages" not in output
    finally:
        for container in kit_engine.containers.list(filters={"network": network.name}):
            network.disconnect(container, force=True)
        network.remove()


def test_busybox_has_the_usual_tools(run: Run) -> None:
    names = "ps top vi cat grep sed awk id tar nc watch kill wget httpd ping nslookup"
    code, output = finish(run("busybox", "sh", "-c", f"for a in {names}; do which $a; done"))
    assert code == 0
    assert output.split() == [f"/bin/{name}" for name in names.split()]


@pytest.mark.parametrize(("image", "version"), [("trixie", "13"), ("bookworm", "12")])
def test_debian_keeps_no_lists_and_no_packages(run: Run, image: str, version: str) -> None:
    container = run(f"debian:{image}-slim", "sleep", "60")
    assert f'VERSION_ID="{version}"' in said(container, "cat", "/etc/os-release")
    assert said(container, "find", "/var/lib/apt/lists", "-type", "f", "-size", "+1k") == ""
    left = "find /var/cache/apt /usr/share/man -type f -size +1k"
    assert said(container, "sh", "-c", f"{left} 2>/dev/null || true") == ""
    assert said(container, "apt-config", "dump", "DPkg::Post-Invoke").count("/var/cache/apt") > 0
    assert container.image.attrs["Config"]["Cmd"] == ["bash"]


def test_debian_knows_nothing_of_the_machine_it_was_made_on(run: Run) -> None:
    container = run("debian:trixie-slim", "cat", "/etc/hostname")
    code, output = finish(container)
    assert (code, output.strip()) == (0, container.id[:12])


def test_nginx_serves_its_page_and_logs_the_request(run: Run, box: Sandbox) -> None:
    container = run("nginx:alpine")
    fetch = f"curl -s http://{address(container)}/"
    until(lambda: b"<h1>Welcome to nginx!</h1>" in box.run(fetch)[1], 10)
    assert box.run(f"{fetch}none -o /dev/null -w '%{{http_code}}'")[1] == b"404"
    until(lambda: b'"GET / HTTP/1.1" 200' in container.logs(stderr=False), 5)
    assert b"/none" in container.logs(stdout=False)


def test_nginx_serves_a_file_of_ours(run: Run, box: Sandbox) -> None:
    container = run("nginx:alpine")
    said(container, "sh", "-c", "echo mine > /usr/share/nginx/html/mine.txt")
    fetch = f"curl -sf http://{address(container)}/mine.txt"
    until(lambda: box.run(fetch)[1] == b"mine\n", 10)


def test_nginx_quits_at_once_with_its_own_signal(run: Run) -> None:
    container = run("nginx:alpine")
    assert container.image.attrs["Config"]["StopSignal"] == "SIGQUIT"
    until(lambda: b"start worker process" in container.logs(), 10)
    began = time.monotonic()
    container.stop()
    assert time.monotonic() - began < 2
    assert container.wait()["StatusCode"] == 0


def test_nginx_fills_in_templates(run: Run, box: Sandbox) -> None:
    template = "server { listen 81; location / { return 200 '${WORD} $uri'; } }"
    write = (
        "mkdir -p /etc/nginx/templates; printf '%s' \"$T\" > /etc/nginx/templates/t.conf.template;"
        "exec /docker-entrypoint.sh nginx -g 'daemon off;'"
    )
    container = run(
        "nginx:alpine", "-c", write, entrypoint="sh", environment={"T": template, "WORD": "hello"}
    )
    fetch = f"curl -sf http://{address(container)}:81/x"
    until(lambda: box.run(fetch)[1] == b"hello /x", 10)


def test_nginx_has_the_official_paths(run: Run) -> None:
    container = run("nginx:alpine")
    assert "listen" in said(container, "cat", "/etc/nginx/conf.d/default.conf")
    assert said(container, "ls", "/usr/share/nginx/html").split() == ["50x.html", "index.html"]
    assert said(container, "readlink", "/var/log/nginx/access.log") == "/dev/stdout"
    assert said(container, "id", "-u", "nginx") == "101"
    config = container.image.attrs["Config"]
    assert config["Cmd"] == ["nginx", "-g", "daemon off;"]
    assert config["Entrypoint"] == ["/docker-entrypoint.sh"]
    assert "80/tcp" in config["ExposedPorts"]


def test_redis_answers_and_runs_as_its_user(run: Run) -> None:
    container = run("redis:alpine")
    until(lambda: container.exec_run(["redis-cli", "ping"]).output == b"PONG\n", 10)
    assert said(container, "stat", "-c", "%U", "/proc/1") == "redis"
    assert said(container, "stat", "-c", "%u", "/proc/1") == "999"
    assert said(container, "pwd") == "/data"
    config = container.image.attrs["Config"]
    assert config["Cmd"] == ["redis-server"]
    assert config["Volumes"] == {"/data": {}}
    assert "6379/tcp" in config["ExposedPorts"]


def test_redis_answers_other_machines(run: Run) -> None:
    where = address(run("redis:alpine"))
    client = run("redis:alpine", "sleep", "60")
    ask = ["redis-cli", "-h", where, "ping"]
    until(lambda: client.exec_run(ask).output == b"PONG\n", 10)


def test_redis_keeps_its_data_in_the_volume(kit_engine: docker.DockerClient, run: Run) -> None:
    first = run("redis:alpine", volumes=["kit-redis:/data"])
    until(lambda: first.exec_run(["redis-cli", "set", "k", "kept"]).output == b"OK\n", 10)
    began = time.monotonic()
    first.stop()  # it saves when it is told to stop
    assert time.monotonic() - began < 5
    assert first.wait()["StatusCode"] == 0
    second = run("redis:alpine", volumes=["kit-redis:/data"])
    until(lambda: second.exec_run(["redis-cli", "get", "k"]).output == b"kept\n", 10)


def test_redis_takes_bare_options(run: Run) -> None:
    container = run("redis:alpine", "--port", "7000")
    until(lambda: container.exec_run(["redis-cli", "-p", "7000", "ping"]).output == b"PONG\n", 10)
    code, output = finish(run("redis:alpine", "redis-server", "--version"))
    assert code == 0
    assert output.startswith("Redis server v=")


def test_registry_takes_and_gives_an_image(kit_engine: docker.DockerClient, run: Run) -> None:
    run("registry:3", ports={"5000/tcp": 5000})
    pull(kit_engine, "hello-world")
    name = "127.0.0.1:5000/mine/hello"
    kit_engine.images.get("hello-world").tag(name, "v1")
    until(lambda: _pushes(kit_engine, f"{name}:v1"), 15)
    pushed = kit_engine.images.get(f"{name}:v1").id
    kit_engine.images.remove(f"{name}:v1")
    pull(kit_engine, f"{name}:v1")
    assert kit_engine.images.get(f"{name}:v1").id == pushed
    kit_engine.images.remove(f"{name}:v1")


def _pushes(client: docker.DockerClient, reference: str) -> bool:
    return "errorDetail" not in client.images.push(reference)


def test_registry_asks_for_a_password(run: Run, box: Sandbox) -> None:
    environment = {
        "REGISTRY_AUTH": "htpasswd",
        "REGISTRY_AUTH_HTPASSWD_REALM": "learning",
        "REGISTRY_AUTH_HTPASSWD_PATH": "/tmp/htpasswd",
    }
    write = f"echo '{HTPASSWD}' > /tmp/htpasswd; exec /entrypoint.sh /etc/distribution/config.yml"
    container = run("registry:3", "-c", write, entrypoint="sh", environment=environment)
    url = f"http://{address(container)}:5000/v2/"
    ask = f"curl -s -o /dev/null -w '%{{http_code}}' {url}"
    until(lambda: box.run(ask)[1] == b"401", 10)
    assert box.run(f"{ask} -u learner:wrong")[1] == b"401"
    assert box.run(f"{ask} -u learner:secret")[1] == b"200"


def test_registry_has_the_official_paths(run: Run) -> None:
    container = run("registry:3")
    config = container.image.attrs["Config"]
    assert config["Cmd"] == ["/etc/distribution/config.yml"]
    assert config["Volumes"] == {"/var/lib/registry": {}}
    assert "5000/tcp" in config["ExposedPorts"]
    said(container, "registry", "garbage-collect", "--help")


@pytest.mark.parametrize(
    ("image", "version"), [("python:3.13-slim", "3.13"), ("python:3.11-slim", "3.11")]
)
def test_python(run: Run, image: str, version: str) -> None:
    show = "import sys, ssl, sqlite3, venv; print('%d.%d' % sys.version_info[:2])"
    for name in ("python", "python3"):
        assert finish(run(image, name, "-c", show)) == (0, f"{version}\n")
    code, output = finish(run(image, "pip", "install", "--no-index", "no-such-package"))
    assert code == 1
    assert "externally-managed" not in output
    assert "No matching distribution" in output
    container = run(image, "sleep", "1")
    assert container.image.attrs["Config"]["Cmd"] == ["python3"]


NODE = next(image for image in IMAGES if image.recipe == "node").reference
LOCKS = sorted((ROOT / "exercises").glob("**/package-lock.json"))
# What `npm install` takes is what it finds; with the lock file `npm ci` takes what that names.
INSTALLS = {"npm ci": "package*.json", "npm install": "package.json"}


def test_node(run: Run) -> None:
    container = run(NODE, "sleep", "60")
    major = NODE.partition(":")[2].partition("-")[0]
    assert said(container, "node", "--version").startswith(f"v{major}.")
    assert said(container, "npm", "--version") == said(container, "npx", "--version")
    assert said(container, "id", "node").startswith("uid=1000(node) gid=1000(node)")
    assert "sleep 60" in said(container, "ps")
    assert said(container, "which", "wget").endswith("/wget")
    config = container.image.attrs["Config"]
    assert config["Cmd"] == ["node"]
    assert config["Entrypoint"] == ["docker-entrypoint.sh"]


@pytest.mark.parametrize(
    "command",
    [("-p", "6 * 7"), ("node", "-p", "6 * 7"), ("six.js",), ("/tmp/six.js",), ("echo", "42")],
    ids=["options", "node", "a script", "a script's path", "a program"],
)
def test_node_s_entry_point(
    kit_engine: docker.DockerClient, run: Run, command: tuple[str, ...]
) -> None:
    write = "echo 'console.log(6 * 7)' > /tmp/six.js"
    with_script = run(NODE, "sh", "-c", write)
    assert finish(with_script) == (0, "")
    with_script.commit("kit-contract-node")
    assert finish(run("kit-contract-node", *command, working_dir="/tmp")) == (0, "42\n")


@pytest.mark.usefixtures("only_kit")
@pytest.mark.skipif(not kit.extra_authority(), reason="no COURSE_EXTRA_CA")
def test_node_trusts_the_extra_authority(run: Run) -> None:
    container = run(NODE, "sleep", "60")
    told = dict(line.partition("=")[::2] for line in said(container, "env").splitlines())
    for name in ("NODE_EXTRA_CA_CERTS", "SSL_CERT_FILE"):
        assert said(container, "head", "-c", "27", told[name]) == "-----BEGIN CERTIFICATE-----"
    authority = said(container, "cat", recipe.AUTHORITY)
    assert authority in said(container, "cat", told["NODE_EXTRA_CA_CERTS"])


@pytest.mark.usefixtures("only_kit")
@pytest.mark.parametrize("install", INSTALLS)
@pytest.mark.parametrize("lock", LOCKS, ids=lambda path: path.parent.name)
def test_npm_needs_no_network(
    kit_engine: docker.DockerClient, box: Sandbox, lock: Path, install: str
) -> None:
    pull(kit_engine, NODE)
    dockerfile = f"FROM {NODE}\nWORKDIR /usr/app\nCOPY {INSTALLS[install]} ./\nRUN {install}\n"
    build = "docker build --quiet --no-cache --network none --file -"
    place = upload(box, lock.parent)
    code, output = box.run(f"cd {place} && printf '{dockerfile}' | {build} . 2>&1")
    assert code == 0, output.decode()[-2000:]
