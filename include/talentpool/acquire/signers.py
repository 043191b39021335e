"""Sign a partner's requests by the method that partner.yml names. A new signer is one function here.

A signer takes the account's secret, the address called and the form's fields, and returns the signature. Platforms
publish these rules; the vectors they give as examples are in reference/partner_signature_vectors.json, of platforms that
are no partner yet too: a signer is written when its partner comes, and is held against them.
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


def _md5(text: str) -> hashlib._Hash:
    return hashlib.md5(text.encode(), usedforsecurity=False)  # the platforms' own rule; TLS is what protects the data
