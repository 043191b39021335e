"""How partners have requests signed, by name: partner.yml says which. A new signer is one function here.

A signer takes the account's secret, the address called and the form's fields, and returns the signature. Platforms
publish these rules; the vectors they give as examples are in reference/partner_signature_vectors.json.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Callable, Mapping
from urllib.parse import quote_plus

Signer = Callable[[str, str, Mapping[str, str]], str]
SIGNERS: dict[str, Signer] = {}


def _signer(function: Signer) -> Signer:
    SIGNERS[function.__name__] = function
    return function


def java_url_encode(text: str) -> str:
    """What java.net.URLEncoder makes of `text` in UTF-8: keeps `*`, encodes `~`, half a surrogate pair becomes ?."""
    return quote_plus(text, safe="*", errors="replace").replace("~", "%7E")


@_signer
def sf_msgdigest(secret: str, url: str, fields: Mapping[str, str]) -> str:  # noqa: ARG001
    """顺丰丰桥: Base64 of the MD5 of URLEncoder(msgData + timestamp + checkWord)."""
    text = java_url_encode(fields["msgData"] + fields["timestamp"] + secret)
    return base64.b64encode(_md5(text).digest()).decode("ascii")


@_signer
def meituan_waimai_md5(secret: str, url: str, fields: Mapping[str, str]) -> str:
    """美团外卖: MD5 of url?k=v&k=v (sorted, values not URL-encoded, sig left out) + secret."""
    query = "&".join(f"{key}={value}" for key, value in _sorted(fields, without="sig"))
    return _md5(f"{url}?{query}{secret}").hexdigest()


@_signer
def meituan_delivery_sha1(secret: str, url: str, fields: Mapping[str, str]) -> str:  # noqa: ARG001
    """美团配送 and 青云: SHA-1 of secret + sorted keys and values; empty values and sign left out."""
    return hashlib.sha1(_delivery_text(secret, fields).encode(), usedforsecurity=False).hexdigest()


@_signer
def meituan_delivery_sha256(secret: str, url: str, fields: Mapping[str, str]) -> str:  # noqa: ARG001
    """As meituan_delivery_sha1 with SHA-256: a sister document's algorithm line says so."""
    return hashlib.sha256(_delivery_text(secret, fields).encode()).hexdigest()


@_signer
def meituan_dache_sha1(secret: str, url: str, fields: Mapping[str, str]) -> str:  # noqa: ARG001
    """美团打车: SHA-1 of sorted keys and values with the secret sorted in as sign_key; blank values left out."""
    signed = {key: value for key, value in {**fields, "sign_key": secret}.items() if value.strip()}
    text = _joined(signed, without="sign")
    return hashlib.sha1(text.encode(), usedforsecurity=False).hexdigest()


@_signer
def union_md5(secret: str, url: str, fields: Mapping[str, str]) -> str:  # noqa: ARG001
    """美团联盟: MD5 of secret + sorted keys and values + secret."""
    return _md5(f"{secret}{_joined(fields, without='sign')}{secret}").hexdigest()


def _delivery_text(secret: str, fields: Mapping[str, str]) -> str:
    return secret + _joined({key: value for key, value in fields.items() if value}, without="sign")


def _joined(fields: Mapping[str, str], *, without: str) -> str:
    return "".join(f"{key}{value}" for key, value in _sorted(fields, without))


def _sorted(fields: Mapping[str, str], without: str) -> list[tuple[str, str]]:
    return sorted((key, value) for key, value in fields.items() if key != without)


def _md5(text: str) -> hashlib._Hash:
    return hashlib.md5(text.encode(), usedforsecurity=False)  # the platforms' own rule; TLS is what protects the data
