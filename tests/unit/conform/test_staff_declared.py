"""Staff numbers a partner declares: unique within a branch, or a person's own number."""

from __future__ import annotations

import csv
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from asking import withdraw
from rosters import Office, person
from talentpool.declare import Partner
from talentpool.flow import Outcome
from talentpool.guard import KeyRing, open_personal, record_id
from talentpool.match import links, match
from talentpool.services.rights.subject import find


def declare(office: Office, monkeypatch: pytest.MonkeyPatch, **changes: Any) -> Partner:
    partner = Partner.model_validate(office.partner().model_dump() | changes)
    monkeypatch.setattr(office, "partner", lambda code="didi": partner)
    return partner


def printed(office: Office) -> list[str]:
    match(office.engine, office.keys)
    return [staff_no for _, staff_no, _ in links(office.engine)]


BRANCHES = [person(n, staff_no=f"{n % 10:03d}", station=f"{n // 10}号站") for n in range(60)]


def test_branches_that_number_on_their_own_are_told_apart(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    assert office.deliver("2026-08-31", BRANCHES).reasons["staff_no_doubled"] == 60
    declare(office, monkeypatch, staff_no_within="站点")
    found = office.deliver("2026-09-30", BRANCHES)
    assert (found.status, found.accepted, found.reasons) == ("published", 60, {})
    assert len(set(printed(office))) == 60
    assert "3号站/007" in printed(office)
    again = office.deliver("2026-10-31", [*BRANCHES[:-1], BRANCHES[-1] | {"mobile": "13700000099"}])
    assert (again.accepted, again.reasons) == (60, {})
    assert office.one("select count(*) from source_record") == 60
    with office.engine.connect() as conn:
        assert find(conn, office.keys, "didi:3号站/007").records


def test_a_row_without_its_branch_has_no_staff_number(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    declare(office, monkeypatch, staff_no_within="站点")
    found = office.deliver("2026-10-31", [*BRANCHES, person(99, station="")])
    assert found.reasons == {"staff_no_missing": 1}


def with_company(path: Path, rows: list[dict[str, str]], header: str = "所属企业") -> Path:
    from talentpool.declare import TEMPLATE_V1

    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow([*TEMPLATE_V1, header])
        writer.writerows([*(row.get(field, "") for field in TEMPLATE_V1.values()), row["company"]] for row in rows)
    return path


def bring(office: Office, path: Path) -> Outcome:
    return office.take(path)


def test_a_column_beside_the_template_may_be_the_branch(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    declare(office, monkeypatch, staff_no_within="所属企业")
    rows = [person(n, staff_no=f"{n % 10:03d}", company=f"企业{n // 10}") for n in range(30)]
    found = bring(office, with_company(office.folder / "a.csv", rows))
    assert (found.status, found.accepted, found.notes) == ("published", 30, {})
    assert "企业2/003" in printed(office)
    without = office.deliver("2026-11-01", rows)
    assert (without.status, set(without.reasons)) == ("rejected", {"header_missing"})


@pytest.mark.parametrize("changes", [{"staff_no_within": "姓名"}, {"staff_no_within": "站点", "staff_no_is": "mobile"}])
def test_a_declaration_that_cannot_be_meant_is_refused(office: Office, changes: dict[str, str]) -> None:
    with pytest.raises(ValidationError):
        Partner.model_validate(office.partner().model_dump() | changes)


FLEET = [person(n, staff_no=person(n)["mobile"], mobile="" if n % 2 else person(n)["mobile"]) for n in range(1, 21)]


def stored(office: Office) -> str:
    return "\n".join(
        str(row)
        for name in ("source_record", "quarantine", "delivery", "person")
        for row in office.ask(f"select * from {name}")
    )


def test_a_staff_number_that_is_the_mobile_is_sealed_and_only_its_hash_stands_in_plain(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert office.deliver("2026-08-31", FLEET).reasons["staff_no_personal"] == 20
    declare(office, monkeypatch, staff_no_is="mobile")
    found = office.deliver("2026-09-30", FLEET)
    assert (found.status, found.accepted, found.reasons) == ("published", 20, {})
    numbers = [row["staff_no"] for row in FLEET]
    shown = printed(office)
    assert [number for number in numbers if number in stored(office) + str(shown)] == []
    assert all(text.startswith("#") and len(text) == 33 for text in shown)
    keys: KeyRing = office.keys
    with office.engine.connect() as conn:
        sealed = open_personal(conn, keys, [record_id(keys, "didi", number) for number in numbers])
    assert sorted(one.mobile for one in sealed.values()) == sorted(numbers)
    # another notation of the number is the same person, and both names of the record lead to it
    spaced = [FLEET[0] | {"staff_no": f"+86 {numbers[0][:3]} {numbers[0][3:7]} {numbers[0][7:]}"}, *FLEET[1:]]
    assert office.deliver("2026-10-31", spaced).accepted == 20
    assert office.one("select count(*) from source_record") == 20
    with office.engine.connect() as conn:
        for name in (numbers[3], shown[0]):
            assert find(conn, office.keys, f"didi:{name}").records


def test_an_id_number_as_staff_number_fills_the_empty_document(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    declare(office, monkeypatch, staff_no_is="id_number")
    rows = [person(n, staff_no=person(n)["document_no"], document_no="") for n in range(1, 11)]
    found = office.deliver("2026-10-31", [*rows, person(30, staff_no="13812345678")])
    assert (found.accepted, found.reasons) == (10, {"staff_no_personal": 1})
    assert office.one("select count(*) from source_record where id_number_status = 'valid'") == 10
    assert [row["staff_no"] for row in rows if row["staff_no"] in stored(office)] == []


def test_whoever_withdraws_by_a_sealed_number_does_not_come_back(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    declare(office, monkeypatch, staff_no_is="mobile")
    office.deliver("2026-09-30", FLEET)
    match(office.engine, office.keys)
    withdraw(
        office, f"didi:{FLEET[0]['staff_no']}",
        by="测试员", reason="本人要求", received_on=date(2026, 10, 1),
    )  # fmt: skip
    assert office.deliver("2026-10-31", FLEET).reasons == {"withdrawn": 1}
