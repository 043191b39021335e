"""What a person asks about themselves, taken to its end by two people, as the office does it."""

from __future__ import annotations

from datetime import date
from typing import Any

import sqlalchemy as sa

from talentpool.guard import KeyRing
from talentpool.services.rights import Answered, confirm, register
from talentpool.settings import Settings

SECOND = "李主任"


def withdraw(engine: sa.Engine, keys: KeyRing, settings: Settings, asked: str, **more: Any) -> Answered:
    """Registered, verified, confirmed by a second person and carried out."""
    return _to_the_end("withdraw", engine, keys, settings, asked, **more)


def erase(engine: sa.Engine, keys: KeyRing, settings: Settings, asked: str, **more: Any) -> Answered:
    return _to_the_end("erase", engine, keys, settings, asked, **more)


def _to_the_end(
    kind: str, engine: sa.Engine, keys: KeyRing, settings: Settings, asked: str, *, by: str, reason: str,
    received_on: date, tell_partner: bool = False,
) -> Answered:  # fmt: skip
    entry = register(
        engine, keys, settings, kind, asked, by=by, reason=reason, received_on=received_on, identity="in_person",
        tell_partner=tell_partner,
    )  # fmt: skip
    done = confirm(engine, keys, settings, entry.request_id, by=SECOND)
    assert isinstance(done, Answered)
    return done
