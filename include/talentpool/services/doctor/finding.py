"""Define what one check returns and what the checks are given."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Literal

import sqlalchemy as sa

from talentpool.guard import KeyRing
from talentpool.settings import Settings

Status = Literal["ok", "demo", "warn", "fail"]


@dataclass(frozen=True)
class Finding:
    """`status`: ok; demo (fine for synthetic people, never for real ones); warn (soon); fail (now). `do`: the next step."""

    check: str
    status: Status
    said: str
    do: str = ""


@dataclass(frozen=True)
class Patient:
    """A deployment under examination. `today`: in the office."""

    engine: sa.Engine
    keys: KeyRing
    settings: Settings
    today: date


def ok(check: str, said: str) -> Finding:
    return Finding(check, "ok", said)
