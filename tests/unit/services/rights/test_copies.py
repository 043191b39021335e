"""A person's own copy: after the identity, under a password or on paper, and everything that is known of them."""

from __future__ import annotations

import io
from collections.abc import Iterator
from datetime import date

import msoffcrypto
import openpyxl
import pytest
from pypdf import PdfReader

from approvals import unapproved
from rosters import Office, document, person
from talentpool.campaigns import draw
from talentpool.errors import OpenAlreadyError, RefusedError, UsageError
from talentpool.guard import audit
from talentpool.match import match
from talentpool.services.rights import IDENTITY, Copy, Entry, confirm, hand_over, register, revoke, verify
from talentpool.services.rights.copies import new_password
from talentpool.services.rights.reveal import REASONS
from talentpool.services.rights.words import why

SEPTEMBER, DAY = date(2026, 9, 30), date(2026, 11, 20)
OCCUPATIONS = ("courier", "food_rider", "ride_hailing")
HERS = person(7, name="欧阳槿翊", document_no=document(7, "1996-05-05"))
NOWHERE = {"county": "火星县"}


@pytest.fixture
def city(office: Office) -> Office:
    """She is on two rosters, and in a row that was set aside; beside her a row of somebody else on her mobile."""
    office.deliver("2026-09-30", [HERS, *(person(n) for n in range(10, 40))])
    office.deliver("2026-09-30", [HERS | {"staff_no": "S00007", "station": "城南站"}, person(50)], partner="sf")
    aside = [HERS | NOWHERE, person(85, document_no="", mobile=HERS["mobile"], name="赵一二") | NOWHERE]
    assert office.deliver("2026-10-31", [*aside, *(person(n) for n in range(90, 115))], kind="delta").quarantined == 2
    match(office.engine, office.keys)
    return office


def asked(office: Office, **more: object) -> Entry:
    return register(
        office, "access", "didi:T00007", by="王主任", reason="本人到访",
        received_on=DAY, **more,
    )  # type: ignore[arg-type]  # fmt: skip


def handed(office: Office, entry: Entry, *, by: str = "王主任", password: str = "") -> Copy:
    return hand_over(office, entry.request_id, by=by, password=password)


def cells(content: bytes) -> Iterator[str]:
    for sheet in openpyxl.load_workbook(io.BytesIO(content)):
        for row in sheet.iter_rows(values_only=True):
            yield from (str(cell) for cell in row if cell is not None)


def test_the_copy_opens_with_its_password_alone_and_says_everything_and_who_looked(city: Office) -> None:
    entry, password = asked(city), new_password()
    with pytest.raises(UsageError, match="identity"):
        handed(city, entry, password=password)
    verify(city, entry.request_id, "in_person", by="王主任")
    campaign = unapproved(city.settings)
    draw(city, campaign, SEPTEMBER, lock=True)
    with city.engine.begin() as conn:
        audit(conn, "reveal", entry.subject, actor="周专员", reason="contact: 送慰问品", scope="140400")
    with pytest.raises(UsageError, match="password"):
        handed(city, entry, password="123456")
    copy = handed(city, entry, by="赵专员", password=password)
    assert copy.suffix == ".xlsx" and HERS["mobile"].encode() not in copy.content
    sealed = msoffcrypto.OfficeFile(io.BytesIO(copy.content))
    assert sealed.is_encrypted()
    sealed.load_key(password=password, verify_password=True)
    opened = io.BytesIO()
    sealed.decrypt(opened)
    said = "|".join(cells(opened.getvalue()))
    for words in (
        "从业类别|网约车司机|",
        "入选|符合全部条件",
        "当面核对身份证件",
        "周专员|查看明文|联系本人（慰问、通知）：送慰问品",
        "王主任|登记查阅|本人到访",
        "赵专员|本次查阅|本人到访",
    ):
        assert words in said, words
    assert said.count("|本人到访") == 2, "registered once, handed out once"
    assert not [code for code in (*OCCUPATIONS, *IDENTITY, *REASONS, "eligible") if code in said.split("|")]
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
        confirm(city, entry.request_id, by=" 王主任 ")
    confirm(city, entry.request_id, by="李主任")
    copy = handed(city, entry)
    assert copy.suffix == ".pdf"
    text = "".join(page.extract_text() for page in PdfReader(io.BytesIO(copy.content)).pages)
    for value in (HERS["document_no"], HERS["mobile"], "个人信息副本", "工号"):
        assert value in text


def test_a_second_copy_in_another_form_names_the_one_that_is_open(city: Office) -> None:
    """Asked for in the same form it is the open one; the identity of the other one is not taken for it."""
    for form in (False, True):
        entry = asked(city, on_paper=form)
        assert asked(city, on_paper=form).request_id == entry.request_id
        with pytest.raises(OpenAlreadyError, match=f"request {entry.request_id} ") as told:
            asked(city, on_paper=not form, identity="written")
        assert told.value.number == entry.request_id
        assert city.one("select count(*) from request_step where request_id = :n", n=entry.request_id) == 0
        revoke(city, entry.request_id, "mistake", by="王主任")


@pytest.mark.parametrize(
    ("reason", "told"),
    [
        ("in_person", "当面核对身份证件"),
        ("own_wish 档案 12 号", "本人书面收回申请（档案 12 号）"),
        ("mistake", "登记错误，不是本人的申请"),
        ("contact: 送慰问品", "联系本人（慰问、通知）：送慰问品"),
        ("reveal: limit", "今日查看明文的次数已用完，请明日再查。"),
        ("本人 书面: 申请", "本人 书面: 申请"),
        ("", ""),
    ],
)
def test_a_code_in_the_log_is_read_in_words(reason: str, told: str) -> None:
    assert why(reason) == told


def test_a_password_is_long_and_never_the_same() -> None:
    made = {new_password() for _ in range(50)}
    assert len(made) == 50 and all(len(one) == 19 and not set(one) & set("01ilo") for one in made)
