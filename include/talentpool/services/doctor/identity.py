"""Check matching: whether judgements can still be carried out, and what the partners send."""

from __future__ import annotations

from collections.abc import Iterator

import sqlalchemy as sa

from talentpool.match.scoring.compare import SHARED_MOBILE_MAX
from talentpool.model import match_run
from talentpool.review import judgements, overruled
from talentpool.services.doctor.finding import Finding, Patient, ok


def judged(patient: Patient) -> Iterator[Finding]:
    """A judgement about a record that is no more is kept; one that a later document number overrules is looked at."""
    with patient.engine.begin() as conn:
        on_record, against = judgements(conn), overruled(conn)
    gone = sum(judgement.gone for judgement in on_record)
    if against:
        yield Finding(
            "judgements", "warn", f"{len(against)} judgements 'same' are overruled by document numbers that came later",
            f"find out which number is wrong, or take it back: talentpool review undo {against[0]}",
        )  # fmt: skip
    elif gone:
        yield Finding(
            "judgements", "warn", f"{gone} of {len(on_record)} judgements speak of records that are no more",
            "talentpool review judgements --gone; they do no harm and hold again if the records come back",
        )  # fmt: skip
    else:
        yield ok("judgements", f"{len(on_record)} judgements on record, all of them hold")


def mobiles(patient: Patient) -> Iterator[Finding]:
    """Mobiles of too many people do not become more: a partner that fills in the station's number has lost a column."""
    counted = sa.select(match_run.c.shared_mobiles).where(match_run.c.shared_mobiles.is_not(None))
    with patient.engine.connect() as conn:
        runs = list(conn.scalars(counted.order_by(match_run.c.match_run_id.desc()).limit(2)))
    now, before = runs[0] if runs else 0, runs[-1] if runs else 0
    if now > before:
        yield Finding(
            "mobiles", "warn", f"{now} mobiles stand in more than {SHARED_MOBILE_MAX} records each, {before} before",
            "数据质量 says at which partners; ask for people's own numbers",
        )  # fmt: skip
    else:
        than = "no more than before" if len(runs) > 1 else "with nothing before to hold that against"
        yield ok("mobiles", f"{now} stand in more than {SHARED_MOBILE_MAX} records, {than}")
