"""Make the letter of a delivery: composed, closed so that its partner alone opens it, and on record as a provision."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from datetime import date
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from talentpool.acquire import Connection
from talentpool.campaigns.release.provisions import dates
from talentpool.declare import Partner
from talentpool.declare.letter import RepairLetter
from talentpool.errors import UsageError
from talentpool.guard import audit
from talentpool.guard.sealing import SUFFIXES, key_print, lock_workbook, seal_file
from talentpool.model import delivery, delivery_fault, letter
from talentpool.office import Office
from talentpool.services.letters.book import Content, letter_book
from talentpool.services.letters.cells import Cell, faulty_cells
from talentpool.services.letters.told import faults_of, is_worth_a_letter
from talentpool.services.letters.trend import trend

BASIS = "correction of data by the partner that sent them (PIPL 8 and 46)"
FIELDS = ("staff number", "cells (masked)")
USE_DAYS = 60
REASON = "问题反馈单"


def make_letter(
    office: Office, partner: Partner, delivery_id: int, connect: Callable[[str], Connection], *, by: str, today: date
) -> int | None:
    """The number of the letter of the delivery as it stands, made now where there is none yet; None without anything to say.

    Raises UsageError where none is declared or its key or password is none to use, UnavailableError where the connection with
    the password is missing.
    """
    declared = partner.letter
    with office.engine.connect() as conn:
        facts = conn.execute(sa.select(delivery).where(delivery.c.delivery_id == delivery_id)).one()
        there = conn.scalar(_of(facts))
    if there is not None:
        return int(there)
    if not is_worth_a_letter(facts):
        return None
    if declared is None:
        raise UsageError(f"{partner.code} 的 partner.yml 没有声明 letter，没有生成反馈单；请由运维人员补充")
    if faults_of(facts) and not facts.landed_url:
        raise UsageError(f"交付 {delivery_id} 的原件已到期删除，没有生成反馈单")
    cells = faulty_cells(office, partner, facts) if facts.rows else []
    with office.engine.connect() as conn:
        content = Content(partner, facts, cells, _left_out(facts, cells), trend(conn, facts))
    name, sealed, key = _seal(declared, _stem(facts), letter_book(content, today), connect, today)
    facts_of = {"unit": partner.contact.unit, "role": partner.contact.role, "seal": declared.seal, "key": key}
    row = {
        "delivery_id": delivery_id, "standing": facts.state, "partner": partner.code, "way": declared.by,
        "recipient_facts": facts_of, "legal_basis": BASIS, "fields": list(FIELDS),
        "people": len({cell.row for cell in cells}), "cells": len(cells), "left_out": content.left_out, "name": name,
        "sha256": hashlib.sha256(sealed).hexdigest(), "content": sealed, "made_by": by, **dates(today, USE_DAYS),
    }  # fmt: skip
    return _recorded(office, facts, row, by)


def _recorded(office: Office, facts: Any, row: dict[str, Any], by: str) -> int:
    with office.engine.begin() as conn:
        made = conn.scalar(insert(letter).values(row).on_conflict_do_nothing().returning(letter.c.letter_id))
        if made is None:  # another run was faster
            return int(conn.scalar(_of(facts)) or 0)
        audit(
            conn, "export", f"delivery:{facts.delivery_id}", actor=by, reason=REASON, scope=office.settings.area,
            details={"letter": made, "partner": row["partner"], "people": row["people"], "cells": row["cells"],
                     "fields": row["fields"], "sha256": row["sha256"]},
        )  # fmt: skip
    return int(made)


def _of(facts: Any) -> sa.Select:
    return sa.select(letter.c.letter_id).where(
        letter.c.delivery_id == facts.delivery_id, letter.c.standing == facts.state
    )


def _stem(facts: Any) -> str:
    return (
        f"letter_{facts.partner}_{facts.as_of:%Y%m%d}_{facts.delivery_id}_{facts.state}"  # a later one overwrites none
    )


def _left_out(facts: Any, cells: list[Cell]) -> int:
    """How many faults have no line, where the delivery has more than are kept."""
    faults = faults_of(facts)
    return max(sum(faults.values()) - sum(cell.code in faults for cell in cells), 0)


def _seal(
    declared: RepairLetter, stem: str, book: bytes, connect: Callable[[str], Connection], today: date
) -> tuple[str, bytes, str]:
    """(name of the file, its bytes, what names the key)."""
    if declared.seal == "password":
        password = connect(declared.password or "").password
        return f"{stem}.xlsx", lock_workbook(book, password), declared.password or ""
    sealed = seal_file(declared.seal, declared.public_key, "", stem, book, on=today)
    return (
        stem + SUFFIXES[declared.seal].format(kind=".xlsx"),
        sealed,
        key_print(declared.seal, declared.public_key, today),
    )


def forget(conn: sa.Connection, today: date) -> None:
    """Let go of what is of no more use: sealed files past their day, and faults of deliveries whose landed file expired."""
    over = letter.c.use_until < today, letter.c.content.is_not(None)
    conn.execute(letter.update().where(*over).values(content=None))
    old = sa.select(delivery.c.delivery_id).where(delivery.c.landed_url.is_(None))
    conn.execute(delivery_fault.delete().where(delivery_fault.c.delivery_id.in_(old)))
