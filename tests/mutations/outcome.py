"""What became of a mutated delivery, held against what the unmutated one gives; nothing of either stays."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import date
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from rosters import Office
from talentpool.acquire import acquire
from talentpool.conform import begin, conform_share, finish
from talentpool.conform.values.names import read_name
from talentpool.errors import RejectedError, UsageError
from talentpool.expect import count_flags, expect
from talentpool.flow import outcome, reject
from talentpool.guard import open_personal
from talentpool.load import publish
from talentpool.model import source_record
from talentpool.office import Office as Working
from talentpool.trial import trial

PLAIN = ("birth_date", "sex", "county", "station", "occupation", "hired_on", "left_on", "status", "spell_to")
NUMBER = re.compile(r"(?<!\d)(1[3-9]\d{9}|\d{6}(19|20)\d{2}[01]\d[0-3]\d\d{3}[\dX]|\d{15})(?![\dX])")


@dataclass
class Result:
    """`people`: staff number -> facts of everybody active; `codes`: all codes that were counted."""

    status: str
    people: dict[str, dict[str, Any]] = field(default_factory=dict)
    codes: dict[str, int] = field(default_factory=dict)
    set_aside: int = 0
    message: str = ""
    plain: str = ""
    """Everything that the delivery left in plain, as text."""


def deliver(office: Office, data: bytes, form: str, *, kind: str = "full", as_of: date) -> Result:
    """The delivery through the rooms, in a transaction that is taken back."""
    path = office.folder / f"mutated.{form}"
    path.write_bytes(data)
    partner = office.partner()
    with trial(office.engine) as engine:
        trying = Working(engine, office.settings, office.keys)
        try:
            landed = acquire(trying, partner, file=path, as_of=as_of, kind=kind)
        except UsageError as error:
            return Result("refused", message=str(error))
        assert landed is not None
        number = landed.delivery_id
        if outcome(engine, number).status == "landed":
            try:
                begin(engine, number, 1)
                finish(
                    engine,
                    number,
                    [conform_share(trying, partner, number)],
                )
                if expect(trying, partner, number, count=count_flags).status == "audited":
                    publish(trying, partner, number)
            except RejectedError as error:
                reject(engine, number, error)
        told = outcome(engine, number)
        with engine.connect() as conn:
            people = facts(conn, office)
            plain = _plain(conn, number)
        return Result(
            told.status,
            people,
            {**told.reasons, **told.notes},
            told.quarantined + told.refused,
            told.message or "",
            plain,
        )


def facts(conn: sa.Connection, office: Office) -> dict[str, dict[str, Any]]:
    """Everybody on record, in plain: what a list would be made from."""
    live = source_record
    rows = conn.execute(
        sa.select(live.c.staff_no, live.c.record_id, *(live.c[name] for name in PLAIN))
    ).mappings().all()  # fmt: skip
    opened = open_personal(conn, office.keys, [UUID(str(row["record_id"])) for row in rows])
    found = {}
    for row in rows:
        personal = opened[row["record_id"]]
        found[row["staff_no"]] = {name: row[name] for name in PLAIN} | {
            "name": read_name(personal.name).form, "document": personal.document_no, "mobile": personal.mobile,
            "mobile2": personal.mobile2,
        }  # fmt: skip
    return found


def _plain(conn: sa.Connection, delivery_id: int) -> str:
    """What stands in plain of live records, of what was set aside, and of the delivery."""
    texts = [
        str(row)
        for query in (
            "select staff_no, station, document_type, occupation, notice_version from source_record",
            "select code, county from quarantine",
            "select name from station",
            f"select source_name, message, reasons, notes, findings, profile from delivery where delivery_id = {delivery_id}",
        )
        for row in conn.exec_driver_sql(query)
    ]
    return "\n".join(texts)


def personal_numbers(text: str) -> int:
    """How many document numbers or mobiles stand in a text."""
    return len(NUMBER.findall(text))
