from __future__ import annotations

import base64
from itertools import pairwise

import pytest

from course.notebook.status import SOURCES
from course.testing import sanitise
from course.testing.rules import RULES

ID, OTHER_ID = "4f2a" * 16, "9be1" * 16
SHORT, OTHER_SHORT = ID[:12], OTHER_ID[:12]
SWARM_ID = "x7k2m9q4w1e8r5t3y6u0i2o4p"

STEP = "{}\n</text>\n<rect class='run-tint' width='9'>\n</rect>\n<text x='1'>\n{}\n</text>\n"
ROWS = (
    "<g class='glide' data-key='e-web-{}' style='y:386'>\n<text>\n{}\n</text>\n</g>\n"
    "<g class='glide' data-key='e-web-{}' style='y:439'>\n<text>\n{}\n</text>\n</g>\n"
)


def own_pull(*before: str, first: str = "Already exists", done: str = SHORT) -> str:
    end = "Digest: x\nStatus: Downloaded newer image for localhost:5000/shop:1.0\n"
    lines = [f"{OTHER_SHORT}: {first}", f"{done}: Pulling fs layer", *before]
    return "\n".join([*lines, f"{done}: Pull complete", end])


def push(*after: str, to: str = "localhost:5000/hello") -> str:
    lines = [f"The push refers to repository [{to}]", f"{SHORT}: Preparing", *after]
    return "\n".join([*lines, f"latest: digest: sha256:{ID} size: 524"])


# The name of a rule, and two texts that two right runs may show.
SAME = [
    ("pull-progress", f"{SHORT}: Pull complete\nDigest: x", "Digest: x"),
    ("own-pull", own_pull(done=SHORT), own_pull(f"{OTHER_SHORT}: Waiting", done=OTHER_SHORT)),
    ("own-push", push(f"{SHORT}: Pushed"), push(f"{SHORT}: Pushing\n{SHORT}: Pushed")),
    (
        "hello-message",
        "Hello from Docker!\nIt works.\n $ docker run -it busybox sh\nend",
        "Hello from Docker!\nThis.\n\n $ x\n https://docs.docker.com/get-started/\nend",
    ),
    ("buildkit-transfer", f"#4 sha256:{ID} 1.05MB / 29MB 0.2s\n#4 DONE", "#4 DONE"),
    ("buildkit-transfer", "#5 transferring context: 33.5MB 0.2s\n#5 x", "#5 x"),
    (
        "buildkit-under-way",
        "#7 exporting layers\n#7 exporting layers done",
        "#7 exporting layers done",
    ),
    ("buildkit-took", "#7 exporting layers 0.4s done", "#7 exporting layers done"),
    ("buildkit-took", "#5 transferring context: 2B 0.1s done", "#5 transferring context: 2B done"),
    ("buildkit-output", "#5 0.155 hello", "#5 12.01 hello"),
    ("buildkit-last-words", "0.11 a\n0.220 b\n------", "1.11 a\n10.22 b\n------"),
    ("vitest-passed", " ✗ a\n   ✓ the page 310ms\n", " ✗ a\n"),
    ("vitest-duration", "   Duration  1.02s (import 53%, tests 4%)", "   Duration  48ms"),
    ("vite-clock", "9:01:02 AM [vite] (client) hmr", "11:11:25 PM [vite] (client) hmr"),
    ("id-digits", "localhost:5000/frontend:123456789012", f"localhost:5000/frontend:{SHORT}"),
    ("id-digits", "web-123456789012 serves.", f"web-{SHORT} serves."),
    ("id-digits", "== build 123456789012", f"== build {SHORT}"),
    ("id-digits", "123456789012 The page", f"{SHORT} The page"),
    ("digest", "Digest: sha256:" + ID, "Digest: sha256:" + OTHER_ID),
    (
        "blob-size",
        f"latest: digest: sha256:{ID} size: 524",
        f"latest: digest: sha256:{OTHER_ID} size: 1149",
    ),
    ("blob-size", '"mediaType": "a/b",\n   "size": 542,', '"mediaType": "a/b",\n   "size": 9,'),
    ("blob-size", f'"digest":"sha256:{ID}","size":54', f'"digest":"sha256:{ID}","size":6'),
    (
        "id-digits",
        f" ---> Running in {SHORT}\n ---> 210987654321\nSuccessfully built 210987654321",
        f" ---> Running in {SHORT}\n ---> {OTHER_SHORT}\nSuccessfully built {OTHER_SHORT}",
    ),
    (
        "id-digits",
        " ---> Running in 123456789012\nRemoving intermediate container 123456789012",
        f" ---> Running in {SHORT}\nRemoving intermediate container {SHORT}",
    ),
    (
        "id-digits",
        "<none>       <none>    123456789012   5 seconds ago   3.11MB",
        f"<none>       <none>    {SHORT}   5 seconds ago   3.11MB",
    ),
    ("id-digits", "<Container: 123456789012>", f"<Container: {SHORT}>"),
    ("id-digits", "123456789012", SHORT),
    ("id-digits", "redis:1.0  123456789012\nredis:2", f"redis:1.0  {SHORT}\nredis:2"),
    (
        "id-digits",
        "<b>GET</b> /containers/123456789012/json",
        f"<b>GET</b> /containers/{SHORT}/json",
    ),
    ("id-digits", "PING 123456789012 (172.27.0.2", f"PING {SHORT} (172.27.0.2"),
    ("id-cut", "12345678...", "9be19be1..."),
    ("id", f"{ID}\n", f"{OTHER_ID}\n"),
    ("id", f"{SHORT}  busybox", f"{OTHER_SHORT}  busybox"),
    ("id-cut", "4f2a4f2a4f...", "9be19be19b..."),
    ("id-digits", "-i br-123456789012 -p tcp", f"-i br-{SHORT} -p tcp"),
    (
        "lab-link",
        "<a class='lab-url' href='http://127.0.0.1:3050' title='x'>\nhttp://127.0.0.1:3050",
        "<a class='lab-url' href='http://room.example:33095' title='x'>\nhttp://room.example:33095",
    ),
    ("request-id", f'"request":"{ID[:32]}"', f'"request":"{OTHER_ID[:32]}"'),
    ("request-seconds", '"to":"server","seconds":"0.004"', '"to":"server","seconds":"12.310"'),
    ("stream-id", "1795474126403-0\nnumber", "1700000000001-12\nnumber"),
    ("veth", "veth4f2a4f2@if7", "veth9be19be@if7"),
    ("swarm-id", "x7k2m9q4w1e8r5t3y6u0i2o4p", "a7k2m9q4w1e8r5t3y6u0i2o4z"),
    ("swarm-id", f"{SWARM_ID}\n", "abcdefghijklmnopqrstuvwxy\n"),
    ("join-token", f"SWMTKN-1-{SWARM_ID * 2}-{SWARM_ID}", f"SWMTKN-1-{'0a' * 25}-{SWARM_ID}"),
    (
        "service-row",
        "abcdefghijkl   web   replicated   3/3   busybox",
        "4f2a4f2a4f2a   web   replicated   3/3   busybox",
    ),
    (
        "task-row",
        "abcdefghijkl   web.1   busybox   node1   Running   Running 3 seconds ago",
        "a7k2m9q4w1e8   web.1   busybox   node3   Running   Running 9 seconds ago",
    ),
    (
        "task-row",
        f"abcdefghijkl    \\_ agent.{SWARM_ID}   b   node1   Shutdown   Failed 3 minutes ago",
        f"a7k2m9q4w1e8    \\_ agent.{SWARM_ID}   b   node2   Shutdown   Failed 2 minutes ago",
    ),
    (
        "node-row",
        f"{SWARM_ID} *   node1   Ready   Active   Leader   26.1.5+dfsg1",
        f"{SWARM_ID} *   node1   Ready   Active   Leader   20.10.24",
    ),
    ("node-row", f"{SWARM_ID} n Down  Drain   28.5.2", f"{SWARM_ID} n Down  Drain   26.1.5"),
    ("swarm-object", "<Service: abcdefghijkl>", "<Service: 4f2a4f2a4f2a>"),
    ("swarm-object", "[<Node: abcdefghijkl>]", "[<Node: 4f2a4f2a4f>]"),
    ("low-age", "Running less than a second ago", "Running about a minute ago"),
    (
        "tasks-of-a-node",
        "alt='Swarm: node1 manager, leader, ready [web.1 web.2]; node2 worker, ready [api]'",
        "alt='Swarm: node1 manager, leader, ready [api web.2]; node2 worker, ready [web.1]'",
    ),
    (
        "tasks-in-an-update",
        "Swarm: node1 manager, ready [till.1]; node2 worker, ready; till 2 of 2, rolled back",
        "Swarm: node1 manager, ready; node2 worker, ready [till.1]; till 2 of 2, rolled back",
    ),
    (
        "image-source",
        f"Lab 02: your own Docker 26.1.5; images come from {SOURCES['kit']}.",
        f"Lab 02: your own Docker 26.1.5; images come from {SOURCES['hub']}.",
    ),
    ("random-name", "optimistic_wu", "happy_tesla"),
    ("random-name", "trusting_tu", "happy_tesla"),
    ("random-name", "Up: brave_hopper", "Up: zen_lamarr2"),
    ("styler", '<td id="T_0a1b2_row0_col0">', '<td id="T_9c8d7_row0_col0">'),
    ("address", "<object object at 0x7f00aa10>", "<object object at 0x7fffaa10>"),
    (
        "serial",
        "Serial Number: 4a:0b:11:22:33:44:55:66",
        "Serial Number: 00:0c" + ":99" * 8,
    ),
    (
        "fingerprint",
        "SHA1 Fingerprint=" + "AB:" * 19 + "CD",
        "SHA1 Fingerprint=" + "EF:" * 19 + "01",
    ),
    ("namespace", "net:[4026532341]", "net:[4026531999]"),
    ("mac", "02:42:ac:11:00:02", "3e:11:0f:9b:aa:01"),
    ("host-port", "0.0.0.0:32768->80/tcp", "0.0.0.0:49153->80/tcp"),
    ("host-port", "{'HostPort': '32771'}", "{'HostPort': '55000'}"),
    ("ipv4", "172.17.0.2", "172.18.0.5"),
    ("ipv4", "10.0.1.0/24 dev eth0", "192.168.7.0/24 dev eth0"),
    ("interface-number", "16: eth0@if17: <UP>", "4: eth0@if5: <UP>"),
    ("interface-number", "20: eth0    inet 127.0.0.1/8", "7: eth0    inet 127.0.0.1/8"),
    ("ss-process", '(("docker-proxy",pid=366,fd=4))', '(("docker-proxy",pid=12,fd=7))'),
    (
        "ping-times",
        "round-trip min/avg/max = 0.170/0.171/0.190 ms",
        "round-trip min/avg/max = 1.2/12.0/9.25 ms",
    ),
    ("ping-times", "min/avg/max/mdev = 0.1/0.2/0.3/0.4 ms", "min/avg/max/mdev = 1/2/3/4 ms"),
    ("ipv6", "fe80::42:acff:fe11:2", "fe80::1"),
    ("timestamp", "2026-11-23T18:37:41.123456789Z", "2027-01-02T03:04:05Z"),
    ("timestamp", "2026-11-23 18:37:41 +0000 UTC", "2027-01-02 03:04:05 +0100 CET"),
    ("http-date", "Mon, 23 Nov 2026 18:37:41 GMT", "Tue, 24 Nov 2026 08:00:00 GMT"),
    ("ctime", "Mon Nov 23 18:37:41 UTC 2026", "Tue Dec  1 08:00:00 UTC 2026"),
    ("log-date", "1:M 23 Nov 2026 18:37:41.123 * Ready", "1:M 01 Dec 2026 00:00:00.000 * Ready"),
    ("file-date", "root 4096 Nov 23 18:37 bin", "root 4096 Jan  3  2025 bin"),
    ("clock", "at 18:37:41", "at 08:00:00.5"),
    ("epoch", "{'time': 1795459061}", "{'time': 1795459999}"),
    ("age", "2 seconds ago", "About a minute ago"),
    ("up", "Up Less than a second (healthy)", "Up 3 minutes (healthy)"),
    ("grace-period", "10.2 s, {'StatusCode': 137}", "11.0 s, {'Error': None, 'StatusCode': 137}"),
    ("duration", "0.2 s, {'StatusCode': 0}", "1.1 s, {'StatusCode': 0}"),
    ("duration", "took 12.3 ms", "took 7 ms"),
    ("duration", "Started 0.4s", "Started 11.0s"),
    ("size", "busybox 4.27MB", "busybox 3.1MB"),
    ("size", "1.25MiB / 64MiB", "980KiB / 64MiB"),
    ("percent", "0.05% cpu", "12.31% cpu"),
    (
        "ps-ef",
        "root  2312  2290  0 18:37 ?  00:00:00 sleep 60",
        "root  17  4412  1 Nov23 ?  00:01:07 sleep 60",
    ),
    ("ps-busybox", "   12 root      0:00 ps", "    7 root      0:00 ps"),
    ("ps-busybox", "   12 root     ps", "    7 root     ps"),
    ("ps-eo", "   804     783 Z    [sleep] <defunct>", "     9      12 Z    [sleep] <defunct>"),
    ("ps-eo", "  8     1 Z    [sleep]", "  12     1 Z    [sleep]"),
    ("ps-alive", "1{pid} 0{ppid} Ss  sleep 2000", "1{pid} 0{ppid} Rs  sleep 2000"),
    ("ps-nginx", "    8 nginx    nginx: worker process", "   31 nginx    nginx: worker process"),
    ("nspid", "NSpid:\t2312\t8", "NSpid:\t17\t29"),
    ("worker-ended", "worker process 8 exited on signal 9", "worker process 31 exited on signal 9"),
    ("state-pid", "State.Pid        804", "State.Pid         12"),
    ("stats-memory", "1MiB / 64MiB", "2MiB / 64MiB"),
    ("stats-io", "656B / 0B   0B / 0B", "746B / 126B   0B / 0B"),
    ("throttled", "nr_throttled 14", "nr_throttled 9"),
    ("lost", "lost 63 of 247", "lost 9 of 1204"),
    ("lost", "lost 0 of 247", "lost 0 of 1204"),
    ("pid", "{'Pid': 2312}", "{'Pid': 99}"),
    ("proc", "/proc/2312/ns/net", "/proc/77/ns/net"),
    ("ipykernel-file", "/tmp/ipykernel_12/345.py:1: W", "/var/tmp/ipykernel_7/99.py:1: W"),
    (
        "npm-log",
        "run can be found in: /var/cache/npm/_logs/2026-11-23T22_37_02_075Z-debug-0.log",
        "run can be found in: /opt/npm/_logs/2027-01-02T03_04_05_006Z-debug-1.log",
    ),
    ("temp", "/tmp/tmpab12cd_4/x", "/tmp/tmpzz99yy88/x"),
    ("version-line", " Version:           26.1.5+dfsg1", " Version:           20.10.24"),
    ("version-line", "API version: 1.45 (minimum version 1.24)", "API version: 1.41"),
    (
        "version-line",
        "Docker version 26.1.5, build a72d7cd",
        "Docker version 29.0.1, build 0e6fee6",
    ),
    ("commit", "Git commit:  a72d7cd", "Git commit:  411e817"),
    ("version-key", "{'KernelVersion': '6.18.5'}", "{'KernelVersion': '5.10.0-9-amd64'}"),
    ("api-path", "GET /v1.45/containers/json", "GET /v1.52/containers/json"),
    ("product", "Server: nginx/1.26.3", "Server: nginx/1.29.0"),
    ("kernel", "6.18.5", "6.1.0-18-amd64"),
    ("python-patch", "Python 3.13.5", "Python 3.13.11"),
    ("compiler", "[GCC 12.2.0] on linux", "[GCC 14.2.0] on linux"),
    # -- engines of several versions: 20.10 or 28.5, and 26.1
    ("wait-error", "{'Error': None, 'StatusCode': 137}", "{'StatusCode': 137}"),
    ("not-running", f"Container {ID} is not running", f"container {OTHER_ID} is not running"),
    (
        "no-such-container",
        "Error: No such container: app/store",
        "Error response from daemon: No such container: app/store",
    ),
    (
        "create-task",
        "failed to create task for container: failed to create shim task: OCI runtime x",
        "failed to create shim task: OCI runtime x",
    ),
    (
        "no-program",
        'process: error during container init: exec: "nosuch": executable file not found in $PATH',
        'process: exec: "nosuch": executable file not found in $PATH: unknown',
    ),
    (
        "docker-run-help",
        "docker: no such network\n\nRun 'docker run --help' for more information\nexit code 125",
        "docker: no such network.\nSee 'docker run --help'.\nexit code 125",
    ),
    ("docker-run-help", "docker: no program.\nexit code 127", "docker: no program\nexit code 127"),
    (
        "set-up-networking",
        "failed to set up container networking: Address already in use",
        "Address already in use",
    ),
    ("dialing", "Error while dialing dial tcp x", "Error while dialing: dial tcp x"),
    ("failed-to-build", "ERROR: failed to build: failed to solve: x", "ERROR: failed to solve: x"),
    (
        "listen-fd",
        "/usr/bin/docker-proxy -proto tcp -container-port 80 -use-listen-fd",
        "/usr/bin/docker-proxy -proto tcp -container-port 80",
    ),
    (
        "intermediate",
        f"Removing intermediate container {SHORT}",
        f" ---> Removed intermediate container {OTHER_SHORT}",
    ),
    (
        "build-cache-objects",
        f"Deleted build cache objects:\n{ID[:24]}z\n{OTHER_ID[:24]}z\n\nTotal",
        f"Deleted build cache objects:\n{ID[:24]}z\n\nTotal",
    ),
    ("reclaimed", "Total reclaimed space: 36B", "Total reclaimed space: 3.1MB"),
    ("buildkit-digest", f"#5 [1/2] FROM x\n#5 sha256:{ID}\n#5 DONE", "#5 [1/2] FROM x\n#5 DONE"),
    (
        "end-of-a-run",
        STEP.format("container die", "network disconnect"),
        STEP.format("network disconnect", "container die"),
    ),
    (
        "end-of-a-stop",
        ROWS.format("die-2", "die 0", "stop-1", "stop"),
        ROWS.format("stop-1", "stop", "die-2", "die 0"),
    ),
]

# What must stay different: the left run is right, the right one shows a fault.
DIFFERENT = [
    (" ✓ src/App.test.jsx (2 tests) 9ms", " ✓ src/App.test.jsx (3 tests) 9ms"),
    ("   ✓ the page 9ms\n   x the headline 9ms\n", "   ✓ the page 9ms\n   x the list 9ms\n"),
    ("9:01:02 AM [vite] page reload src/a.js", "9:01:02 AM [vite] page reload src/b.js"),
    ("frontend:123456789012\nfrontend:123456789013", "frontend:123456789012\n" * 2),
    ("3", "4"),
    ("Exited (0) 2 seconds ago", "Exited (137) 2 seconds ago"),
    ("Up 2 seconds (healthy)", "Up 2 seconds (unhealthy)"),
    ("Up 2 seconds", "Exited (0) 2 seconds ago"),
    ("StatusCode: 137", "StatusCode: 143"),
    ("0.2 s, {'StatusCode': 0}", "10.2 s, {'StatusCode': 0}"),
    ("exit 1, wait 0.1 s, exit 1, wait 0.2 s", "exit 1, wait 0.1 s, exit 1, wait 0.1 s"),
    ("exit 1, wait 0.1 s, restart 1", "exit 1, wait 9.1 s, restart 1"),
    (own_pull(), own_pull(first="Pull complete")),
    (own_pull(), own_pull(f"{ID[4:16]}: Already exists")),
    (push(f"{SHORT}: Pushed"), push(f"{SHORT}: Layer already exists")),
    ("web", "web2"),
    ("CONTAINER ID  NAMES", "CONTAINER ID  IMAGE"),
    ("read_only", "read_write"),
    ("0.0.0.0:8080->80/tcp", "0.0.0.0:8081->80/tcp"),
    ("127.0.0.1:32768", "0.0.0.0:32768"),
    ("127.0.0.1", "127.0.0.2"),
    ("<a href='http://127.0.0.1:3050'>", "<a href='http://127.0.0.1:3000'>"),
    ("8.8.8.8", "8.8.4.4"),
    ("172.17.0.0/16", "172.17.0.0/24"),
    ("10.50.0.10", "10.50.0.11"),
    ("#5 CACHED", "#5 DONE 0.1s"),
    ("#5 [1/2] FROM busybox", "#5 [2/2] FROM busybox"),
    ("#5 0.155 hello", "#5 0.155 good morning"),
    ("#5 transferring context: 43B done", "#5 transferring context: 31B done"),
    ("0.117 litres", "0.118 litres"),
    ("203.0.113.2", "203.0.113.1"),
    ("1: lo", "2: lo"),
    ("16: note", "17: note"),
    ("2 packets transmitted, 2 packets received", "2 packets transmitted, 1 packets received"),
    ("0B", "1B"),
    ("0B (virtual 4MB)", "12B (virtual 4MB)"),
    ("1.5MiB / 64MiB", "1.5MiB / 128MiB"),
    ("67108864", "134217728"),
    ("after 10 s", "after 0 s"),
    ("0001-01-01T00:00:00Z", "2026-11-23T18:37:41Z"),
    ("{'Pid': 0}", "{'Pid': 12}"),
    ("Python 3.13.5", "Python 3.11.5"),
    ("3.13.5", "3.13.6"),
    ("    1 root      0:00 sh", "    7 root      0:00 sh"),
    ("  8     1 Z    [sleep]", "  8     1 S    [sleep]"),
    ("  8     1 Z    [sleep]", "  8     7 Z    [sleep]"),
    ("  8     1 S    sleep 60", "  8     1 T    sleep 60"),
    ("NSpid:\t2312\t1", "NSpid:\t2312\t8"),
    ("State.Pid        804", "State.Pid          0"),
    (
        "root  2312  1  0 18:37 ?  00:00:00 sleep 60",
        "root  2312  1  0 18:37 ?  00:00:00 sleep 61",
    ),
    ("    1 root     sh", "    7 root     sh"),
    ("nr_throttled 14", "nr_throttled 0"),
    ("lost 1 of 247", "lost 0 of 247"),
    ("Hello from Docker!\n $ docker run -it busybox sh", "Hello!\n $ docker run -it busybox sh"),
    (f"{ID} {ID}", f"{ID} {OTHER_ID}"),
    (f"{SWARM_ID} {SWARM_ID}", f"{SWARM_ID} {SWARM_ID[::-1]}"),
    ("SWMTKN-1-x", "SWMTKN-1-y"),
    ("availability is active", "organisation is active"),
    ("a7k2m9q4w1e8  web  replicated  3/3  b", "a7k2m9q4w1e8  web  replicated  2/3  b"),
    ("a7k2m9q4w1e8  web  replicated  3/3  b", "a7k2m9q4w1e8  api  replicated  3/3  b"),
    (
        "a7k2m9q4w1e8  web.1  b  node1  Running  Running",
        "a7k2m9q4w1e8  web.2  b  node1  Running  x",
    ),
    (
        "a7k2m9q4w1e8  web.1  b  node1  Running  Running 3 seconds ago",
        "a7k2m9q4w1e8  web.1  b  node1  Shutdown  Running 3 seconds ago",
    ),
    (
        f"{SWARM_ID}  node1  Ready  Active  Leader  1.2.3",
        f"{SWARM_ID}  node1  Down  Active  Leader  1.2.3",
    ),
    ("node1 manager, ready [web.1]; web 1 of 1", "node1 manager, ready [web.1]; web 0 of 1"),
    ("node1 manager, ready [web.1]", "node1 worker, ready [web.1]"),
    ("node1 manager, ready [web.1]", "node1 manager, ready"),
    (f"{SHORT} {ID}", f"{SHORT} {OTHER_ID}"),
    ("net:[4026532341]\nnet:[4026532341]", "net:[4026532341]\nnet:[4026531999]"),
    ("net:[4026532341]", "pid:[4026532341]"),
    ("50%", "60%"),
    ("python:3.13-slim", "python:3.11-slim"),
    ("a  b", "a b"),
    ("defaced facade", "decade facade"),
    ("x 1234567890123", "x 1234567890124"),
    ("x 0.123456789012", "x 0.123456789013"),
    ("1234567890..12", "1234567891..12"),
    ('"number":"12","seconds":"0.004"', '"number":"13","seconds":"0.004"'),
    ('"seconds":"4"', '"seconds":"5"'),
    (f"{ID[:32]} {ID[:32]}", f"{ID[:32]} {OTHER_ID[:32]}"),
    ("fib 102334155-0", "fib 102334156-0"),
    ("12 containers", "13 containers"),
    ("{'Error': None, 'StatusCode': 1}", "{'StatusCode': 0}"),
    ("{'Error': {'Message': 'x'}, 'StatusCode': 0}", "{'StatusCode': 0}"),
    ("Error: No such container: a", "Error: No such container: b"),
    ("Error: No such image: a", "Error response from daemon: No such image: a"),
    ('exec: "a": permission denied', 'exec: "a": executable file not found in $PATH'),
    ("docker: no such network.\nexit code 125", "docker: no such network.\nexit code 0"),
    ("web: no such network.", "web: no such network"),
    ("failed to set up container networking: x", "x"),
    ('"mediaType": "a/b",\n   "size": 54', '"mediaType": "a/c",\n   "size": 54'),
    ('"name": "b", "size": 54', '"name": "b", "size": 55'),
    ("Total reclaimed space: 0B", "Total reclaimed space: 36B"),
    ("Deleted build cache objects:\n\n", f"Deleted build cache objects:\n{ID[:24]}z\n\n"),
    (
        STEP.format("container die", "container kill"),
        STEP.format("container kill", "container die"),
    ),
    (
        ROWS.format("die-2", "die 0", "stop-1", "stop"),
        ROWS.format("stop-1", "stop", "die-2", "die 137"),
    ),
    (
        ROWS.format("die-2", "die 0", "kill-1", "kill"),
        ROWS.format("kill-1", "kill", "die-2", "die 0"),
    ),
]


@pytest.mark.parametrize(
    ("rule", "one", "two"), SAME, ids=[f"{r}-{i}" for i, (r, *_) in enumerate(SAME)]
)
def test_what_differs_by_run_is_the_same(rule: str, one: str, two: str) -> None:
    assert sanitise.text(one) == sanitise.text(two)


@pytest.mark.parametrize(
    ("rule", "one", "two"), SAME, ids=[f"{r}-{i}" for i, (r, *_) in enumerate(SAME)]
)
def test_the_named_rule_is_the_one_that_strikes(rule: str, one: str, two: str) -> None:
    texts = [one]
    for each in RULES:
        texts.append(each.apply(texts[-1]))
    struck = {
        each.name for each, (old, new) in zip(RULES, pairwise(texts), strict=True) if old != new
    }
    assert rule in struck


def test_every_rule_has_an_example_and_a_reason() -> None:
    assert {rule for rule, *_ in SAME} == {rule.name for rule in RULES}
    assert len({rule.name for rule in RULES}) == len(RULES)
    assert all(rule.reason for rule in RULES)


@pytest.mark.parametrize(("right", "wrong"), DIFFERENT)
def test_what_matters_stays_different(right: str, wrong: str) -> None:
    assert sanitise.text(right) != sanitise.text(wrong)


@pytest.mark.parametrize("text", [one for _, one, _ in SAME] + [one for one, _ in DIFFERENT])
def test_sanitising_twice_is_sanitising_once(text: str) -> None:
    once = sanitise.text(text)
    assert sanitise.text(once) == once


def test_columns_may_move_with_what_they_hold() -> None:
    one = "STATUS         NAMES\nUp 2 seconds   web\n"
    two = "STATUS              NAMES\nUp About a minute   web\n"
    assert sanitise.text(one) == sanitise.text(two)


def display(**data: object) -> dict[str, object]:
    bundle = {key.replace("__", "+").replace("_", "/"): value for key, value in data.items()}
    return sanitise.output({"output_type": "display_data", "data": bundle, "metadata": {}})


TABLE = """<table border="1"><thead><tr><th></th><th>method</th><th>ms</th></tr></thead>
<tbody><tr><th>0</th><td>{method}</td><td>{ms}</td></tr></tbody></table>"""


def test_a_measured_column_is_not_compared_and_its_neighbour_is() -> None:
    one = display(text_html=TABLE.format(method="GET", ms="12.1"))
    assert one == display(text_html=TABLE.format(method="GET", ms="9"))
    assert one != display(text_html=TABLE.format(method="POST", ms="12.1"))


def test_what_a_rebuilt_image_counts_and_its_versions_are_not_compared() -> None:
    cells = (
        "<table><thead><tr><th>image</th><th>{head}</th></tr></thead><tbody><tr><td>{image}</td>"
    )
    cells += "<td>{value}</td></tr></tbody></table>"
    for head, one, two in (("files", "15", "16"), ("package version", "2.9-1", "2.9-1+deb13u1")):
        first = display(text_html=cells.format(head=head, image="alpine", value=one))
        assert first == display(text_html=cells.format(head=head, image="alpine", value=two))
        assert first != display(text_html=cells.format(head=head, image="busybox", value=one))
        plain = [cells.format(head="setuid", image="alpine", value=value) for value in (one, two)]
        assert display(text_html=plain[0]) != display(text_html=plain[1])


def test_blanks_in_html_do_not_count_and_words_do() -> None:
    assert display(text_html="<p>a  b</p>\n<p>c</p>") == display(text_html="<p>a b</p><p>c</p>")
    assert display(text_html="<p>ab</p>") != display(text_html="<p>a b</p>")
    assert display(text_html="<p class='x'>a</p>") != display(text_html="<p class='y'>a</p>")


def test_plain_text_beside_html_does_not_count() -> None:
    assert display(text_html="<p>a</p>", text_plain="x") == display(
        text_html="<p>a</p>", text_plain="y"
    )
    assert display(text_plain="x") != display(text_plain="y")


SVG = """<svg xmlns="http://www.w3.org/2000/svg"><rect class="{kind}" x="{x}"/>
<text id="c-{id}">{state}</text><text class="muted time" x="{at}">{time}</text></svg>"""
PICTURE = {"kind": "box", "x": 10, "id": SHORT, "state": "running", "time": "3 s", "at": 4}


def still(**changed: object) -> dict[str, object]:
    svg = SVG.format(**(PICTURE | changed)).encode()
    url = "data:image/svg+xml;base64," + base64.b64encode(svg).decode()
    return display(text_html=f'<img alt="Lifecycle" src="{url}">')


@pytest.mark.parametrize("changed", [{"id": OTHER_SHORT}, {"time": "9 s"}, {"at": 70}])
def test_a_still_may_differ_in_ids_and_what_was_measured(changed: dict[str, object]) -> None:
    assert still() == still(**changed)


@pytest.mark.parametrize("changed", [{"state": "exited"}, {"x": 11}, {"kind": "round"}])
def test_a_still_may_not_differ_in_what_it_tells(changed: dict[str, object]) -> None:
    assert still() != still(**changed)


CURVES = """<svg xmlns="http://www.w3.org/2000/svg"><g data-key="{key}"><title>{name}</title>
<path class="{kind}" d="{d}"/><path class="bad-line dash" d="{limit}"/><text>{top}</text></g>
{more}</svg>"""
CURVE = {
    "key": "pid:17", "name": "web", "kind": "new-line curve", "d": "M0 9L1 8", "limit": "M0 5L9 5",
    "top": "limit 64 MiB", "more": "",
}  # fmt: skip


def curves(**changed: object) -> dict[str, object]:
    return display(text_html=CURVES.format(**(CURVE | changed)))


@pytest.mark.parametrize("changed", [{"d": "M0 1L1 2L2 3"}, {"key": "pid:4711"}])
def test_the_shape_of_a_curve_and_the_key_of_a_process_may_differ(
    changed: dict[str, object],
) -> None:
    assert curves() == curves(**changed)


@pytest.mark.parametrize(
    "changed",
    [
        {"name": "db"},
        {"kind": "run-line curve"},
        {"kind": "new-line"},
        {"limit": "M0 6L9 6"},
        {"top": "limit 32 MiB"},
        {"more": '<path class="new-line curve" d="M0 9L1 8"/>'},
        {"more": '<text class="curve">9</text>'},
        {"key": "name:17"},
        {"key": "pid:17:web"},
    ],
)
def test_all_else_of_a_curve_is_compared(changed: dict[str, object]) -> None:
    assert curves() != curves(**changed)


def test_only_a_path_is_a_curve() -> None:
    one, two = (f'<text class="curve" x="1">{words}</text>' for words in ("a", "b"))
    assert curves(more=one) != curves(more=two)


def test_a_plain_path_is_compared_though_a_curve_is_near() -> None:
    assert curves(kind="new-line", d="M0 1") != curves(kind="new-line", d="M0 2")


def test_of_what_stands_somewhere_by_lot_only_the_place_may_differ() -> None:
    card = (
        '<svg><g class="{cls}" style="transform:translate({x}px,9px)"><text>{text}</text></g></svg>'
    )
    one = display(text_html=card.format(cls="glide lot", x=1, text="web.1"))
    assert one == display(text_html=card.format(cls="glide lot", x=2, text="web.1"))
    assert one != display(text_html=card.format(cls="glide lot", x=1, text="web.2"))
    fixed = [display(text_html=card.format(cls="glide", x=x, text="web.1")) for x in (1, 2)]
    assert fixed[0] != fixed[1]


def test_of_what_is_drawn_by_lot_only_that_it_is_there_is_compared() -> None:
    drawn = "<g class='glide drawn'><title>{}</title><rect x='1'/></g>"
    picture = "<svg><text>a</text>{}<text>{}</text></svg>"
    one = display(text_html=picture.format(drawn.format("till.1 after 3"), "b"))
    assert one == display(text_html=picture.format(drawn.format("till.2") * 2, "b"))
    assert one != display(text_html=picture.format(drawn.format("till.1 after 3"), "c"))
    assert one != display(text_html=picture.format("", "b"))


def test_which_node_has_no_task_in_an_update_is_drawn_by_lot() -> None:
    told = "Swarm: node1 manager, ready{}; node2 worker, ready{}; till 2 of 2, {}"
    one = display(text_plain=told.format(" [till.1 till.2]", "", "update paused"))
    assert one == display(text_plain=told.format("", " [till.1]", "update paused"))
    assert one != display(text_plain=told.format("", " [till.1]", "updating 1/2"))
    done = display(text_plain=told.format(" [till.1 till.2]", "", "updated"))
    assert done != display(text_plain=told.format("", " [till.1]", "updated"))


SWARM_TABLE = """<table><thead><tr><th>ID</th><th>NODE</th><th>{head}</th></tr></thead>
<tbody><tr><td>{id}</td><td>{node}</td><td>{last}</td></tr></tbody></table>"""


def test_columns_that_a_swarm_draws_by_lot() -> None:
    cells = {"head": "DESIRED STATE", "id": "abcdefghijkl", "node": "node1", "last": "Running"}
    one = display(text_html=SWARM_TABLE.format(**cells))
    assert one == display(
        text_html=SWARM_TABLE.format(**cells | {"id": "a7k2m9q4w1e8", "node": "node2"})
    )
    assert one != display(text_html=SWARM_TABLE.format(**cells | {"last": "Shutdown"}))
    other = cells | {"head": "ADDRESS"}
    assert display(text_html=SWARM_TABLE.format(**other)) != display(
        text_html=SWARM_TABLE.format(**other | {"node": "node2"})
    )


def test_widgets_and_pixels_are_skipped() -> None:
    shown = display(**{"text_plain": "v", "image_png": "aa"})
    assert shown == display(**{"text_plain": "v", "image_png": "bb"})


def test_streams_and_errors() -> None:
    stream = {"output_type": "stream", "name": "stdout", "text": ["a\n", f"{SHORT}\n"]}
    warning = {"output_type": "stream", "name": "stderr", "text": "10%\r20%\n"}
    (one, two) = sanitise.outputs([warning, stream, stream])
    assert (one["name"], one["text"]) == ("stdout", "a\n{id 1}\n" * 2)
    assert (two["name"], two["text"]) == ("stderr", "20%\n")
    assert stream["text"] == ["a\n", f"{SHORT}\n"]
    error = {"output_type": "error", "ename": "E", "evalue": f"no {SHORT}", "traceback": ["x"]}
    assert sanitise.output(error) == {"output_type": "error", "ename": "E", "evalue": "no {id 1}"}
