"""Checks of who is who: what people said of pairs, and whether it can still be carried out."""

from __future__ import annotations

from collections.abc import Iterator

from talentpool.doctor.finding import Finding, Patient, ok
from talentpool.match import judgements, overruled


def words(patient: Patient) -> Iterator[Finding]:
    """A decision about a record that is no more is kept; one that a later document number overrules is looked at."""
    with patient.engine.begin() as conn:
        known, against = judgements(conn), overruled(conn)
    gone = sum(one.gone for one in known)
    if against:
        yield Finding(
            "judgements", "warn", f"{len(against)} decisions 'same' are overruled by document numbers that came later",
            f"find out which number is wrong, or take it back: talentpool review undo {against[0]}",
        )  # fmt: skip
    elif gone:
        yield Finding(
            "judgements", "warn", f"{gone} of {len(known)} decisions speak of records that are no more",
            "talentpool review decisions --gone; they do no harm and hold again if the records come back",
        )  # fmt: skip
    else:
        yield ok("judgements", f"{len(known)} decisions on record, all of them hold")
