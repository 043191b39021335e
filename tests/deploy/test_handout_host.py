"""The compose file of a host apart is of this version, is given nothing of an office, and starts a command that is there."""

from __future__ import annotations

import click
import pytest
import yaml

from deploy.compose import ROOT, VARIABLE
from talentpool import __main__

TEXT = (ROOT / "deploy" / "handout-host.yml").read_text(encoding="utf-8")
HOST = yaml.safe_load(VARIABLE.sub(lambda found: found[3], TEXT))["services"]["host"]
OFFICES = {line.strip() for line in (ROOT / "docker-compose.yml").read_text(encoding="utf-8").splitlines()}


def test_it_runs_the_image_of_this_version() -> None:
    assert f"image: {HOST['image']}" in OFFICES


def test_it_is_given_nothing_of_an_office() -> None:
    assert not HOST.keys() & {"environment", "env_file", "secrets", "networks"}
    assert [mount.split(":")[1] for mount in HOST["volumes"]] == ["/handout", "/tls"]
    assert HOST["read_only"] and HOST["cap_drop"] == ["ALL"]


def test_its_command_is_understood_and_its_probe_compiles(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(click.Path, "convert", lambda _self, value, _param, _ctx: value)  # its folders are not here
    program, group, *words = HOST["command"]
    assert (program, group) == ("talentpool", "handout")
    command = __main__.handout.commands[words[0]]
    given = command.make_context(words[0], words[1:]).params
    assert f":{given['port']}" in HOST["ports"][0] and f":{given['port']}/healthz" in HOST["healthcheck"]["test"][3]
    compile(HOST["healthcheck"]["test"][3], "probe", "exec")
