"""Keep a search's results in the address of its page: sealed for the session that searched, for half an hour.

The answer to a form cannot be come back to, so a search sends its browser on to a page that can. In the seal are record ids
and counts, never what was looked for; to any other session, and to whoever reads a server's log, it is noise.
"""

from __future__ import annotations

import hmac
import json
import os
import time
from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any
from uuid import UUID

from airflow.configuration import conf
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from talentpool.services.desk.find import Hits
from talentpool.services.desk.look_up import LookedUp
from talentpool_airflow.console.user import User

GOOD_FOR = 30 * 60
LONGEST = 4000
_NONCE = 12


@dataclass(frozen=True)
class Searched:
    """How somebody searched (`most` records at most, in several counties when `wide`), and what came of it."""

    by: str
    wide: bool
    most: int
    looked: LookedUp


def sealed(user: User, searched: Searched) -> str:
    """As it stands in an address."""
    looked = searched.looked
    found = looked.found
    facts = {
        "at": int(time.time()), "by": searched.by, "wide": searched.wide, "most": searched.most, "left": looked.left,
        "opens": looked.opens_at.isoformat() if looked.opens_at else None,
        "found": [found.people, found.more] if found else None,
    }  # fmt: skip
    head = json.dumps(facts).encode()
    body = len(head).to_bytes(2, "big") + head + b"".join(record.bytes for record in (found.records if found else ()))
    nonce = os.urandom(_NONCE)
    return urlsafe_b64encode(nonce + _cipher(user).encrypt(nonce, body, user.name.encode())).decode().rstrip("=")


def opened(user: User, token: str) -> Searched | None:
    """None for what this session did not seal, or too long ago."""
    try:
        raw = urlsafe_b64decode(token[:LONGEST] + "=" * (-len(token) % 4))
        body = _cipher(user).decrypt(raw[:_NONCE], raw[_NONCE:], user.name.encode())
    except (ValueError, InvalidTag):
        return None
    ends = 2 + int.from_bytes(body[:2], "big")
    facts: dict[str, Any] = json.loads(body[2:ends])
    if time.time() - facts["at"] > GOOD_FOR:
        return None
    records = tuple(UUID(bytes=body[at : at + 16]) for at in range(ends, len(body), 16))
    found = Hits(records, *facts["found"]) if facts["found"] else None
    opens = datetime.fromisoformat(facts["opens"]) if facts["opens"] else None
    return Searched(facts["by"], facts["wide"], facts["most"], LookedUp(found, opens, facts["left"]))


def _cipher(user: User) -> AESGCM:
    return AESGCM(hmac.digest(_key(), b"talentpool console results|" + user.session.encode(), "sha256"))


@cache
def _key() -> bytes:
    return conf.get_mandatory_value("api", "secret_key").encode()
