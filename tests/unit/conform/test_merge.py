"""Blanks and masks: what a delivery keeps of the old record, and that what says nothing new changes nothing."""

from __future__ import annotations

from uuid import UUID

import pytest

from rosters import Office, document, person
from talentpool.guard import Personal, open_personal

FULL = person(1, birth_date="1986-05-05", occupation="网约车司机", mobile2="13911112222")
BLANK = {"document_no": "", "mobile": "", "mobile2": "", "birth_date": "", "sex": "", "station": "", "occupation": "",
         "hired_on": ""}  # fmt: skip
MASKED = {"document_no": FULL["document_no"][:4] + "*" * 10 + FULL["document_no"][14:], "mobile": "139****0007"}
CROWD = [person(n) for n in range(2, 12)]


def kept(office: Office) -> Personal:
    with office.engine.connect() as conn:
        record = UUID(str(office.one("select record_id from source_record where staff_no = 'T00001'")))
        return open_personal(conn, office.keys, [record])[record]


def plain(office: Office) -> tuple:
    return office.ask(
        "select birth_date::text, birth_from, sex, station, occupation, hired_on::text, id_number_status, mobile_status,"
        " mobile2_status, weak_identity, id_index is not null, mobile_index is not null, mobile2_index is not null"
        " from source_record where staff_no = 'T00001'"
    )[0]


def changed(office: Office) -> int:
    return int(office.one("select changed from delivery order by delivery_id desc limit 1"))


def test_a_delta_keeps_what_it_leaves_blank_and_says_nothing_new(office: Office) -> None:
    office.deliver("2026-08-31", [FULL, *CROWD])
    before, said = kept(office), plain(office)
    found = office.deliver("2026-09-30", [FULL | BLANK], kind="delta", since="2026-08-31")
    assert (found.status, found.accepted, changed(office)) == ("published", 1, 0)
    assert (kept(office), plain(office)) == (before, said)


def test_a_delta_with_one_new_value_is_a_new_version_once(office: Office) -> None:
    office.deliver("2026-08-31", [FULL, *CROWD])
    before = kept(office)
    moved = FULL | BLANK | {"mobile": "13955556666"}
    office.deliver("2026-09-30", [moved], kind="delta", since="2026-08-31")
    assert changed(office) == 1
    assert kept(office) == Personal(
        before.name, before.name_original, before.document_no, "13955556666", before.mobile2
    )
    office.deliver("2026-10-31", [moved], kind="delta", since="2026-09-30")
    assert changed(office) == 0
    office.deliver("2026-11-30", [FULL | {"mobile": "13955556666"}, *CROWD])
    assert changed(office) == 0


def test_a_full_snapshot_clears_what_it_leaves_blank_also_after_a_delta_kept_it(office: Office) -> None:
    office.deliver("2026-08-31", [FULL, *CROWD])
    office.deliver("2026-09-30", [FULL | BLANK | {"mobile": "13955556666"}], kind="delta", since="2026-08-31")
    found = office.deliver("2026-10-31", [FULL | BLANK | {"mobile": "13955556666"}, *CROWD])
    assert (found.accepted, changed(office)) == (11, 1)
    assert (kept(office).document_no, kept(office).mobile, kept(office).mobile2) == ("", "13955556666", "")
    assert plain(office)[:4] == (None, None, 0, "")


@pytest.mark.parametrize("kind", ["full", "delta"])
def test_a_mask_never_hides_what_is_known_in_full(office: Office, kind: str) -> None:
    office.deliver("2026-08-31", [FULL, *CROWD])
    before = kept(office)
    rows = [FULL | MASKED | {"station": "新站"}, *CROWD]
    since = {"since": "2026-08-31"} if kind == "delta" else {}
    office.deliver("2026-09-30", rows, kind=kind, **since)
    assert (changed(office), kept(office)) == (1, before)
    assert plain(office)[3:8] == ("新站", "ride_hailing", "2024-03-01", "valid", "ok")
    since = {"since": "2026-09-30"} if kind == "delta" else {}
    office.deliver("2026-10-31", rows, kind=kind, **since)
    assert (changed(office), kept(office)) == (0, before)


def test_a_kept_document_says_birth_date_and_sex_whatever_the_cells_look_like(office: Office) -> None:
    office.deliver("2026-08-31", [FULL, *CROWD])
    found = office.deliver("2026-09-30", [FULL | MASKED | {"birth_date": "1992-12-01", "sex": "女"}, *CROWD])
    assert (found.status, found.accepted) == ("published", 11)
    assert plain(office)[:3] == ("1986-05-05", "id_number", 1)


@pytest.mark.parametrize(
    ("cell", "code"), [("1992-13-01", "birth_date_impossible"), ("2030-01-01", "birth_date_future")]
)
def test_a_kept_document_does_not_cover_a_birth_date_that_cannot_be(office: Office, cell: str, code: str) -> None:
    office.deliver("2026-08-31", [FULL, *CROWD])
    found = office.deliver("2026-09-30", [FULL | MASKED | {"birth_date": cell}, *CROWD])
    assert (found.status, found.quarantined, found.reasons) == ("published", 1, {code: 1})


def test_a_damaged_value_in_a_delta_keeps_its_code_and_what_is_known(office: Office) -> None:
    office.deliver("2026-08-31", [FULL, *CROWD])
    number = document(1, "1986-05-05")
    wrong = number[:17] + ("0" if number[17] != "0" else "1")
    found = office.deliver(
        "2026-09-30", [FULL | {"document_no": wrong, "mobile": "0355-2023456"}], kind="delta", since="2026-08-31"
    )
    assert found.reasons == {"id_bad_checksum": 1, "mobile_unusable": 1}
    assert (kept(office).document_no, kept(office).mobile) == (number, FULL["mobile"])
