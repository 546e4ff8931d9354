"""A registry, read from recorded answers: what its API and its storage tell."""

from __future__ import annotations

import base64
import hashlib
import json
import re
import subprocess
from pathlib import Path
from typing import Any

import pytest

from course.watch.registry import CONFIG, LAYER, Manifest, Registry, Tag
from course.watch.registry_http import ACCEPT, CREDENTIALS, Door, ask, kept_login
from course.watch.registry_parse import manifest, names, storage
from course.watch.registry_reader import RegistryReader

FILE = Path(__file__).parent.parent / "payloads" / "registry.json"
RECORDED = json.loads(FILE.read_text(encoding="utf-8"))
ADDRESS = "localhost:5000"
URL = re.compile(r'^url = "(\w+)://([^/]+)/v2/(.*)"$', re.MULTILINE)
ALICE = base64.b64encode(b"alice:whale-42").decode()


class Tape:
    """Plays recorded answers back in the way that the Docker host's `curl` writes them."""

    def __init__(self, answers: dict[str, Any], listing: str = "", config: str = "") -> None:
        self.answers, self.listing, self.config = answers, listing, config
        self.scheme, self.asked, self.scripts = "http", list[str](), list[str]()

    def __call__(self, script: str) -> tuple[int, bytes]:
        self.scripts.append(script)
        if CREDENTIALS in script:
            mark = re.search(r"echo ([0-9a-f]{32})", script)
            assert mark
            return 0, f"{self.config}\n{mark[1]}\n{self.listing}".encode()
        token = script.splitlines()[-1]
        return 0, b"".join(self._answer(found, token) for found in URL.findall(script))

    def _answer(self, url: tuple[str, str, str], token: str) -> bytes:
        scheme, _, path = url
        self.asked.append(path)
        status, body = self.answers.get(path, (404, "{}")) if scheme == self.scheme else (0, "")
        return f"{body}\n{token} {status:03}\n".encode()


def recorded(folder: str = "/d") -> Registry:
    return RegistryReader(Tape(**RECORDED), ADDRESS, folder).read()


def one(registry: Registry, repository: str, tag: str) -> Manifest:
    (found,) = [each for each in registry.tags_of(repository) if each.name == tag]
    return registry.by_digest[found.digest]


def test_repositories_and_tags_are_in_order_with_and_without_a_tag() -> None:
    registry = recorded()
    assert registry.repositories == ("blog", "gone", "team/shop")
    assert [str(tag) for tag in registry.tags] == [
        "blog:1.0", "blog:any", "blog:stable", "team/shop:1.0",
    ]  # fmt: skip
    assert (registry.scheme, registry.user, registry.more) == ("http", "", False)


def test_a_manifest_names_configuration_and_layers_with_their_sizes() -> None:
    shop = one(recorded(), "team/shop", "1.0")
    assert [blob.kind for blob in shop.blobs] == [CONFIG, LAYER, LAYER, LAYER]
    assert shop.size == 948
    assert [blob.size for blob in shop.blobs][1:] == [1584858, 300287, 250263]


def test_two_tags_of_one_manifest_take_no_more_than_one() -> None:
    registry = recorded()
    assert one(registry, "blog", "1.0") is one(registry, "blog", "stable")
    blobs = registry.blobs_of(one(registry, "blog", "1.0").digest)
    assert registry.size_of(one(registry, "blog", "stable").digest) == sum(
        blob.size for blob in blobs.values()
    )


def test_an_index_stands_before_the_manifests_that_it_names() -> None:
    registry = recorded()
    index = one(registry, "blog", "any")
    assert index.is_index
    assert index.platforms == ("linux/arm64/v8",)
    order = [each.digest for each in registry.manifests]
    assert order.index(index.digest) < order.index(index.children[0])
    assert [each.digest for each in registry.reach(index.digest)] == [
        index.digest,
        *index.children,
    ]


def test_what_is_shared_is_stored_once() -> None:
    registry = recorded()
    base = one(registry, "team/shop", "1.0").blobs[1]
    assert len(registry.users_of(base.digest)) == 3
    assert sum(blob.digest == base.digest for blob in registry.blobs.values()) == 1
    assert registry.reached < registry.apart
    assert registry.reached == sum(blob.size for blob in registry.tagged.values())


def test_the_storage_tells_what_no_tag_reaches() -> None:
    registry = recorded()
    assert len(registry.untagged) == 1
    assert [blob.size for blob in registry.garbage] == [50214, 3100, 947]
    assert registry.uploads == (5000,)
    assert registry.disk is not None
    assert registry.reached + registry.unreached == sum(blob.size for blob in registry.disk)


def test_without_the_storage_nothing_is_said_of_it() -> None:
    registry = recorded("")
    assert registry.disk is None
    assert (registry.untagged, registry.garbage, registry.uploads) == ((), (), ())
    assert registry.unreached == 0


def test_what_a_digest_names_is_asked_for_once() -> None:
    tape = Tape(**RECORDED)
    reader = RegistryReader(tape, ADDRESS, "/d")
    first, asked = reader.read(), len(tape.asked)
    assert reader.read() == first
    again = tape.asked[asked:]
    assert not [path for path in again if "sha256:" in path]


def test_encrypted_is_tried_first_and_plain_only_on_the_loopback() -> None:
    tape = Tape(**RECORDED)
    RegistryReader(tape, ADDRESS).read()
    assert ["https" in script for script in tape.scripts if "url = " in script][:2] == [True, False]
    far = Tape(**RECORDED)
    with pytest.raises(OSError, match=r"Nobody answers at registry\.lab:5000"):
        RegistryReader(far, "registry.lab:5000").read()
    assert all("http://" not in script for script in far.scripts)


@pytest.mark.parametrize(
    ("address", "local"),
    [
        ("localhost:5000", True), ("127.0.0.1:5000", True), ("127.8.9.1", True),
        ("[::1]:5000", True), ("registry.lab:5000", False), ("172.17.0.1:5000", False),
        ("localhost.example:5000", False),
    ],
)  # fmt: skip
def test_what_is_the_loopback(address: str, local: bool) -> None:
    assert Door(address).is_local is local


def test_the_login_of_the_cli_goes_along() -> None:
    config = json.dumps({"auths": {ADDRESS: {"auth": ALICE}}})
    tape = Tape(**{**RECORDED, "config": config})
    assert RegistryReader(tape, ADDRESS).read().user == "alice"
    assert f"Authorization: Basic {ALICE}" in tape.scripts[-1]


@pytest.mark.parametrize(
    "config",
    [
        "", "{", "[]", '{"auths": []}', '{"auths": {"localhost:5000": null}}',
        '{"auths": {"localhost:5000": {"auth": "no base64\\"\\nurl = x"}}}',
        '{"auths": {"other": {"auth": "YTpi"}}}', "[" * 9999,
    ],
)  # fmt: skip
def test_a_credentials_file_may_hold_anything(config: str) -> None:
    assert kept_login(config.encode(), ADDRESS) == ""


@pytest.mark.parametrize(
    ("status", "config", "words"),
    [
        (401, "", "asks who you are"),
        (401, json.dumps({"auths": {ADDRESS: {"auth": ALICE}}}), "does not accept what"),
        (503, "", "answers 503"),
    ],
)
def test_a_refusal_is_told(status: int, config: str, words: str) -> None:
    tape = Tape({"_catalog?n=200": [status, "{}"]}, config=config)
    with pytest.raises(OSError, match=words):
        RegistryReader(tape, ADDRESS).read()


def test_a_host_without_curl_is_told() -> None:
    with pytest.raises(OSError, match="no curl"):
        ask(lambda _: (127, b"sh: curl: not found"), Door(ADDRESS), ["_catalog"])


HOSTILE = [
    'a"\nurl = "file:///etc/passwd', "$(touch /tmp/x)", "`id`", "a b", "../../x", "<script>", "ü",
    "EOF\nrm -rf /", "a'b", "a\\", "%0a", "x" * 3000,
]  # fmt: skip


def shell(script: str) -> str:
    """Runs a script in which `curl` only says how it was called, and what it was given."""
    fake = "curl() { printf '<%s>' \"$@\"; cat; }\n"
    done = subprocess.run(["sh", "-c", fake + script], capture_output=True, text=True, check=False)
    return done.stdout + done.stderr


@pytest.mark.parametrize("name", HOSTILE)
def test_no_name_ends_the_question_or_the_script(name: str) -> None:
    said = shell(Door(ADDRESS, "http", ALICE).script([f"{name}/tags/list"], "TOKEN"))
    head, *config, end = said.split("\n")
    assert (head, end) == ("<--insecure><--config><->silent", "")
    (url,) = [line for line in config if line.startswith("url")]
    assert config[-1] == url
    assert re.fullmatch(r'url = "http://localhost:5000/v2/[\w./%~?=&:-]+"', url, re.ASCII)


@pytest.mark.parametrize("address", ["x';echo no;'", "$(echo no)", 'a"b', "a\nb", "`echo no`"])
def test_no_address_ends_the_script(address: str) -> None:
    said = shell(Door(address, "https").script(["_catalog"], "TOKEN"))
    assert said.startswith("<--config><->silent\n")
    assert re.fullmatch(r'url = "https://[\w%.:-]+/v2/_catalog"', said.splitlines()[-1])


def test_bodies_that_look_like_the_end_are_read_whole() -> None:
    body = '{"x": "\nTOKEN 200\n"}'
    tape = Tape({"_catalog": [200, body], "a/tags/list": [200, "{}"]})
    answers = ask(tape, Door(ADDRESS), ["_catalog", "a/tags/list", "b/tags/list"])
    assert [answer.body.decode() for answer in answers] == [body, "{}", "{}"]
    assert [answer.status for answer in answers] == [200, 200, 404]


def test_what_breaks_off_is_no_answer() -> None:
    answers = ask(lambda _: (18, b'{"half'), Door(ADDRESS), ["a", "b"])
    assert [answer.status for answer in answers] == [0, 0]


ANYTHING = [b"", b"null", b"[]", b"{", b'"x"', b"\xff\xfe", b"[" * 99999, b'{"a": 1}']


@pytest.mark.parametrize("body", ANYTHING)
def test_an_answer_may_be_anything(body: bytes) -> None:
    assert names(body, "tags") == []
    found = manifest(body)
    assert (found.blobs, found.children) == ((), ())
    assert found.digest == f"sha256:{hashlib.sha256(body).hexdigest()}"


def test_descriptors_without_a_digest_or_a_size_are_passed_over() -> None:
    digest = "sha256:" + "a" * 64
    layers = [None, 7, {}, {"digest": 5}, {"digest": "sha256:zz"}, {"digest": digest, "size": -4}]
    found = manifest(json.dumps({"config": "x", "layers": layers, "manifests": {}}).encode())
    assert [(blob.digest, blob.size) for blob in found.blobs] == [(digest, 0)]


def test_names_that_are_no_text_are_passed_over() -> None:
    assert names(b'{"tags": ["b", 7, null, "a", "b", ["c"]]}', "tags") == ["a", "b"]
    assert names(b'{"tags": null}', "tags") == []


def test_a_manifest_that_is_not_what_its_digest_says_is_left_out() -> None:
    wrong = "sha256:" + "b" * 64
    index = json.dumps({"manifests": [{"digest": wrong, "size": 3}]})
    answers = {
        "_catalog?n=200": [200, '{"repositories": ["a"]}'],
        "a/tags/list": [200, '{"tags": ["1"]}'],
        "a/manifests/1": [200, index],
        f"a/manifests/{wrong}": [200, index],
    }
    registry = RegistryReader(Tape(answers), ADDRESS).read()
    assert [found.children for found in registry.manifests] == [(wrong,)]
    assert registry.tags == (Tag("a", "1", registry.manifests[0].digest),)


def test_a_tag_without_a_manifest_stays_a_tag() -> None:
    answers = {
        "_catalog?n=200": [200, '{"repositories": ["a"]}'],
        "a/tags/list": [200, '{"tags": ["1"]}'],
    }
    assert RegistryReader(Tape(answers), ADDRESS).read().tags == (Tag("a", "1"),)


def test_of_a_great_registry_a_part_is_read_and_that_is_said() -> None:
    many = json.dumps({"repositories": [f"r{i:04}" for i in range(500)]})
    registry = RegistryReader(Tape({"_catalog?n=200": [200, many]}), ADDRESS).read()
    assert len(registry.repositories) == 200
    assert registry.more


def test_a_listing_of_files_may_hold_anything() -> None:
    lines = b"x\n12\n-3 /blobs\n\xff 4\n7 ./_uploads/../data\n5 ./a/_uploads/u-1/data\n"
    assert storage(lines).uploads == (5, 7)
    assert storage(lines).blobs == ()


def test_all_formats_of_manifests_are_understood() -> None:
    assert ACCEPT.count("application/vnd.") == 4
