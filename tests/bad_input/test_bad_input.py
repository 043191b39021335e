"""The table of bad input: every case is delivered for real, and the pool is exactly what it must be afterwards."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from bad_input.cases import ALL, CITY, INERT, PLUS, Case, city, new, table
from rosters import Office
from talentpool.declare import Partner
from talentpool.flow import Outcome, ingest
from talentpool.load import digest


@pytest.fixture
def base(office: Office) -> Office:
    """A hundred people of one county, published."""
    assert office.deliver("2026-09-30", CITY).accepted == len(CITY)
    return office


def deliver(office: Office, case: Case) -> Outcome:
    path = office.folder / f"roster.{case.suffix}"
    path.write_bytes(case.data)
    beside = office.folder / f"roster.{case.suffix}.manifest.json"
    if case.manifest is not None:
        beside.write_bytes(case.manifest)
    given: dict[str, Any] = {} if case.manifest else {"as_of": case.as_of, "kind": case.kind}
    try:
        return ingest(office, declared(office, case), file=path, **given)
    finally:
        beside.unlink(missing_ok=True)


def declared(office: Office, case: Case) -> Partner:
    """The shipped declaration with what the case has in its place."""
    partner = office.partner(case.partner)
    bounds = partner.bounds.model_copy(update=case.bounds)
    cadence = partner.cadence.model_copy(update={"as_of_days": case.days} if case.days else {})
    return partner.model_copy(update={"bounds": bounds, "cadence": cadence})


def live(office: Office) -> set[str]:
    return {row[0] for row in office.ask("select staff_no from source_record")}


def plain_text(office: Office) -> str:
    """Everything that stands in any table, as text."""
    with office.engine.connect() as conn:
        tables = sa.inspect(conn).get_table_names()
        quote = conn.dialect.identifier_preparer.quote
        return "\n".join(
            str(row) for name in tables for row in conn.exec_driver_sql("select * from " + quote(name)).all()
        )


@pytest.mark.parametrize("case", ALL, ids=lambda case: case.name)
def test_a_bad_roster_has_its_verdict_and_leaves_the_pool_as_it_must_be(base: Office, case: Case) -> None:
    before, people = digest(base.engine), live(base)
    outcome = deliver(base, case)
    assert outcome.status == case.status, outcome.reasons
    assert {code: outcome.reasons.get(code) for code in case.codes} == case.codes
    assert {note: outcome.notes.get(note) for note in case.notes} == case.notes
    assert outcome.rows == outcome.accepted + outcome.quarantined + outcome.refused
    assert outcome.exit_code == {"published": 0, "held": 3, "rejected": 4}[outcome.status]
    if case.accepted is None:
        assert digest(base.engine) == before
    assert live(base) - people == (case.accepted or frozenset())
    assert people <= live(base)
    assert base.ask("select tablename from pg_tables where schemaname = 'staging'") == [], "nothing staged is kept"
    landed = [path for path in Path(base.settings.landing_url).rglob("*") if path.suffix == ".part"]
    assert landed == []


def test_what_a_roster_says_too_much_is_in_no_table_and_in_no_file(base: Office) -> None:
    """A bank card in a column nobody asked for, and a name in one that is asked for: neither is anywhere in plain.

    What the dropped column is called is said to the office, so that it can tell the partner.
    """
    data = table(city(new(name="慕容翀旻")), more={"银行卡号": "6222020000000000001"}).encode()
    assert deliver(base, Case("extra", data, "published")).status == "published"
    found = plain_text(base)
    assert "T00201" in found, "the search finds what is there"
    for secret in ("6222020000000000001", "慕容翀旻"):
        assert secret not in found
    files = [path.read_bytes() for path in Path(base.settings.landing_url).rglob("*") if path.is_file()]
    assert files
    assert not any(b"6222020000000000001" in data or "慕容翀旻".encode() in data for data in files)


@pytest.mark.parametrize("text", INERT)
def test_text_that_would_act_is_stored_as_text(base: Office, text: str) -> None:
    """In the station, the one free text that stands in plain; lists and pages are tested where they are made."""
    outcome = base.deliver("2026-10-31", city(new(station=text)))
    assert outcome.status == "published"
    assert base.one("select station from source_record where staff_no = 'T00201'") == text
    assert len(live(base)) == 101


def test_the_same_bytes_again_are_a_duplicate(base: Office) -> None:
    case = Case("good", PLUS, "published")
    assert deliver(base, case).status == "published"
    before = digest(base.engine)
    outcome = deliver(base, case)
    assert (outcome.status, outcome.reasons) == ("duplicate", {})
    assert (outcome.effect, outcome.rows, outcome.exit_code) == ("none", 0, 0)
    assert digest(base.engine) == before


def test_the_same_name_with_new_content_is_a_new_version_and_said_so(base: Office) -> None:
    deliver(base, Case("first", PLUS, "published"))
    outcome = deliver(base, Case("second", table(city(new(station="新站"))).encode(), "published"))
    assert outcome.status == "published"
    assert outcome.notes["name_reissued"] == 1
    assert base.one("select station from source_record where staff_no = 'T00201'") == "新站"


def test_an_older_date_writes_history_and_moves_nothing_live(base: Office) -> None:
    before = base.ask("select staff_no, row_hash, status from source_record order by 1")
    found = base.deliver("2026-08-31", city(new()))
    assert (found.status, found.effect) == ("published", "history")
    assert base.ask("select staff_no, row_hash, status from source_record order by 1") == before
    assert base.one("select count(*) from source_record_history where staff_no = 'T00201'") == 1
