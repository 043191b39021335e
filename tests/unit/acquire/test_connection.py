"""Connections by environment variable, in both of Airflow's forms; what is wrong is named, never quoted."""

from __future__ import annotations

import traceback

import pytest

from talentpool.acquire import Connection
from talentpool.errors import UnavailableError

JSON = (
    '{"conn_type": "sftp", "host": "h.example", "port": "2222", "login": "u", "password": "p",'
    ' "extra": {"host_key": "ssh-ed25519 AAAA"}}'
)


@pytest.mark.parametrize(
    "value",
    [JSON, "sftp://u:p@h.example:2222/?host_key=ssh-ed25519%20AAAA",
     "sftp://u:p@h.example:2222/?__extra__=%7B%22host_key%22%3A%20%22ssh-ed25519%20AAAA%22%7D",
     JSON.replace('{"host_key": "ssh-ed25519 AAAA"}', '"{\\"host_key\\": \\"ssh-ed25519 AAAA\\"}"')],
)  # fmt: skip
def test_both_forms_say_the_same(monkeypatch: pytest.MonkeyPatch, value: str) -> None:
    monkeypatch.setenv("TALENTPOOL_CONN_PARTNER_POSTAL", value)
    found = Connection.from_env("partner_postal")
    assert (found.conn_type, found.host, found.port, found.login, found.password) == (
        "sftp", "h.example", 2222, "u", "p",
    )  # fmt: skip
    assert found.extra == {"host_key": "ssh-ed25519 AAAA"}
    assert "AAAA" not in repr(found) and "'p'" not in repr(found)


def test_a_missing_connection_names_its_variable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("TALENTPOOL_CONN_PARTNER_POSTAL", raising=False)
    with pytest.raises(UnavailableError, match="TALENTPOOL_CONN_PARTNER_POSTAL"):
        Connection.from_env("partner_postal")


@pytest.mark.parametrize(
    "value",
    [
        "sftp://u:geheim#x@h/",
        '{"password": "geheim"',
        '{"port": "geheim"}',
        '{"extra": "geheim"}',
        '{"extra": ["geheim"]}',
    ],
)
def test_a_broken_connection_is_not_quoted(monkeypatch: pytest.MonkeyPatch, value: str) -> None:
    monkeypatch.setenv("TALENTPOOL_CONN_A", value)
    with pytest.raises(UnavailableError, match="TALENTPOOL_CONN_A") as caught:
        Connection.from_env("a")
    assert "geheim" not in "".join(traceback.format_exception(caught.value))
