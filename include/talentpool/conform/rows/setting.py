"""What the blocks of a delivery are sealed with and held against."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

import sqlalchemy as sa

from talentpool.conform.rows.base import Base
from talentpool.conform.rows.remembered import Remembered
from talentpool.conform.rows.suppress import Suppressed
from talentpool.guard import KeyRing


@dataclass(frozen=True, repr=False)
class Setting:
    """The same for every block of a delivery."""

    conn: sa.Connection
    keys: KeyRing
    data_key: bytes
    partner: str
    sha256: str
    as_of: date
    delta: bool
    base: Base
    suppressed: Suppressed
    notices: Mapping[str, date]
    know_people: bool = True
    """False in a trial: whoever reads what it says could try values until one fits somebody."""

    counties: list[str] | None = None
    """Whose rows the sender may send; None = anybody's."""

    remembered: Remembered = field(default_factory=Remembered)
    """What officers remembered for the partner's rows."""

    @property
    def read_on(self) -> date | None:
        """The day on which records are read; None = as they live."""
        return self.as_of if self.base.past else None
