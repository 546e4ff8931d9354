"""The sanitiser's rules for what one version of the engine words otherwise than the next.

Only the wording: where engines *do* something else, `tests/notebooks/engines.toml` says what, for
each engine, and that is compared as strictly. The course is tested on 20.10, 26.1 and 28.5.
"""

from __future__ import annotations

from course.testing.rule import Rule, rule

_NO_PROGRAM = r"(?:executable file not found in \$PATH|permission denied)"
_SVG_STEP = r"\n</text>\n<rect class='run-tint' [^>\n]*>\n</rect>\n<text [^>\n]*>\n"
_ROW = r"(?:(?!</?g\b).*\n)+"
_HELP = r"(?:\nSee 'docker run --help'\.|\n\nRun 'docker run --help' for more information)"

# They come last in the list: ids and addresses are masked already.
ENGINES: tuple[Rule, ...] = (
    rule(
        "wait-error",
        r"\{'Error': None, (?='StatusCode': \d+\})",
        "{",
        "20.10 answers a wait with an error that there is not; an error that there is stays",
    ),
    rule(
        "not-running",
        r"\bContainer (?=\{id \d+\} is not running\b)",
        "container ",
        "20.10 begins this sentence with a capital",
    ),
    rule(
        "no-such-container",
        r"^Error: (?=No such container: )",
        "Error response from daemon: ",
        "the command of 20.10 says it in its own name",
    ),
    rule(
        "create-task",
        r"\bfailed to create task for container: (?=failed to create shim task: OCI runtime )",
        "",
        "since 23 the engine says it once more than containerd does",
    ),
    rule(
        "no-program",
        rf"(?:error during container init: )?(exec: \"[^\"\n]+\": {_NO_PROGRAM})(?:: unknown)?",
        r"\1",
        "runc 1.3 (with 28.5) says when it was, and no more that it does not know the error",
    ),
    rule(
        "docker-run-help",
        rf"^(docker: .*?)\.?{_HELP}?$",
        r"\1",
        "where the `docker` command of 28 ends a sentence, and sends for help, is its own",
    ),
    rule(
        "set-up-networking",
        r"\bfailed to set up container networking: "
        r"(?=driver failed programming |Address already in use)",
        "",
        "28 says first that it is about the network",
    ),
    rule(
        "failed-to-build",
        r"^ERROR: failed to build: (?=failed to solve: )",
        "ERROR: ",
        "buildx 0.29 (with 28.5) says it twice",
    ),
    rule(
        "listen-fd",
        r"(?<=docker-proxy )(-proto .* -container-port \d+) -use-listen-fd$",
        r"\1",
        "28 opens the port itself and hands it to the proxy",
    ),
    rule(
        "intermediate",
        r"^(?: ---> Removed|Removing)(?= intermediate container \{id)",
        "Removed",
        "the classic builder of 20.10 says that it does, later ones that they did",
    ),
    rule(
        "build-cache-objects",
        r"(?<=^Deleted build cache objects:\n)(?:\{swarm id \d+\}\n)+",
        "{entries}\n",
        "into how many entries BuildKit divides what it keeps of a build is its own affair",
    ),
    rule(
        "reclaimed",
        r"^(Total reclaimed space: )[1-9]\d*B$",
        r"\1{size}",
        "so is the size of those entries; 0B, nothing, stays",
    ),
    rule(
        "dialing",
        r"\bError while dialing:? (?=dial tcp )",
        "Error while dialing: ",
        "gRPC of 20.10 has no colon there",
    ),
    rule(
        "end-of-a-run",
        rf"^container die({_SVG_STEP})network disconnect$",
        r"network disconnect\1container die",
        "20.10 tells of a container's end before it takes it off its network, later ones after",
    ),
    rule(
        "end-of-a-stop",
        r"^(<g class='glide' data-key=')(e-(.+)-die-\d+)(' style='[^'\n]*'>\n)"
        rf"({_ROW})(</g>\n<g class='glide' data-key=')(e-\3-stop-\d+)(' style='[^'\n]*'>\n)"
        rf"({_ROW})",
        r"\1\7\4\9\6\2\8\5",
        "so it does of a container that is stopped: 20.10 has its end before its stop, later "
        "ones after; here in a list of events",
    ),
    rule(
        "buildkit-digest",
        r"^#\d+ sha256:\{digest\}\n",
        "",
        "BuildKit of 20.10 prints the digest of each step below its name",
    ),
)
