"""The login that `docker login` left on this machine, and what the cache is told of it."""

from __future__ import annotations

import base64
import json
from pathlib import Path

import pytest
from ruamel.yaml import YAML

from course.engine import hub_login

HUB = "https://index.docker.io/v1/"
PASSWORD = 'a "quoted": {pass}word # and more'


@pytest.fixture
def config(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("DOCKER_CONFIG", str(tmp_path))
    return tmp_path / "config.json"


def test_without_a_login_the_cache_asks_as_anybody(config: Path) -> None:
    assert hub_login.credentials() is None
    config.write_text(
        json.dumps({"auths": {"ghcr.io": {"auth": base64.b64encode(b"a:b").decode()}}})
    )
    assert hub_login.credentials() is None
    assert YAML().load(hub_login.proxy("https://hub")) == {"proxy": {"remoteurl": "https://hub"}}


def test_a_login_is_read_from_the_credentials_file(config: Path) -> None:
    auth = base64.b64encode(f"jane:{PASSWORD}".encode()).decode()
    config.write_text(json.dumps({"auths": {HUB: {"auth": auth}}}))
    assert hub_login.credentials() == ("jane", PASSWORD)
    told = YAML().load(hub_login.proxy("https://hub"))["proxy"]
    assert told == {"remoteurl": "https://hub", "username": "jane", "password": PASSWORD}


def test_a_login_is_read_from_a_credential_helper(
    config: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    helper = tmp_path / "docker-credential-safe"
    answer = json.dumps({"ServerURL": HUB, "Username": "jane", "Secret": "s"})
    helper.write_text(f"#!/bin/sh\ncat >/dev/null\necho '{answer}'\n")
    helper.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=":")
    config.write_text(json.dumps({"credsStore": "safe"}))
    assert hub_login.credentials() == ("jane", "s")


def test_a_helper_that_is_named_and_not_there_is_no_login(config: Path) -> None:
    config.write_text(json.dumps({"credsStore": "nowhere"}))
    assert hub_login.credentials() is None
