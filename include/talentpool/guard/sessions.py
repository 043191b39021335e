"""Keep who is signed in: a token carries a random id, and every api-server asks the row of that id.

A session is bound to what its user was when it began: name, password, roles, active or not. Any door through which one of
these changes ends it, without that door's help. It ends by itself after 30 idle minutes and after 12 hours.
"""

from __future__ import annotations

import hmac
import secrets
from dataclasses import dataclass
from datetime import timedelta
from typing import Literal
from uuid import UUID

import sqlalchemy as sa

from talentpool.guard.keys import KeyRing
from talentpool.model import sign_in_session as session

IDLE, LONGEST = timedelta(minutes=30), timedelta(hours=12)
NOTED = timedelta(minutes=1)
"""How exactly it is put down when somebody was last there: not every picture of a page is a write."""
KEPT = timedelta(days=7)

Door = Literal["page", "token"]


@dataclass(frozen=True)
class Session:
    """One that holds. `seconds`: what is left of its 12 hours; `second_factor`: whether one was shown when it began."""

    user_id: int
    door: str
    seconds: int
    second_factor: bool


def keyed(keys: KeyRing, what: str, value: str) -> UUID:
    """16 bytes of a keyed hash, under a key derived from one that is never rotated."""
    key = hmac.digest(keys.key("suppression"), f"talentpool {what}".encode(), "sha256")
    return UUID(bytes=hmac.digest(key, value.encode("utf-8", "surrogatepass"), "sha256")[:16])


def bound_to(keys: KeyRing, name: str, password_hash: str, roles: list[str]) -> UUID:
    """What a session of this user is bound to."""
    return keyed(keys, "sign-in user", "\x1f".join([name, password_hash, *sorted(roles)]))


def begin_session(
    conn: sa.Connection, keys: KeyRing, user_id: int, bound: UUID, door: Door, *, second: bool = False
) -> str:
    """The id that the visitor keeps; here stands its hash alone. Rows of last week go."""
    session_id = secrets.token_urlsafe(24)
    conn.execute(session.delete().where(session.c.began_at < sa.func.now() - KEPT))
    conn.execute(
        session.insert(),
        {
            "session_hash": keyed(keys, "sign-in session", session_id),
            "user_id": user_id,
            "bound_to": bound,
            "door": door,
            "second_factor": second,
        },
    )
    return session_id


def held_session(
    conn: sa.Connection, keys: KeyRing, session_id: str, user_id: int, bound: UUID, *, seen: bool
) -> Session | None:
    """The session of this id if it holds for this user as they are now, else None. `seen`: somebody is there."""
    key, now = keyed(keys, "sign-in session", session_id), sa.func.clock_timestamp()
    row = conn.execute(
        sa.select(
            session.c.user_id, session.c.bound_to, session.c.door, session.c.second_factor,
            (session.c.seen_at < now - NOTED).label("stale"),
            sa.func.extract("epoch", session.c.began_at + LONGEST - now).label("seconds"),
        ).where(session.c.session_hash == key, session.c.ended_at.is_(None), session.c.seen_at > now - IDLE)
    ).one_or_none()  # fmt: skip
    if row is None or row.user_id != user_id or row.bound_to != bound or row.seconds <= 0:
        return None
    if seen and row.stale:
        conn.execute(session.update().where(session.c.session_hash == key).values(seen_at=now))
    return Session(user_id, row.door, int(row.seconds), row.second_factor)


def end_sessions(conn: sa.Connection, user_id: int) -> int:
    """Every session of the user ends, here and on every other machine; how many did."""
    held = session.c.user_id == user_id, session.c.ended_at.is_(None)
    return conn.execute(session.update().where(*held).values(ended_at=sa.func.clock_timestamp())).rowcount


def user_of_session(conn: sa.Connection, keys: KeyRing, session_id: str) -> int | None:
    """Whose session an id is, ended or not."""
    key = keyed(keys, "sign-in session", session_id)
    return conn.scalar(sa.select(session.c.user_id).where(session.c.session_hash == key))
