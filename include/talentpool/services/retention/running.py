"""Carry retention out: kind by kind and batch by batch; what one kind cannot do stops no other."""

from __future__ import annotations

import logging
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any

from sqlalchemy.exc import SQLAlchemyError

from talentpool.errors import TalentpoolError, UsageError
from talentpool.model import retention_report
from talentpool.office import Office
from talentpool.services.retention import aside, entries, people, raw, sheets
from talentpool.services.retention.kind import Due, Kind, Room, put_down
from talentpool.services.retention.terms import terms_of

log = logging.getLogger(__name__)

KINDS: dict[str, Kind] = {
    kind.code: kind
    for kind in (
        people.KIND, aside.KIND, raw.FILES, raw.TRIED, sheets.EXPORTED, sheets.WRITTEN, entries.PROVIDED, entries.ASKED,
        entries.SIGNED_IN,
    )
}  # fmt: skip
"""Code -> kind, in the order in which they are carried out."""
OF_AIRFLOW = ("airflow", "logs")
"""Kinds that Airflow's side carries out (talentpool_airflow/retention.py): its database and its logs are not ours."""


@dataclass(frozen=True)
class Carried:
    """What came of a kind. `gone`: what went, or would go in a dry run; `held` by legal hold; `waiting` for something else."""

    kind: str
    gone: int
    held: int
    waiting: int

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


def carry_out(office: Office, code: str, today: date, *, sure: bool = False) -> Carried:
    """Let everything of a kind go whose term is over, and put down what stays and why. Safe to be killed and to be run again.

    UsageError for a kind that is not ours, and for so many people that somebody has to be `sure`.
    """
    kind, room, gone = _kind(code), Room(office, terms_of(office.settings), today, sure), 0
    while more := kind.batch(room):
        gone += more
    left = kind.due(room)
    close(office, code, today, left)
    return Carried(code, gone, left.held, left.waiting)


def outlook(office: Office, today: date) -> dict[str, Due]:
    """What is due of every kind of ours; nothing is changed."""
    room = Room(office, terms_of(office.settings), today)
    return {code: kind.due(room) for code, kind in KINDS.items()}


def record(office: Office, code: str, today: date, gone: int, counts: dict[str, int]) -> Carried:
    """Put down what went of a kind that Airflow's side carries out, with its proof in the audit log."""
    if gone:
        with office.engine.begin() as conn:
            put_down(conn, Room(office, terms_of(office.settings), today), code, gone, counts)
    close(office, code, today, Due(0))
    return Carried(code, gone, 0, 0)


def close(office: Office, code: str, today: date, left: Due) -> None:
    """Put down that a run of a kind has ended, and what it left."""
    row = {"day": today, "kind": code, "gone": 0, "on_hold": left.held, "waiting": left.waiting}
    with office.engine.begin() as conn:
        conn.execute(retention_report.insert().values(row))


def carry_out_all(office: Office, today: date) -> tuple[list[Carried], dict[str, str]]:
    """Every kind of ours; what was done, and kind -> the error of those that could not be finished."""
    done, failed = [], {}
    for code in KINDS:
        try:
            done.append(carry_out(office, code, today))
        except (TalentpoolError, SQLAlchemyError, OSError) as error:
            log.error("%s was not finished (%s)", code, type(error).__name__)
            failed[code] = type(error).__name__
    return done, failed


def _kind(code: str) -> Kind:
    if code not in KINDS:
        raise UsageError(f"there is no kind of retention {code!r}; known: {', '.join(KINDS)}")
    return KINDS[code]
