"""Offices with something whose term is over, and short questions to them."""

from __future__ import annotations

from datetime import date, timedelta

from approvals import unapproved
from rosters import Office, person
from talentpool.campaigns import draw
from talentpool.model import provision
from talentpool.services.retention import carry_out

WHO = {"by": "sun", "reason": "诉讼保全"}
FAR = date(2027, 12, 31)
NOWHERE = {"county": "火星县"}
LAST = date(2027, 1, 29)
"""The last day of the term of rows that were set aside: 90 days after their roster's date."""


def gone(office: Office, kind: str, day: date) -> int:
    return carry_out(office, kind, day).gone


def sealed(office: Office) -> list[str]:
    return sorted(path.name[:12] for path in office.settings.lists_dir.glob("export-*"))


def set_rows_aside(office: Office) -> Office:
    """Two rows set aside of one partner, one of another."""
    rows = [person(1) | NOWHERE, person(2) | NOWHERE, *(person(n) for n in range(10, 20))]
    assert office.deliver("2026-10-31", rows).quarantined == 2
    others = [person(3, staff_no="S3") | NOWHERE, *(person(n, staff_no=f"S{n}") for n in range(30, 40))]
    assert office.deliver("2026-10-31", others, partner="sf").quarantined == 1
    return office


def release(office: Office) -> Office:
    """A locked list with workbooks, and two exports: one of five years ago, one of which the use ends today."""
    office.deliver("2026-09-30", [person(n) for n in range(20)])
    locked = draw(office, unapproved(office.settings, oldest=45), date(2026, 9, 30), lock=True)
    folder = office.settings.lists_dir
    row = {"list_id": locked.list_id, "state": "made", "recipient": "luzhou", "recipient_facts": {"name": "潞州区"},
           "counties": ["140403"], "purpose": "warm_winter", "legal_basis": "v1", "fields": [], "people": 20,
           "content_hash": "0", "made_by": "li"}  # fmt: skip
    for number, made_on in ((1, date(2021, 1, 1)), (2, date(2026, 12, 1))):
        name = f"export-{number:05d}-001.xlsx.age"
        (folder / name).write_bytes(b"sealed")
        file = {"name": name, "folder": str(folder.resolve()), "rows": 20, "sha256": "0"}
        dates = {"made_on": made_on, "use_until": made_on + timedelta(days=30),
                 "keep_until": made_on.replace(year=made_on.year + 3)}  # fmt: skip
        with office.engine.begin() as conn:
            conn.execute(provision.insert().values(row | dates | {"files": [file]}))
    (office.settings.home / "passwords").mkdir()
    (office.settings.home / "passwords" / "export-00001.txt").write_text("x")
    return office
