"""Whoever was erased stands in no table but those that say why: over all columns of all tables, by every id they had."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import sqlalchemy as sa

from approvals import unapproved
from asking import withdraw
from rosters import Office, document, person
from talentpool.campaigns import draw
from talentpool.guard import record_id
from talentpool.match import links, match
from talentpool.model import metadata
from talentpool.pool import snapshot
from talentpool.review import judge, pending
from talentpool.services.rights.visited import KEPT, OUTSIDE, naming, seen_to

DAY = date(2026, 10, 31)
SIGNED = {"by": "王主任", "reason": "本人书面申请"}
HERS = person(7, name="欧阳槿翊", document_no=document(7, "1996-05-05"), mobile="13612345678")
ALIKE = HERS | {"document_no": "", "birth_date": ""}
KIN = person(8, name="欧阳槿翔", mobile="13612345678", document_no="", birth_date="")


def test_every_table_that_names_somebody_says_what_an_erasure_does() -> None:
    assert naming() - seen_to() == set()
    assert seen_to() <= set(metadata.tables), "no table that is gone"


def test_nothing_of_whoever_withdrew_stands_anywhere_else(office: Office, tmp_path: Path) -> None:
    people = [person(n) for n in range(10, 40)]
    office.deliver("2026-08-31", [HERS | {"station": "旧站"}, *people])
    office.deliver("2026-08-31", [ALIKE | {"staff_no": "S7"}, KIN | {"staff_no": "S8"}], partner="sf")
    office.deliver("2026-09-30", [HERS, *people])
    office.deliver("2026-09-30", [HERS | {"staff_no": ""}, HERS | {"name": "站长"}, *people])  # set aside
    match(office.engine, office.keys)
    with office.engine.begin() as conn:
        waiting = [one["pair_id"] for one in pending(conn, office.keys)]
    for pair in waiting[:1]:
        judge(office, pair, "different", by="李专员", note="电话核实")
    office.deliver(DAY.isoformat(), [HERS, *people])
    match(office.engine, office.keys)
    snapshot(office, DAY)
    winter = unapproved(office.settings)
    draw(office, winter, DAY, lock=True, out=tmp_path)
    linked = list(links(office.engine))
    number = {staff: one for _, staff, one in linked}["T00007"]
    ids = {str(number), *(str(record_id(office.keys, *where)) for *where, one in linked if one == number)}
    before = _where(office, ids | {"T00007"})
    assert {"source_record", "source_record_history", "record_person", "pool_person", "target_row"} <= before
    withdraw(office, "didi:T00007", received_on=DAY, **SIGNED)
    after = _where(office, ids | {"T00007"})
    assert after <= set(KEPT), after - set(KEPT)
    assert after.isdisjoint(OUTSIDE)


def _where(office: Office, values: set[str]) -> set[str]:
    """Tables with one of the values in any column, in whatever form."""
    forms = [form for value in values for form in (value, value.replace("-", ""))]
    with office.engine.connect() as conn:
        return {
            table.name
            for table in metadata.sorted_tables
            if conn.scalar(
                sa.text(f"select exists (select from {table.name} t where t::text ilike any(:forms))"),
                {"forms": [f"%{form}%" for form in forms]},
            )
        }
