"""Check of what the partners send, as matching sees it."""

from __future__ import annotations

from collections.abc import Iterator

import sqlalchemy as sa

from talentpool.doctor.finding import Finding, Patient, ok
from talentpool.match.compare import SHARED_MOBILE_MAX
from talentpool.model import match_run


def mobiles(patient: Patient) -> Iterator[Finding]:
    """Mobiles of too many people do not become more: a partner that fills in the station's number has lost a column."""
    counted = sa.select(match_run.c.shared_mobiles).where(match_run.c.shared_mobiles.is_not(None))
    with patient.engine.connect() as conn:
        known = list(conn.scalars(counted.order_by(match_run.c.match_run_id.desc()).limit(2)))
    now, before = [*known, 0, 0][:2]
    if now > before:
        yield Finding(
            "mobiles", "warn", f"{now} mobiles stand in more than {SHARED_MOBILE_MAX} records each, {before} before",
            "数据质量 says at which partners; ask for people's own numbers",
        )  # fmt: skip
    else:
        yield ok("mobiles", f"{now} stand in more than {SHARED_MOBILE_MAX} records, no more than before")
