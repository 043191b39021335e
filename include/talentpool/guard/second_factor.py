"""Check the second factor: six digits of a device (TOTP, RFC 6238), or a printed code that works once.

Two people bring it about: one admits the user, who gets a code for that, and the user binds a device with it. Neither can
alone. Losing the device is the same again. The secret is sealed under the key ring; no code counts twice.
"""

from __future__ import annotations

import hmac
import os
import secrets
from datetime import datetime, timedelta
from typing import Literal
from uuid import UUID

import pyotp
import sqlalchemy as sa
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from sqlalchemy.dialects.postgresql import insert

from talentpool.errors import TamperedError, UsageError
from talentpool.guard.audit import audit
from talentpool.guard.keys import KeyRing
from talentpool.guard.sessions import end_sessions, keyed
from talentpool.model import second_factor as factor

ISSUER = "人才库"
ADMITTED_FOR = timedelta(days=1)
STEP, DRIFT = 30, 1
"""Seconds of one code, and how many codes before and after the clock's are taken: devices go wrong."""
RECOVERY_CODES = 10
NONCE = 12
State = Literal["none", "admitted", "bound"]


def factor_state(conn: sa.Connection, user: str) -> State:
    """How far the user has got."""
    row = conn.execute(sa.select(factor.c.bound_at).where(factor.c.user_name == user.casefold())).one_or_none()
    return "none" if row is None else "admitted" if row.bound_at is None else "bound"


def admit(conn: sa.Connection, keys: KeyRing, user: str, user_id: int, *, by: str, area: str) -> str:
    """Let `user` bind a device within a day; the code is for them alone. One that they had counts no more (a reset), nor does
    any session that began with it."""
    if not by.strip() or by.strip().casefold() == user.casefold():
        raise UsageError(
            "a second factor takes two people: an administrator admits the user, and the user binds the device"
        )
    code = _printed(12)
    row = {"user_name": user.casefold(), "admission_hash": _hash(keys, user, code), "admitted_by": by.strip(),
           "admitted_at": sa.func.now(), "sealed": None, "bound_at": None, "last_step": 0, "recovery_hashes": []}  # fmt: skip
    conn.execute(insert(factor).values(row).on_conflict_do_update(index_elements=["user_name"], set_=row))
    end_sessions(conn, user_id)
    audit(conn, "second_factor", f"user:{user}", actor=by, reason="准许绑定动态口令", scope=area)
    return code


def begin_binding(conn: sa.Connection, keys: KeyRing, user: str, code: str) -> str | None:
    """A new secret for the user's device, or None where the code does not admit."""
    if not _admits(conn, keys, user, code):
        return None
    secret = pyotp.random_base32()
    conn.execute(factor.update().where(factor.c.user_name == user.casefold()).values(sealed=_seal(keys, user, secret)))
    return secret


def finish_binding(
    conn: sa.Connection, keys: KeyRing, user: str, code: str, digits: str, *, now: datetime, area: str
) -> list[str] | None:
    """The device has shown that it knows the secret: printed codes for the day on which it is lost, shown once. None: not."""
    row = _admits(conn, keys, user, code)
    if not row or row.sealed is None:
        return None
    step = _step(_open(keys, user, row.sealed), digits, now, after=0)
    if step is None:
        return None
    printed = [_printed(10) for _ in range(RECOVERY_CODES)]
    conn.execute(
        factor.update().where(factor.c.user_name == user.casefold()).values(
            admission_hash=None, bound_at=sa.func.now(), last_step=step,
            recovery_hashes=[_hash(keys, user, one) for one in printed],
        )
    )  # fmt: skip
    audit(conn, "second_factor", f"user:{user}", actor=user, reason="绑定动态口令", scope=area)
    return printed


def shows_factor(conn: sa.Connection, keys: KeyRing, user: str, given: str, *, now: datetime) -> bool:
    """Whether `given` is the user's code of this moment, or a printed one; used up with that."""
    named = factor.c.user_name == user.casefold()
    row = conn.execute(sa.select(factor).where(named, factor.c.bound_at.is_not(None)).with_for_update()).one_or_none()
    if row is None:
        return False
    given = "".join(given.split())
    step = _step(_open(keys, user, row.sealed), given, now, after=row.last_step)
    if step is not None:
        conn.execute(factor.update().where(named).values(last_step=step))
        return True
    left = [one for one in row.recovery_hashes if one != _hash(keys, user, given)]
    if len(left) == len(row.recovery_hashes):
        return False
    conn.execute(factor.update().where(named).values(recovery_hashes=left))
    return True


def address_of(user: str, secret: str) -> str:
    """What a device scans."""
    return pyotp.TOTP(secret).provisioning_uri(name=user, issuer_name=ISSUER)


def _admits(conn: sa.Connection, keys: KeyRing, user: str, code: str) -> sa.Row | None:
    wanted = (
        factor.c.user_name == user.casefold(), factor.c.bound_at.is_(None),
        factor.c.admission_hash == _hash(keys, user, code), factor.c.admitted_at > sa.func.now() - ADMITTED_FOR,
    )  # fmt: skip
    return conn.execute(sa.select(factor).where(*wanted).with_for_update()).one_or_none()


def _step(secret: str, digits: str, now: datetime, *, after: int) -> int | None:
    """Of which half minute these digits are, none of before or at `after`."""
    made, this = pyotp.TOTP(secret), int(now.timestamp()) // STEP
    for step in range(this - DRIFT, this + DRIFT + 1):
        if step > after and hmac.compare_digest(made.generate_otp(step).encode(), digits.encode("utf-8", "replace")):
            return step
    return None


def _printed(length: int) -> str:
    """Signs that nobody mistakes for others, in groups of a hand."""
    signs = "".join(secrets.choice("abcdefghjkmnpqrstuvwxyz23456789") for _ in range(length))
    return "-".join(signs[at : at + 4] for at in range(0, length, 4))


def _hash(keys: KeyRing, user: str, code: str) -> UUID:
    plain = "".join(sign for sign in code.casefold() if sign.isalnum())
    return keyed(keys, "second factor code", f"{user.casefold()}\x1f{plain}")


def _cipher(keys: KeyRing) -> AESGCM:
    return AESGCM(hmac.digest(keys.key("suppression"), b"talentpool second factor secret", "sha256"))


def _seal(keys: KeyRing, user: str, secret: str) -> bytes:
    nonce = os.urandom(NONCE)
    return nonce + _cipher(keys).encrypt(nonce, secret.encode(), user.casefold().encode())


def _open(keys: KeyRing, user: str, sealed: bytes) -> str:
    try:
        return _cipher(keys).decrypt(sealed[:NONCE], sealed[NONCE:], user.casefold().encode()).decode()
    except InvalidTag as error:
        raise TamperedError(
            "the secret of a second factor does not open: it was changed, or is another user's"
        ) from error
