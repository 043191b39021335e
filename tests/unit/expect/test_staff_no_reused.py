"""A staff number that was handed to somebody else: with documents, without them, behind masks and blanks."""

from __future__ import annotations

from datetime import date
from itertools import product
from types import SimpleNamespace
from typing import Any

import pytest

from rosters import Office, document, person
from talentpool.conform.rows.stranger import is_stranger
from talentpool.decide import decide
from talentpool.guard import Personal
from talentpool.guard.personal import open_every_version
from talentpool.match import links, match

CROWD = [person(n) for n in range(20, 1_020)]
BORN = {"birth_date": "1986-05-05"}
BARE = BORN | {"document_no": ""}
OTHER = {"name": "魏陌生", "mobile": "13700000012", "birth_date": "1992-12-01", "document_no": "", "sex": "女"}
MASKS = {"document_no": "140199********0299", "mobile": "137****0012"}
HANDED_ON: dict[str, tuple[dict[str, str], dict[str, str]]] = {
    "no document": (BARE, OTHER),
    "no birth date either": (BARE, OTHER | {"birth_date": ""}),
    "no mobile": (BARE | {"mobile": ""}, OTHER),
    "the new one has no document": (BORN, OTHER),
    "nor a birth date": (BORN, OTHER | {"birth_date": ""}),
    "two documents": (BORN, OTHER | {"document_no": document(299, "1992-12-01")}),
    "behind masks": (BORN, OTHER | MASKS),
    "masks alone": (BORN, OTHER | MASKS | {"birth_date": ""}),
    "in another county": (BARE, OTHER | {"county": "140404", "station": "别站"}),
}


def month_after(office: Office, kind: str, rows: list[dict[str, str]]) -> Any:
    since = {"since": "2026-09-30"} if kind == "delta" else {}
    return office.deliver("2026-10-31", rows, kind=kind, **since)


@pytest.mark.parametrize("kind", ["full", "delta"])
def test_a_number_handed_to_somebody_else_is_set_aside_and_the_record_stays(office: Office, kind: str) -> None:
    known = [person(n, **before) for n, (before, _) in enumerate(HANDED_ON.values(), start=1)]
    rows = [row | now for row, (_, now) in zip(known, HANDED_ON.values(), strict=True)]
    office.deliver("2026-09-30", [*known, *CROWD])
    facts = "select staff_no, row_hash, id_index, mobile_index, birth_date, county from source_record order by staff_no"
    before = office.ask(facts)
    found = month_after(office, kind, [*rows, *CROWD])
    assert (found.status, found.reasons) == ("published", {"staff_no_reused": len(HANDED_ON)})
    aside = {row[0] for row in office.ask("select row_no from quarantine")}
    assert [name for n, name in enumerate(HANDED_ON, start=1) if n not in aside] == []
    assert office.ask(facts) == before
    match(office.engine, office.keys)
    assert len({owner for _, _, owner in links(office.engine)}) == len(known) + len(CROWD)


@pytest.mark.parametrize("kind", ["full", "delta"])
def test_one_person_whose_facts_are_corrected_keeps_the_number(office: Office, kind: str) -> None:
    known = [
        person(n, birth_date="1986-05-05", document_no="" if n < 5 else document(n, "1986-05-05")) for n in range(1, 9)
    ]
    changes: list[dict[str, str]] = [
        {"name": "魏陌生"},
        {"mobile": "13700000012", "birth_date": "1992-12-01"},
        {"name": "魏陌生", "mobile": "13700000012"},
        {"name": "魏陌生", "birth_date": "1992-12-01"},
        {"name": "魏陌生", "mobile": "13700000012", "birth_date": ""},
        {"name": "魏陌生", "mobile": "139****0042", "document_no": ""},
        {"name": "魏陌生", "mobile": "", "document_no": document(7, "1986-05-05")[:6] + "*" * 8 + document(7, "1986-05-05")[14:]},
        {"county": "140404", "mobile": "13700000012", "document_no": ""},
    ]  # fmt: skip
    office.deliver("2026-09-30", [*known, *CROWD[:50]])
    rows = [row | change for row, change in zip(known, changes, strict=True)]
    found = month_after(office, kind, [*rows, *CROWD[:50]])
    assert (found.status, found.quarantined, found.reasons) == ("published", 0, {})


def test_many_handed_to_others_without_documents_hold_the_delivery(office: Office) -> None:
    known = [person(n, document_no="", birth_date="1986-05-05") for n in range(1, 101)]
    office.deliver("2026-09-30", known)
    others = [row | OTHER | {"mobile": f"1370000{n:04d}"} for n, row in enumerate(known[:5])]
    found = office.deliver("2026-10-31", [*others, *known[5:]])
    assert (found.status, found.reasons["staff_no_reused"], found.reasons["staff_no_reused_many"]) == ("held", 5, 1)


NAMES, COUNTIES = ("same", "other"), ("same", "other")
DOCUMENTS = ("same", "other", "fits", "misfits", "blank")
MOBILES = ("same", "other", "fits", "misfits", "blank")
BIRTHS = ("same", "other", "blank")


def said(number: int, name: str, county: str, paper: str, mobile: str, birth: str) -> dict[str, str]:
    """Next month's row of person `number`."""
    row = person(number, birth_date="1986-05-05")
    own, none = row["document_no"], document(number, "1992-12-01")
    born = {"same": "1986-05-05", "other": "1992-12-01", "blank": ""}[birth]
    papers = {"same": own, "other": document(number + 501, born or "1992-12-01"), "fits": own[:6] + "*" * 8 + own[14:],
              "misfits": none[:6] + "*" * 8 + ("0000" if own[14:] != "0000" else "1111"), "blank": ""}  # fmt: skip
    phones = {"same": row["mobile"], "other": f"137{number:08d}", "fits": row["mobile"][:3] + "****" + row["mobile"][7:],
              "misfits": "137****" + row["mobile"][7:], "blank": ""}  # fmt: skip
    return row | {
        "name": row["name"] if name == "same" else "魏陌生",
        "county": "140403" if county == "same" else "140404",
        "document_no": papers[paper], "mobile": phones[mobile], "birth_date": born,
    }  # fmt: skip


def stranger(name: str, county: str, paper: str, mobile: str, birth: str) -> bool:
    """The rule, said again in plain words."""
    other, moved = name == "other", county == "other"
    if paper == "other" and (other or moved):
        return True
    if paper == "same":
        birth = "same"  # the document says it
    if paper in ("same", "fits") or mobile in ("same", "fits") or birth == "same":
        return False
    known = {"paper": paper in ("other", "misfits"), "mobile": mobile in ("other", "misfits"),
             "birth": birth == "other" or (paper == "other" and birth == "blank")}  # fmt: skip
    if moved:
        return known["paper"] or (known["mobile"] and known["birth"])
    return other and any(known.values())


@pytest.mark.parametrize("kind", ["full", "delta"])
def test_whatever_cells_agree_or_not_the_rule_is_one(office: Office, kind: str) -> None:
    """Two places ask it, one over opened values and one over indexes: a row that one lets through and the other does
    not would become a mixture of two people."""
    cases = list(enumerate(product(NAMES, COUNTIES, DOCUMENTS, MOBILES, BIRTHS), start=1))
    assert len(cases) == 300
    office.deliver("2026-09-30", [person(number, birth_date="1986-05-05") for number, _ in cases])
    held = month_after(office, kind, [said(number, *case) for number, case in cases])
    assert held.status == "held"
    decide(
        office,
        office.partner(),
        held.delivery_id,
        "all",
        by="李专员",
        reason="核对",
    )
    aside = {row[0] for row in office.ask("select row_no from quarantine where code = 'staff_no_reused'")}
    wanted = {number for number, case in cases if stranger(*case)}
    assert 50 < len(wanted) < 250
    assert [(case, number in aside) for number, case in cases if (number in aside) != (number in wanted)] == []


def told(name: str, county: str, paper: str, mobile: str, birth: str) -> tuple[Any, Any, Personal]:
    """A row as it is cleaned, and the plain columns and personal values of its record."""
    own, row = person(1, birth_date="1986-05-05"), said(1, name, county, paper, mobile, birth)
    whole = {"fits": "masked", "misfits": "masked", "blank": "missing"}
    born = (
        "1986-05-05" if paper == "same" else "1992-12-01" if (paper, birth) == ("other", "blank") else row["birth_date"]
    )
    columns = {
        "name": row["name"], "county": row["county"], "number": row["document_no"], "mobile": row["mobile"],
        "id_status": whole.get(paper, "valid"), "mobile_status": whole.get(mobile, "ok"), "mobile2": "",
        "mobile2_status": "missing", "birth": born or None, "document_type": "",
    }  # fmt: skip
    old = SimpleNamespace(county=own["county"], id_number_status="valid", document_type="", mobile_status="ok",
                          mobile2_status="missing",
                          birth_date=date(1986, 5, 5))  # fmt: skip
    sealed = Personal(own["name"], "", own["document_no"], own["mobile"], "")
    return SimpleNamespace(**{field: [value] for field, value in columns.items()}), old, sealed


def test_opened_values_are_judged_by_the_same_rule() -> None:
    """A stranger whose mobile or birth date agrees used to inherit blanks and masks, and was set aside with them."""
    cases = list(product(NAMES, COUNTIES, DOCUMENTS, MOBILES, BIRTHS))
    found = {case: is_stranger(row, 0, old, sealed) for case in cases for row, old, sealed in [told(*case)]}
    assert [case for case in cases if found[case] != stranger(*case)] == []
    assert found["other", "same", "other", "same", "same"] and not found["same", "same", "other", "same", "same"]


def test_who_is_set_aside_by_another_document_inherits_no_mobile(office: Office) -> None:
    """A birth date that agrees does not make one person of two documents under two names."""
    mine = person(1, **BORN)
    office.deliver("2026-09-30", [mine, *CROWD[:200]])
    theirs = {"name": "魏陌生", "document_no": document(299, "1986-05-05"), "mobile": ""}
    found = month_after(office, "delta", [mine | theirs, *CROWD[:200]])
    assert found.reasons == {"staff_no_reused": 1}
    record = office.one("select record_id from quarantine")
    with office.engine.connect() as conn:
        versions = {one.name: one.mobile for _, one in open_every_version(conn, office.keys, [record])}
    assert versions == {mine["name"]: mine["mobile"], "魏陌生": ""}
