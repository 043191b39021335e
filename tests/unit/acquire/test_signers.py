"""Signers against the examples the platforms publish, and against the traps between Java and Python."""

from __future__ import annotations

import json
from typing import Any

import pytest

from talentpool.acquire import load_partner
from talentpool.acquire.signers import SIGNERS, java_url_encode
from talentpool.settings import INCLUDE

VECTORS = json.loads((INCLUDE / "reference/partner_signature_vectors.json").read_text(encoding="utf-8"))["vectors"]


def vector(beginning: str) -> dict[str, Any]:
    (found,) = [v for v in VECTORS if v["partner"].startswith(beginning)]
    return found


def test_every_signer_is_one_that_a_partner_names() -> None:
    """What no partner uses is tried by nobody: it would be relied on one day because it lies there."""
    partners = [
        load_partner([INCLUDE / "partners"], path.parent.name) for path in INCLUDE.glob("partners/*/partner.yml")
    ]
    assert len(partners) >= 4
    named = {partner.transport.signer for partner in partners if hasattr(partner.transport, "signer")}
    assert set(SIGNERS) == named == {"sf_msgdigest"}


def test_the_published_example_of_sf() -> None:
    example = vector("SF Express")
    assert example["reproduced"] is True
    found = SIGNERS["sf_msgdigest"](example["checkWord"], "", example)
    assert found == example["expected"] == "IIKJtuLVzoFTu4kHI8M8vA=="


def test_the_digest_of_sf_differs_without_url_encoding() -> None:
    """A page that quotes the digest with keys altered, or a client that leaves the encoding out, is refused."""
    example = vector("SF Express")
    altered = example | {"msgData": example["msgData"].replace("orderId", "orderid")}
    assert SIGNERS["sf_msgdigest"](example["checkWord"], "", altered) != example["expected"]


@pytest.mark.parametrize(
    ("text", "encoded"),
    [
        ("a b", "a+b"),
        ("a+b", "a%2Bb"),
        ("*-_.", "*-_."),
        ("~", "%7E"),
        ("!'()", "%21%27%28%29"),
        ("/?&=", "%2F%3F%26%3D"),
        ("阿·𠮷", "%E9%98%BF%C2%B7%F0%A0%AE%B7"),
        ("\n\"{}", "%0A%22%7B%7D"),
        ("\ud842", "%3F"),
        ("%7E", "%257E"),
    ],
)  # fmt: skip
def test_text_is_encoded_as_java_does(text: str, encoded: str) -> None:
    assert java_url_encode(text) == encoded
