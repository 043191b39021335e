"""The signed API: whom we believe, with what, and how long; a server that cannot prove itself gets nothing."""

from __future__ import annotations

import socket
import traceback
from typing import Any

import pytest

from sf_partner import Sf
from talentpool.acquire import signed_calls
from talentpool.errors import UnavailableError

CERTIFICATES = {"expired": "has expired", "other_name": "another name", "other_ca": "CA we trust"}


@pytest.mark.parametrize("certificate", CERTIFICATES)
def test_a_server_that_cannot_prove_itself_gets_nothing(partner: Sf, certificate: str) -> None:
    partner.offer(25)
    partner.start(certificate=certificate)
    with pytest.raises(UnavailableError, match=CERTIFICATES[certificate]):
        partner.take()
    assert partner.server.api.calls == [] and partner.nothing_was_kept()


def test_a_private_certificate_is_not_trusted_without_its_ca(partner: Sf) -> None:
    partner.offer(25)
    with pytest.raises(UnavailableError, match="CA we trust"):
        partner.take(extra={"ca": ""})


@pytest.mark.parametrize("ca", ["geheim", "-----BEGIN CERTIFICATE-----\ngeheim\n-----END CERTIFICATE-----\n", "证书"])
def test_a_ca_that_is_none_is_named_and_not_quoted(partner: Sf, ca: str) -> None:
    with pytest.raises(UnavailableError, match="`ca` is not a certificate") as caught:
        partner.take(extra={"ca": ca})
    assert "geheim" not in "".join(traceback.format_exception(caught.value))


def test_verification_is_on_whatever_the_connection_says(partner: Sf, monkeypatch: pytest.MonkeyPatch) -> None:
    partner.offer(25)
    monkeypatch.setenv("PYTHONHTTPSVERIFY", "0")
    with pytest.raises(UnavailableError, match="CA we trust"):
        partner.take(extra={"ca": "", "verify": "false", "check_hostname": "false"})


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"host": "http://127.0.0.1"}, "only https"),
        ({"extra": {"schema": "http"}}, "only https"),
        ({"host": ""}, "needs host"),
        ({"login": ""}, "needs host"),
        ({"password": ""}, "needs host"),
        ({"host": "a b"}, "needs host"),
        ({"host": "https://["}, "needs host"),
        ({"host": "https://h:x", "port": None}, "needs host"),
        ({"login": "somebody"}, "A1004"),
        ({"password": "geheim"}, "A1006"),
        ({"extra": {"token_path": "/elsewhere"}}, "HTTP 404"),
        ({"port": 1}, "cannot be reached"),
    ],
)
def test_a_wrong_connection_is_explained_and_not_quoted(partner: Sf, changes: dict[str, Any], says: str) -> None:
    partner.offer(25)
    with pytest.raises(UnavailableError, match=says) as caught:
        partner.take(**changes)
    told = "".join(traceback.format_exception(caught.value))
    assert "geheim" not in told and partner.connection.password not in told
    assert partner.nothing_was_kept()


def test_a_server_without_tls_gets_nothing(partner: Sf, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(signed_calls, "READ_SECONDS", 1)
    monkeypatch.setattr(signed_calls, "CONNECT_SECONDS", 1)
    with socket.create_server(("127.0.0.1", 0)) as mute, pytest.raises(UnavailableError, match="cannot be reached"):
        partner.take(port=mute.getsockname()[1])


def test_an_answer_that_never_ends_is_cut(partner: Sf, monkeypatch: pytest.MonkeyPatch) -> None:
    partner.offer(25)
    monkeypatch.setattr(signed_calls, "MAX_ANSWER", 2000)
    with pytest.raises(UnavailableError, match="page_size"):
        partner.take()
    assert partner.nothing_was_kept()
