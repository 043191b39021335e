"""Seal what happened on the host apart for the office alone (HPKE, RFC 9180), and say by a key of the sign-in that it is ours.

Whoever has the office's public key can seal; so each record bears a MAC by a key that stands in the packet, and nowhere else.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.hpke import AEAD, KDF, KEM, Suite

from talentpool.errors import TamperedError

SUFFIX = ".sealed"
LARGEST = 256 * 1024
"""Bytes of a record: 200 marks are some 60,000."""
ENTERED, LOOKED, MARKS, LEFT = "entered", "looked", "marks", "left"
KINDS = (ENTERED, LOOKED, MARKS, LEFT)
MAC = hashlib.sha256().digest_size
STEP = 1024
"""Bytes to a multiple of which a record is filled up, so that its length tells less."""
_INFO = b"talentpool handout record 1"
_SUITE = Suite(KEM.X25519, KDF.HKDF_SHA256, AEAD.AES_256_GCM)


def seal_record(public: bytes, mark_key: bytes, record: dict[str, Any]) -> bytes:
    """`record` (JSON) as only the office reads it. `public`: X25519, 32 bytes; `mark_key`: of the sign-in."""
    body = json.dumps(record, ensure_ascii=False, separators=(",", ":")).encode()
    body += b" " * (-(len(body) + MAC) % STEP)
    signed = hmac.digest(mark_key, body, "sha256") + body
    return _SUITE.encrypt(signed, X25519PublicKey.from_public_bytes(public), info=_INFO)


def open_record(private: X25519PrivateKey, data: bytes) -> tuple[dict[str, Any], bytes, bytes]:
    """(record, its bytes, MAC), by nobody's word yet: the record says which sign-in's key the MAC must be of.

    TamperedError for what was not sealed to us, was changed or cut off.
    """
    try:
        signed = _SUITE.decrypt(data, private, info=_INFO)
        record = json.loads(signed[MAC:])
    except (InvalidTag, ValueError, RecursionError) as error:  # whoever has the public key may seal anything
        raise TamperedError("a sealed record does not open") from error
    if not isinstance(record, dict):
        raise TamperedError("a sealed record holds something else")
    return record, signed[MAC:], signed[:MAC]


def is_signed(mark_key: bytes, body: bytes, mac: bytes) -> bool:
    """Whether the sign-in of `mark_key` made the record."""
    return hmac.compare_digest(hmac.digest(mark_key, body, "sha256"), mac)
