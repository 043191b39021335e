"""What a letter says: the partner's own cells with reason and remedy, masked, and nothing that the office alone may know."""

from __future__ import annotations

import io
from datetime import date
from pathlib import Path
from typing import Any
from uuid import UUID

import pyrage
import pysequoia
import pytest
import sqlalchemy as sa
from openpyxl import load_workbook

from letters import PASSWORD, connect, faulty, lines, opened, sealed_of, texts
from planted import MARK, found, planted
from rosters import TODAY, Office, person
from talentpool.acquire import Connection
from talentpool.conform.rows.suppress import tokens
from talentpool.decide import decide
from talentpool.declare.letter import RepairLetter
from talentpool.errors import UnavailableError, UsageError
from talentpool.guard import record_id
from talentpool.guard.export import TRIGGERS
from talentpool.model import suppression
from talentpool.services.letters import make_letter
from talentpool.services.letters.making import forget
from talentpool.texts.cells import advice_codes, told_codes
from talentpool.texts.reasons import reasons


def letter_of(office: Office, delivery_id: int | None, partner: str = "didi") -> Any:
    assert delivery_id is not None
    assert make_letter(office, office.partner(partner), delivery_id, connect, by="sun", today=TODAY)
    return opened(sealed_of(office, delivery_id))


def test_each_faulty_cell_stands_in_its_row_under_its_own_name_with_reason_and_remedy(office: Office) -> None:
    book = letter_of(office, office.deliver("2026-10-31", faulty()).delivery_id)
    known = reasons()
    told = {(row[0], row[1], row[2], row[5], row[6]) for row in lines(book) if row[0] != "整份"}
    expected = [(2, "手机号码", "mobile_unusable"), (3, "证件号码", "id_bad_checksum"),
                (4, "工作区县", "county_unknown"), (5, "授权日期", "no_consent")]  # fmt: skip
    assert told == {
        (at, f"T{at - 1:05d}", column, known[code].text_zh, known[code].fix_zh) for at, column, code in expected
    }
    treated = {row[2]: row[4] for row in lines(book)}
    assert treated["工作区县"] == "整行暂不入库" and treated["授权日期"] == "整行未收"
    assert treated["手机号码"] == treated["证件号码"] == "此格未采用"


def test_columns_and_rows_are_those_of_the_partners_own_file(office: Office, tmp_path: Path) -> None:
    columns = office.partner("postal").format.columns
    rows = faulty()
    path = tmp_path / "roster_postal_20261031_01.csv"
    body = [",".join(columns), *(",".join(row.get(f, "") for f in columns.values()) for row in rows)]
    path.write_bytes("\r\n".join(["", *body]).encode("gb18030"))
    book = letter_of(office, office.take(path, partner="postal").delivery_id, "postal")
    assert {(3, "联系电话"), (4, "身份证号"), (5, "所属区县")} <= {(row[0], row[2]) for row in lines(book)}


def test_nothing_of_a_person_but_masks_and_staff_numbers(office: Office, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("DEBUG")
    done = office.deliver("2026-10-31", faulty())
    book = letter_of(office, done.delivery_id)
    everything = "\n".join(texts(book))
    assert "T00001" in everything and found(everything.encode()) == set() and MARK[:2] not in everything
    kept = repr(office.ask("select * from letter")) + repr(office.ask("select * from delivery_fault"))
    log = repr(office.ask("select * from audit_log")) + caplog.text
    assert found(kept.encode()) == found(log.encode()) == set() and PASSWORD not in kept + log


def test_who_withdrew_looks_accepted_and_what_else_is_wrong_with_the_row_is_told(office: Office) -> None:
    rows = faulty()
    plain = make_and_read(office, rows, "2026-10-31")
    token = tokens(office.keys, [record_id(office.keys, "didi", row["staff_no"]).bytes for row in rows[:6]], [""] * 6)
    with office.engine.begin() as conn:
        conn.execute(suppression.insert(), [{"token": UUID(bytes=one[0])} for one in token])
    done = office.deliver("2026-11-30", rows)
    assert done.reasons["withdrawn"] == 6
    book = letter_of(office, done.delivery_id)
    assert lines(book) == plain[0] and [row[:3] for row in lines(book, 1)] == plain[1]
    assert {"withdrawn", "withdrawn_doubtful"}.isdisjoint(told_codes("quarantined", "refused"))


def make_and_read(office: Office, rows: list[dict[str, str]], as_of: str) -> tuple[Any, Any]:
    book = letter_of(office, office.deliver(as_of, rows).delivery_id)
    return lines(book), [row[:3] for row in lines(book, 1)]


def test_nothing_is_said_of_another_partner_not_even_that_the_rosters_are_alike(office: Office) -> None:
    rows = [planted(number) for number in range(1, 41)]
    office.deliver("2026-10-31", rows, partner="sf")
    done = office.deliver("2026-10-31", rows, partner="meituan")
    assert "content_of_other" in done.reasons
    assert make_letter(office, office.partner("meituan"), done.delivery_id or 0, connect, by="sun", today=TODAY) is None
    rows[0]["mobile"] = "12"
    again = office.deliver("2026-11-30", rows, partner="meituan")
    assert "content_of_other" in again.reasons
    book = letter_of(office, again.delivery_id, "meituan")
    everything = "\n".join(texts(book))
    assert "顺丰" not in everything and "另一合作方" not in everything and "手机号码不可用" in everything


def test_a_held_roster_is_told_why_and_what_is_sent_back_once_more(office: Office) -> None:
    office.deliver("2026-09-30", [person(number) for number in range(1, 61)])
    held = office.deliver("2026-10-31", [person(number) for number in range(1, 21)])
    assert held.status == "held"
    whole = [row for row in lines(letter_of(office, held.delivery_id)) if row[0] == "整份"]
    assert [row[5][:7] for row in whole] == ["减少的人员过多"] * 2, "in all, and in the one county"
    assert "66.7%" in whole[0][5] and "请确认" in whole[0][6] and "请确认" not in whole[0][5]
    decide(office, office.partner(), held.delivery_id or 0, "reject", by="sun", reason="不完整")
    told = [row[5] for row in lines(letter_of(office, held.delivery_id))]
    assert len(told) == 3 and "人工审核" in told[2] and office.one("select count(*) from letter") == 2


def test_a_file_that_could_not_be_read_is_told_in_words(office: Office, tmp_path: Path) -> None:
    path = tmp_path / "roster_didi_20261031.csv"
    path.write_text("工号,姓名\r\nT1,韩子\r\n", encoding="utf-8")
    done = office.take(path)
    assert done.status == "rejected"
    (line,) = lines(letter_of(office, done.delivery_id))
    assert line[0] == "整份" and "缺少必需的列" in line[5] + line[6] and found(repr(line).encode()) == set()


def test_a_delivery_without_faults_and_a_countys_upload_get_none(office: Office) -> None:
    done = office.deliver("2026-10-31", [person(number) for number in range(1, 6)])
    assert make_letter(office, office.partner(), done.delivery_id or 0, connect, by="sun", today=TODAY) is None
    assert office.one("select count(*) from letter") == 0
    bad = office.deliver("2026-11-30", faulty())
    with office.engine.begin() as conn:
        conn.execute(
            sa.text("update delivery set sent_counties = '{140403}' where delivery_id = :d"), {"d": bad.delivery_id}
        )
    assert make_letter(office, office.partner(), bad.delivery_id or 0, connect, by="sun", today=TODAY) is None


HOSTILE = (
    '=HYPERLINK("http://x","y")',
    "+1+1",
    "-2+3",
    "@SUM(A1)",
    "＝1＋1",
    "\u202e=1",
    "|cmd",
    '"=1',
    "a\nb",
    "#N/A" * 90,
)


def test_hostile_values_are_masked_and_no_cell_is_a_formula(office: Office) -> None:
    rows = [
        person(number, staff_no=f"T{number}", county=value, station=value, name=f"韩{value}", mobile=value)
        for number, value in enumerate(HOSTILE, start=1)
    ]
    rows += [person(50 + number, staff_no=f"{value}{number}", county="火星") for number, value in enumerate(HOSTILE)]
    book = letter_of(office, office.deliver("2026-10-31", rows).delivery_id)
    cells = [cell for tab in book.worksheets for row in tab.iter_rows() for cell in row if cell.value]
    assert len(cells) > 80 and {cell.data_type for cell in cells} <= {"s", "n"}
    assert [
        cell.value
        for cell in cells
        if isinstance(cell.value, str) and cell.value[0] in TRIGGERS and cell.value[0] != "'"
    ] == []
    assert not any("HYPERLINK" in str(cell.value) for cell in cells)


def test_figures_stand_beside_those_of_the_last_six_deliveries(office: Office) -> None:
    for month in range(3, 11):
        rows = [person(number) for number in range(1, 21)]
        for row in rows[: month % 4]:
            row["mobile"] = "12"
        last = office.deliver(f"2026-{month:02d}-28", rows)
    letter_of(office, last.delivery_id)
    book = letter_of(office, last.delivery_id)
    titles = [cell.value for cell in book.worksheets[1][3]]
    assert titles[5:] == [f"2026-{month:02d}-28" for month in (9, 8, 7, 6, 5, 4)]
    figures = {(row[0], row[1]): row[2:] for row in lines(book, 1)}
    shares = ("10%", "5%", "", "15%", "10%", "5%", "")
    told = figures["问题占比", "手机号码不可用"]
    assert told[0] == "10%" and told[3:] == tuple(share or "0%" for share in shares[1:])
    assert figures["填写率", "手机号码"][0] == "90%" and "上升" in told[2]


def test_a_mask_that_was_agreed_is_no_fault_and_counts_as_filled_in(office: Office) -> None:
    rows = [person(number, document_no="1401**********0012") for number in range(1, 21)]
    rows[0]["mobile"] = "12"
    book = letter_of(office, office.deliver("2026-10-31", rows).delivery_id)
    told = [row[2:5] for row in lines(book) if row[0] != "整份"]
    assert told == [("手机号码", "**", "此格未采用")]
    assert {row[1]: row[2] for row in lines(book, 1)}["证件号码"] == "100%"
    assert not {"id_masked", "mobile_masked", "name_masked"} & set(advice_codes())


@pytest.mark.parametrize("seal", ["age", "openpgp"])
def test_a_partner_with_a_key_opens_it_with_that(office: Office, seal: str) -> None:
    age, pgp = pyrage.x25519.Identity.generate(), pysequoia.Tsk.generate("roster@partner.example")
    key = str(age.to_public()) if seal == "age" else str(pgp.extract_certificate())
    declared = RepairLetter.model_validate({"by": "page", "seal": seal, "public_key": key})
    partner = office.partner().model_copy(update={"letter": declared})
    done = office.deliver("2026-10-31", faulty())
    assert make_letter(office, partner, done.delivery_id or 0, nobody, by="sun", today=TODAY)
    sealed = sealed_of(office, done.delivery_id or 0)
    ways = {"age": lambda: pyrage.decrypt(sealed, [age]), "openpgp": lambda: decrypted(sealed, pgp)}
    assert [row[0] for row in lines(load_workbook(io.BytesIO(ways[seal]())))] == [2, 3, 4, 5]
    assert office.one("select name from letter").endswith(".xlsx.age" if seal == "age" else ".xlsx.pgp")


def decrypted(sealed: bytes, pgp: pysequoia.Tsk) -> bytes:
    return bytes(pysequoia.decrypt(sealed, decryptor=pgp.decryptor()).bytes)


def nobody(conn_id: str) -> Connection:
    raise UnavailableError(conn_id)


def test_a_short_password_and_a_missing_declaration_make_no_letter(office: Office) -> None:
    done = office.deliver("2026-10-31", faulty())

    def short(conn_id: str) -> Connection:
        return Connection(conn_id, password="short")

    with pytest.raises(UsageError, match="12"):
        make_letter(office, office.partner(), done.delivery_id or 0, short, by="sun", today=TODAY)
    silent = office.partner().model_copy(update={"letter": None})
    with pytest.raises(UsageError, match="letter"):
        make_letter(office, silent, done.delivery_id or 0, connect, by="sun", today=TODAY)
    assert office.one("select count(*) from letter") == 0


def test_a_letter_is_a_provision_on_record_that_nobody_rewrites(office: Office) -> None:
    letter_of(office, office.deliver("2026-10-31", faulty()).delivery_id)
    (row,) = office.ask("select people, cells, left_out, made_by, keep_until - made_on from letter")
    assert row == (4, 4, 0, "sun", 1096)
    (entry,) = office.ask("select actor, reason, details->>'people' from audit_log where action = 'export'")
    assert entry == ("sun", "问题反馈单", "4")
    for statement in ("update letter set people = 0", "delete from letter", "truncate letter cascade"):
        with pytest.raises(sa.exc.DBAPIError), office.engine.begin() as conn:
            conn.execute(sa.text(statement))
    with office.engine.begin() as conn:
        forget(conn, date(2027, 12, 31))
    assert office.one("select content from letter") is None


@pytest.mark.parametrize(
    "wrong",
    [
        {"by": "sftp", "password": "x"}, {"by": "page", "connection": "c", "password": "x"}, {"by": "page"},
        {"by": "mail", "connection": "c", "password": "x"}, {"by": "page", "seal": "age"},
        {"by": "sftp", "connection": "c", "directory": "../up", "password": "x"},
        {"by": "mail", "connection": "c", "to": "a@b, c@d", "password": "x"},
    ],
)  # fmt: skip
def test_a_declaration_says_all_that_its_way_needs_and_nothing_else(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"connection|password|public_key|directory|to"):
        RepairLetter(**wrong)
