"""Whom people turn to: the nearest office in the table, and never a name that is written into the code."""

from __future__ import annotations

import pytest

from reference_cli import SIGNED, Run
from rosters import Office
from talentpool.reference import contact_for


def told(office: Office, area: str, county: str | None = None) -> str:
    with office.engine.connect() as conn:
        return contact_for(conn, area, county)


@pytest.mark.parametrize(
    ("area", "county", "committee"),
    [
        ("140400", "140403", "共青团长治市潞州区委员会"),
        ("140400", None, "共青团长治市委员会"),
        ("140107", "140107", "共青团太原市杏花岭区委员会"),
        ("140000", "140802", "共青团运城市盐湖区委员会"),
        ("140000", None, "共青团山西省委员会"),
    ],
)
def test_without_a_row_it_is_the_league_committee_of_the_place(
    office: Office, area: str, county: str | None, committee: str
) -> None:
    assert told(office, area, county) == committee


def test_the_nearest_row_is_told_and_an_edit_counts_at_once(run: Run, office: Office) -> None:
    for area, name in (("140400", "市青年人才库办公室"), ("140403", "潞州区青年之家")):
        assert run("set", "contact", f"area={area}", f"office={name}", "reach=电话 0355-0000000", *SIGNED)[0] == 0
    assert told(office, "140400", "140403") == "潞州区青年之家（电话 0355-0000000）"
    assert told(office, "140400", "140430") == told(office, "140400") == "市青年人才库办公室（电话 0355-0000000）"
    assert told(office, "140000", "140430") == told(office, "140400"), "the prefecture's, in a province"
    run("set", "contact", "area=140403", "reach=电话 0355-1111111", *SIGNED)
    assert told(office, "140400", "140403") == "潞州区青年之家（电话 0355-1111111）"
    run("remove", "contact", "140403", *SIGNED)
    assert told(office, "140400", "140403") == told(office, "140400")


def test_a_contact_of_no_division_of_today_is_refused(run: Run) -> None:
    code, done = run("set", "contact", "area=140424", "office=旧屯留县", "reach=电话", *SIGNED)
    assert code == 2 and "not a current division" in done["error"]
