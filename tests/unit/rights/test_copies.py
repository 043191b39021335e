"""A person's own copy: after the identity, under a password or on paper, and everything that is known of them."""

from __future__ import annotations

import io
from collections.abc import Iterator
from datetime import date

import msoffcrypto
import openpyxl
import pytest
from pypdf import PdfReader

from rosters import Office, document, person
from talentpool.errors import RefusedError, UsageError
from talentpool.match import match
from talentpool.rights import Copy, Entry, confirm, hand_over, register, verify
from talentpool.rights.copies import new_password

DAY = date(2026, 11, 20)
HERS = person(7, name="欧阳槿翊", document_no=document(7, "1996-05-05"))
NOWHERE = {"county": "火星县"}


@pytest.fixture
def city(office: Office) -> Office:
    """She is on two rosters, and in a row that was set aside; beside her a row of somebody else on her mobile."""
    office.deliver("2026-09-30", [HERS, *(person(n) for n in range(10, 40))])
    office.deliver("2026-09-30", [HERS | {"staff_no": "S00007", "station": "城南站"}, person(50)], partner="sf")
    aside = [HERS | NOWHERE, person(85, document_no="", mobile=HERS["mobile"], name="赵一二") | NOWHERE]
    assert office.deliver("2026-10-31", [*aside, *(person(n) for n in range(90, 120))], kind="delta").quarantined == 2
    match(office.engine, office.keys)
    return office


def asked(office: Office, **more: object) -> Entry:
    return register(
        office.engine, office.keys, office.settings, "access", "didi:T00007", by="王主任", reason="本人到访",
        received_on=DAY, **more,
    )  # type: ignore[arg-type]  # fmt: skip


def handed(office: Office, entry: Entry, *, by: str = "王主任", password: str = "") -> Copy:
    return hand_over(office.engine, office.keys, office.settings, entry.request_id, by=by, password=password)


def cells(content: bytes) -> Iterator[str]:
    for sheet in openpyxl.load_workbook(io.BytesIO(content)):
        for row in sheet.iter_rows(values_only=True):
            yield from (str(cell) for cell in row if cell is not None)


def test_the_copy_opens_with_its_password_alone_and_says_everything_and_who_looked(city: Office) -> None:
    entry, password = asked(city), new_password()
    with pytest.raises(UsageError, match="identity"):
        handed(city, entry, password=password)
    verify(city.engine, city.settings, entry.request_id, "in_person", by="王主任")
    with pytest.raises(UsageError, match="password"):
        handed(city, entry, password="123456")
    copy = handed(city, entry, password=password)
    assert copy.suffix == ".xlsx" and HERS["mobile"].encode() not in copy.content
    sealed = msoffcrypto.OfficeFile(io.BytesIO(copy.content))
    assert sealed.is_encrypted()
    sealed.load_key(password=password, verify_password=True)
    opened = io.BytesIO()
    sealed.decrypt(opened)
    said = "|".join(cells(opened.getvalue()))
    for value in (
        "欧阳槿翊",
        HERS["document_no"],
        HERS["mobile"],
        "T00007",
        "S00007",
        "太行站",
        "城南站",
        "本次查阅",
        "王主任",
    ):
        assert value in said, value
    assert person(10)["document_no"] not in said and "赵一二" not in said
    assert "工作区县无法识别" in said
    with pytest.raises(UsageError, match="handed out"):
        handed(city, entry, password=password)
    log = city.ask("select details->>'step', details->>'encrypted' from audit_log where action = 'access' order by seq")
    assert log == [("registered", None), (None, "true")]


def test_paper_waits_for_a_second_person_and_is_a_pdf_that_reads(city: Office) -> None:
    entry = asked(city, on_paper=True, identity="written")
    with pytest.raises(UsageError, match="second person"):
        handed(city, entry)
    with pytest.raises(RefusedError, match="somebody else"):
        confirm(city.engine, city.keys, city.settings, entry.request_id, by=" 王主任 ")
    confirm(city.engine, city.keys, city.settings, entry.request_id, by="李主任")
    copy = handed(city, entry)
    assert copy.suffix == ".pdf"
    text = "".join(page.extract_text() for page in PdfReader(io.BytesIO(copy.content)).pages)
    for value in (HERS["document_no"], HERS["mobile"], "个人信息副本", "工号"):
        assert value in text


def test_a_password_is_long_and_never_the_same() -> None:
    made = {new_password() for _ in range(50)}
    assert len(made) == 50 and all(len(one) == 19 and not set(one) & set("01ilo") for one in made)
