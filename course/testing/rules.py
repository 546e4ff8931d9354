"""What may differ between two runs of a notebook: one ordered list of rules, each with its reason.

A rule is as narrow as its shape allows. A plain number, a name, an exit code, a status word and a
column header are compared as they are; so is what an author chose (`64MiB`, `10 s`, port 8080).
"""

from __future__ import annotations

import re

from course.notebook.status import SOURCES
from course.testing.addresses import ADDRESSES
from course.testing.builds import BUILDS
from course.testing.engines import ENGINES
from course.testing.layers import LAYERS
from course.testing.logs import LOGS
from course.testing.processes import PROCESSES
from course.testing.rule import Rule, rule
from course.testing.swarm import SWARM
from course.testing.times import TIMES
from course.testing.vitest import VITEST

# The engine names a container adjective_surname; these are all its adjectives.
# Of its surnames, two have fewer than three letters.
_NAMES = """admiring adoring affectionate agitated amazing angry awesome beautiful blissful
bold boring brave busy charming clever compassionate competent condescending confident cool cranky
crazy dazzling determined distracted dreamy eager ecstatic elastic elated elegant eloquent epic
exciting fervent festive flamboyant focused friendly frosty funny gallant gifted goofy gracious
great happy hardcore heuristic hopeful hungry infallible inspiring intelligent interesting jolly
jovial keen kind laughing loving lucid magical modest musing mystifying naughty nervous nice nifty
nostalgic objective optimistic peaceful pedantic pensive practical priceless quirky quizzical
recursing relaxed reverent romantic sad serene sharp silly sleepy stoic strange stupefied
suspicious sweet tender thirsty trusting unruffled upbeat vibrant vigilant vigorous wizardly
wonderful xenodochial youthful zealous zen"""

RULES: tuple[Rule, ...] = (
    rule(
        "image-source",
        rf"\bimages come from (?:{'|'.join(map(re.escape, SOURCES.values()))})",
        "images come from {source}",
        "the status line says it; the learner's network decides it",
    ),
    # -- whole lines first: what follows must not touch their parts
    *LAYERS,
    rule(
        "hello-message",
        r"(?<=^Hello from Docker!\n)(?s:.*?)(?:get-started/|busybox sh)$",
        "{message}",
        "what hello-world says after its first line depends on the image's source",
    ),
    *BUILDS,
    *VITEST,
    *SWARM,
    # -- identities
    rule("digest", r"\bsha256:[0-9a-f]{6,64}", "sha256:{digest}", "a rebuilt image has another"),
    rule(
        "blob-size",
        r"((?:\bdigest: sha256:\{digest\} size: )"
        r'|(?:"(?:mediaType|digest)": ?"[^"]*",\s*"size": ?))\d+',
        r"\1{size}",
        "bytes of a blob, in a manifest and at the end of a push: a rebuilt image has others",
    ),
    rule(
        "id-digits",
        r"(?<![.\d])\b\d(\d{11})\b",
        r"a\1",
        "one id in 300 has no letter; nothing else in the course has twelve digits, so it is made "
        "an id that the next rule numbers",
    ),
    rule(
        "id",
        r"\b(?:[0-9a-f]{64}|(?=[0-9]*[a-f])(?=[a-f]*[0-9])[0-9a-f]{12})\b",
        "id",
        "the engine draws ids by lot; numbered, so that one id stays one id",
        numbered=True,
        key=12,
    ),
    rule(
        "id-cut",
        r"\b(?=[a-f]*[0-9])[0-9a-f]{8,63}(?=…|\.\.\.)",
        "{id}",
        "an id that a table cut short",
    ),
    rule(
        "random-name",
        rf"\b(?:{'|'.join(_NAMES.split())})_(?:[a-z]{{3,}}|tu|wu)\d?\b",
        "random name",
        "the engine names a container that has no name by lot",
        numbered=True,
    ),
    rule("styler", r"\bT_[0-9a-f]{5}(?=_|\b)", "T_{styler}", "pandas names a styled table by lot"),
    rule("address", r" at 0x[0-9a-f]{6,16}\b", " at {address}", "where Python put the object"),
    rule(
        "serial",
        r"(?i)\b(serial(?: number)?\s*[:=]\s*)(?:0x)?[0-9a-f]{2}(?::?[0-9a-f]{2}){6,}\b",
        r"\1{serial}",
        "each lab makes its own certificate authority",
    ),
    rule(
        "fingerprint",
        r"(?i)\b(fingerprint\s*[:=]\s*)[0-9a-f]{2}(?::[0-9a-f]{2}){15,}\b",
        r"\1{fingerprint}",
        "each lab makes its own certificate authority",
    ),
    rule(
        "namespace",
        r"(?<=[a-z]:\[)\d{9,10}(?=\])",
        "inode",
        "the kernel's inode; numbered, so that shared and separate stay apart",
        numbered=True,
    ),
    *LOGS,
    # -- addresses
    *ADDRESSES,
    # -- times
    *TIMES,
    # -- quantities
    rule(
        "size",
        r"(?<![\w.])(?:\d+(?:\.\d+)? ?(?:[kKMGT]B|KiB)|\d+\.\d+ ?[MGT]iB)\b",
        "{size}",
        "images and use of memory; 0B and whole MiB and GiB (limits, an author's choice) stay",
    ),
    rule("percent", r"(?<![\w.])\d+\.\d\d%", "{percent}", "a share that `docker stats` measured"),
    rule(
        "lost",
        r"\b(lost (?:0 of |(?=[1-9]\d* of )))[1-9]\d*(?: of [1-9]\d*)?\b",
        r"\1{n}",
        "how many requests an update lost of how many; that it lost none stays",
    ),
    rule("throttled", r"\b(nr_(?:periods|throttled)\W{1,4})[1-9]\d*", r"\1{n}", "0, never, stays"),
    # -- processes
    *PROCESSES,
    # -- places
    rule(
        "npm-log",
        r"(?<=can be found in: )\S+-debug-\d+\.log",
        "{log}",
        "npm names its logs by the time, in a folder of the image's choice",
    ),
    rule(
        "ipykernel-file",
        r"/[\w/.-]*/ipykernel_\d+/\d+\.py",
        "{cell}",
        "the name that the kernel gives a cell in a warning",
    ),
    rule(
        "temp",
        r"(?:/private)?(?:/tmp|/var/folders/\w\w/\w+/T)/tmp[a-z0-9_]{8}\b",
        "{temp}",
        "Python's tempfile draws by lot",
    ),
    # -- versions: of the engine that a lab happens to have, and of the image source's builds
    rule(
        "version-line",
        r"(?i)^( *(?:docker(?: compose| engine)?|(?:client|server)(?: docker engine)?|engine|api"
        r"|containerd|runc|docker-init|kernel|go|buildx|compose|docker-py|redis)?"
        r" ?version *[:=]? *)(?:v|go)?\d+\.\d+[^\s,]*"
        r"(?: \(minimum version [\d.]+\))?(?:, build \w+)?",
        r"\1{version}",
        "`docker version`, `docker compose version`, `docker info`",
    ),
    rule(
        "commit", r"(?i)\b(git ?commit['\"]?: *['\"]?)[\w.+~-]+", r"\1{commit}", "as version-line"
    ),
    rule(
        "version-key",
        r"(['\"](?:\w*Version)['\"]: ?['\"])v?\d+\.\d+[^'\"]*",
        r"\1{version}",
        "the same in the API's answers",
    ),
    rule("api-path", r"(?<=/v)1\.\d\d(?=/)", "{api}", "the API version in a request's path"),
    rule(
        "product",
        r"\b(Docker|nginx|containerd|docker-py|curl|Redis version=|Linux )([/ ]?)"
        r"v?\d+\.\d+[\w.+~-]*",
        r"\1\2{version}",
        "versions in headers, logs and `uname -a`",
    ),
    rule(
        "kernel",
        r"(^|['>])[4-9]\.\d{1,2}\.\d+(?:[-+][\w.+-]*)?(?=['<]|$)",
        r"\1{kernel}",
        "`uname -r` alone on its line; Python 3 is none",
    ),
    rule("python-patch", r"\b([Pp]ython 3\.\d+)\.\d+\b", r"\1.{patch}", "images move; 3.13 stays"),
    rule("compiler", r"\[(?:GCC|Clang) [^\]\n]*\]", "[{compiler}]", "what built a Python"),
    *ENGINES,
)
