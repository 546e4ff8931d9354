"""The sanitiser's rules for processes seen from inside and outside, and for `docker stats`."""

from __future__ import annotations

from course.testing.rule import Rule, rule

PROCESSES: tuple[Rule, ...] = (
    rule(
        "ps-ef",
        r"^(\S+ +)(?:(1)|\d+) +(?:([01])|\d+) +\d+ +(?:\d\d:\d\d|[A-Z][a-z]{2}\d\d)"
        r"( +\S+ +){clock}",
        r"\1\2{pid} \3{ppid} {c} {stime}\4{clock}",
        "a row of `ps -ef` and `docker top`; that a PID is 1 or a parent 0 or 1 stays",
    ),
    rule(
        "ps-busybox",
        r"^ *(?!1 )\d+ (root +|\S+ +(?=\d+:\d\d ))(\d+:\d\d )?",
        r"{pid} \1\2",
        "a row of busybox's `ps`, which may lack TIME; PID 1 stays",
    ),
    rule("pid", r"(['\"]Pid['\"]: ?)[1-9]\d*", r"\1{pid}", "0, not running, stays"),
    rule("proc", r"/proc/(?!1\b)\d+", "/proc/{pid}", "/proc/1 stays"),
    rule(
        "ps-eo",
        r"^ *(?:(1)|\d+) +(?:([01])|\d+) +(?=[DIRSTXZ][<NLsl+]* +\S)",
        r"\1{pid} \2{ppid} ",
        "a row of `ps -eo pid,ppid,stat,…`; that a PID is 1 or a parent 0 or 1 stays",
    ),
    rule(
        "ps-alive",
        r"^(1?\{pid\} [01]?\{ppid\} +)[DIRS](?=[<NLsl+]* +\S)",
        r"\1{alive}",
        "whether it sleeps or runs is a matter of the moment; stopped (T) and dead (Z) stay",
    ),
    rule(
        "ps-nginx",
        r"^ *\d+ (nginx +)(?:\d+:\d\d +)?(?=nginx: )",
        r"{pid} \1",
        "a worker in busybox's `ps`: its number hangs on what its image starts before it",
    ),
    rule(
        "nspid",
        r"^NSpid:\s+\d+\s+(?:(1)|\d+)$",
        r"NSpid: {pid} \1{inner}",
        "a process's numbers outside and inside; that it is 1 inside stays",
    ),
    rule(
        "worker-ended",
        r"(?<=worker process )\d+(?= exited)",
        "{pid}",
        "nginx's log; see ps-nginx",
    ),
    rule("state-pid", r"^(State\.Pid\s+)[1-9]\d*", r"\1{pid}", "0, not running, stays"),
    rule(
        "stats-memory",
        r"(?<![\w.])\d+[MGT]iB(?= / \d)",
        "{size}",
        "memory in use that happens to be whole MiB; the limit after it stays",
    ),
    rule(
        "stats-io",
        r"(?<!\S)(?:\{size\}|\d+B) / (?:\{size\}|\d+B)(?!\S)",
        "{io}",
        "what came in and went out, in `docker stats`: packets come and go by themselves",
    ),
)
