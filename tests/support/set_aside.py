"""Rows that were set aside, and those who mend them: brought, looked up, and corrected as a person asked."""

from __future__ import annotations

from rosters import TODAY, Office, person
from talentpool.guard import record_id
from talentpool.services.mending import Act, Done, answer, waiting
from talentpool.services.rights import register

OURS, THEIRS = "140403", "140404"
CITY = Act("王专员", "电话向单位核实")
COUNTY = Act("李专员", "本人到访核对", (OURS,))
BY_BIRTH = {"document_no": "", "birth_date": "1990-05-05"}


def many(*changed: dict[str, str]) -> list[dict[str, str]]:
    return [*(person(n) for n in range(100, 106)), *changed]


def bring(office: Office, *changed: dict[str, str], as_of: str = "2026-10-31", kind: str = "full") -> int:
    outcome = office.deliver(as_of, many(*changed), kind=kind)
    assert outcome.status == "published", outcome
    return int(outcome.delivery_id or 0)


def rows(office: Office, counties: tuple[str, ...] | None = None) -> list[tuple[int, str]]:
    with office.engine.connect() as conn:
        return [(one.place.row_no, " ".join(one.codes)) for one in waiting(conn, TODAY, counties)]


def live(office: Office, staff_no: str, column: str) -> object:
    return office.ask(f"select {column} from source_record where staff_no = :s", s=staff_no)[0][0]


def words(office: Office) -> list[tuple[str, str]]:
    return office.ask("select field, coalesce(end_cause, '') from remembered_value order by value_id")


def asked(office: Office, staff_no: str, field: str, value: str, act: Act) -> Done:
    """A correction that the person themselves asked for, who came with their document."""
    entry = register(
        office, "correct", f"didi:{staff_no}", by=act.by, reason="本人到访", received_on=TODAY, identity="in_person"
    )
    return answer(office, entry.request_id, record_id(office.keys, "didi", staff_no), field, value, act)
