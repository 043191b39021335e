"""Signers against the examples the platforms publish, and against the traps between Java and Python."""

from __future__ import annotations

import hashlib
import json
from typing import Any

import pytest

from talentpool.acquire.signers import SIGNERS, java_url_encode
from talentpool.settings import INCLUDE

VECTORS = json.loads((INCLUDE / "reference/partner_signature_vectors.json").read_text(encoding="utf-8"))["vectors"]


def vector(beginning: str) -> dict[str, Any]:
    (found,) = [v for v in VECTORS if v["partner"].startswith(beginning)]
    return found


def test_every_signer_has_its_name() -> None:
    assert set(SIGNERS) == {
        "sf_msgdigest", "meituan_waimai_md5", "meituan_delivery_sha1", "meituan_delivery_sha256", "meituan_dache_sha1",
        "union_md5",
    }  # fmt: skip


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


def test_the_published_example_of_meituan_delivery() -> None:
    """The platform publishes the text before hashing, not the digest; that text is reproduced character by character."""
    example = vector("Meituan delivery")
    found = SIGNERS["meituan_delivery_sha1"](example["secret"], "", {**example["params"], "sign": "left out"})
    assert found == hashlib.sha1(example["plain"].encode()).hexdigest() == example["computed"]
    longer = SIGNERS["meituan_delivery_sha256"](example["secret"], "", example["params"])
    assert longer == hashlib.sha256(example["plain"].encode()).hexdigest()


def test_meituan_waimai_signs_by_its_rule_which_no_published_digest_confirms() -> None:
    """NOT reproduced upstream: the one public repository with an expected digest contradicts the published rule.

    So this holds the rule alone; a partner's sandbox must confirm it before it is relied on.
    """
    assert "could NOT be reproduced" in vector("Meituan waimai")["reproduced"]
    fields = {"timestamp": "1477395862", "app_id": "7", "name": "测试 a&b", "sig": "left out"}
    text = "https://h.example/api/v1/x?app_id=7&name=测试 a&b&timestamp=1477395862secret"
    found = SIGNERS["meituan_waimai_md5"]("secret", "https://h.example/api/v1/x", fields)
    assert found == hashlib.md5(text.encode()).hexdigest()


def test_meituan_ride_hailing_sorts_the_secret_in_and_drops_blank_values() -> None:
    fields = {"timestamp": "1477395862000", "channel": "c", "a": " ", "b": "", "z": "1", "sign": "left out"}
    text = "channelcsign_keysecrettimestamp1477395862000z1"
    assert SIGNERS["meituan_dache_sha1"]("secret", "", fields) == hashlib.sha1(text.encode()).hexdigest()


def test_meituan_union_puts_the_secret_on_both_sides_and_keeps_empty_values() -> None:
    found = SIGNERS["union_md5"]("secret", "", {"b": "2", "a": "", "sign": "left out"})
    assert found == hashlib.md5(b"secretab2secret").hexdigest()


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
