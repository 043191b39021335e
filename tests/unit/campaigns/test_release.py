"""A locked list leaves: to named recipients of the right county, encrypted, marked, on record, many only by two people."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import openpyxl
import pyrage
import pysequoia
import pytest
import pyzipper
import sqlalchemy as sa
from click.testing import CliRunner
from sqlalchemy.exc import DBAPIError

from approvals import unapproved, unapproved_folder
from asking import withdraw
from databases import Twins
from releases import (
    AS_OF,
    EMPTY,
    OURS,
    SIGNED,
    THEIRS,
    TODAY,
    changed,
    declare,
    names,
    opened,
    run,
    text_of,
    workbooks,
    young,
)
from rosters import Office, person
from talentpool.__main__ import cli
from talentpool.campaigns import draw
from talentpool.campaigns.release.provisions import approve_export, dates, exports
from talentpool.campaigns.release.trace import trace
from talentpool.errors import RefusedError, UsageError, WaitingError
from talentpool.match import match
from talentpool.model import recipient as recipients_table
from talentpool.services.rights.account import read_account
from talentpool.services.rights.subject import find


@pytest.fixture(scope="module")
def city(twins: Twins) -> Office:
    """Sixty people of two counties on a locked list."""
    office = twins.office()
    stations = ("太行站", "漳泽站", "城南站")
    ours = [young(n, county=OURS, station=stations[n % 3]) for n in range(50)]
    office.deliver("2026-10-31", [*ours, *(young(n, county=THEIRS) for n in range(50, 60))])
    match(office.engine, office.keys)
    run(office, lock=True)
    return office


@pytest.fixture
def reader(city: Office) -> Iterator[pyrage.x25519.Identity]:
    """The own county's officer, with an age key; known for the length of a test."""
    identity = pyrage.x25519.Identity.generate()
    declare(city, "ours", "age", OURS, public_key=str(identity.to_public()))
    yield identity
    with city.engine.begin() as conn:
        conn.execute(recipients_table.delete())


@pytest.fixture
def production(city: Office) -> Office:
    """The same deployment where plain files may not leave."""
    return changed(city, profile="production")


def test_only_the_named_recipient_reads_it_and_only_the_own_county_is_in_it(
    production: Office, reader: pyrage.x25519.Identity, tmp_path: Path
) -> None:
    made = run(production, "ours", out=tmp_path)
    assert len(made.files) == 8, "the county's, and one for each of three stations, each as workbook and PDF"
    assert {Path(name).suffix for name in made.files} == {".age"}
    assert not any(word in name for name in made.files for word in (OURS, "太行", "warm_winter"))
    people = names(opened(reader, made.files[0]))
    assert len(people) == 50 and set(people) == {person(n)["name"] for n in range(50)}
    with pytest.raises(pyrage.DecryptError):
        opened(pyrage.x25519.Identity.generate(), made.files[0])
    assert all(Path(name).stat().st_mode & 0o077 == 0 for name in made.files)
    assert [path for path in tmp_path.rglob("*") if path.is_file() and path.suffix != ".age"] == []


def test_openpgp_and_zip_open_with_what_was_agreed(production: Office, city: Office, tmp_path: Path) -> None:
    secret = pysequoia.Tsk.generate("county@example.invalid")
    declare(city, "pgp", "openpgp", OURS, public_key=str(secret.extract_certificate()))
    declare(city, "zip", "zip", THEIRS, password_by="当面交付")
    made = run(production, "pgp", "zip", out=tmp_path)
    by_code = {one["recipient"]: one for one in made.exports}
    plain = pysequoia.decrypt(Path(by_code["pgp"]["files"][0]).read_bytes(), decryptor=secret.decryptor()).bytes
    assert len(names(openpyxl.load_workbook(io.BytesIO(plain)))) == 50
    note = Path(by_code["zip"]["password"])
    password, how = note.read_text(encoding="utf-8").splitlines()
    assert len(password) == 24 and "当面交付" in how
    assert note.stat().st_mode & 0o077 == 0 and tmp_path not in note.parents, "never beside what it opens"
    assert password not in json.dumps(made.as_json())
    with pyzipper.AESZipFile(by_code["zip"]["files"][0]) as packed:
        (inside,) = packed.infolist()
        assert inside.filename.startswith("export-") and inside.flag_bits & 1
        with pytest.raises(RuntimeError):
            packed.read(inside, pwd=b"guess")
        assert len(names(openpyxl.load_workbook(io.BytesIO(packed.read(inside, pwd=password.encode()))))) == 10
    with city.engine.begin() as conn:
        conn.execute(recipients_table.delete())


def test_a_wrong_recipient_is_refused_and_nothing_is_written(
    production: Office, city: Office, reader: pyrage.x25519.Identity, tmp_path: Path
) -> None:
    key = str(reader.to_public())
    declare(city, "elsewhere", "age", EMPTY, public_key=key)
    declare(city, "late", "age", OURS, public_key=key, valid_until="2026-11-23")
    before = city.one("select count(*) from provision")
    for wrong, words in (("nobody", "no recipient"), ("elsewhere", "has none there"), ("late", "valid until")):
        with pytest.raises(UsageError, match=words):
            run(production, "ours", wrong, out=tmp_path)
    assert city.one("select count(*) from provision") == before
    assert not list(tmp_path.iterdir())


def test_an_openpgp_key_that_ran_out_after_it_was_declared_is_not_encrypted_to(
    production: Office, city: Office, tmp_path: Path
) -> None:
    cert = pysequoia.Tsk.generate("x@example.invalid", validity_seconds=86_400).extract_certificate()
    declare(city, "brief", "openpgp", OURS, public_key=str(cert), valid_until="2999-12-31")
    assert cert.expiration is not None
    with pytest.raises(UsageError, match="expired on"):
        run(production, "brief", out=tmp_path, today=cert.expiration.date())
    assert not list(tmp_path.iterdir())


def test_a_draft_does_not_leave_and_nothing_leaves_in_plain(
    production: Office, reader: pyrage.x25519.Identity, tmp_path: Path
) -> None:
    with pytest.raises(UsageError, match="--recipient"):
        run(production, out=tmp_path)
    winter = unapproved(production.settings)
    with pytest.raises(UsageError, match="--lock"):
        draw(production, winter, date(2025, 10, 31), out=tmp_path,
             by="李专员", recipients=["ours"], today=TODAY)  # fmt: skip
    assert not list(tmp_path.iterdir())


def test_every_page_says_for_whom_until_when_and_whom_to_turn_to(
    production: Office, reader: pyrage.x25519.Identity, tmp_path: Path
) -> None:
    made = run(production, "ours", out=tmp_path)
    number = made.exports[0]["export_id"]
    assert len(made.files) == 8
    for name in workbooks(made.files):
        book = opened(reader, name)
        said = text_of(book)
        assert "更正与撤回" in said and "2026-12-24" in said and "2026 年 12 月 24 日止" in said
        for sheet in book:
            assert "更正信息或撤回授权" in sheet.oddHeader.right.text
            assert f"导出编号 {number}" in sheet.oddFooter.left.text and "ours 收" in sheet.oddFooter.left.text
            assert f"导出编号 {number}" in str(sheet["A2"].value)


def test_an_export_is_a_provision_on_record_that_stays_and_is_not_rewritten(
    production: Office, city: Office, reader: pyrage.x25519.Identity, tmp_path: Path
) -> None:
    made = run(production, "ours", out=tmp_path)
    number = made.exports[0]["export_id"]
    with city.engine.connect() as conn:
        (row,) = [one for one in exports(conn, TODAY) if one["export_id"] == number]
    assert (row["recipient"], row["people"], row["counties"], row["made_by"]) == ("ours", 50, [OURS], "李专员")
    assert row["content_hash"] == made.content_hash and row["keep_until"] == date(2029, 11, 24)
    assert "v1" in row["legal_basis"] and len(row["files"]) == 8 and len({f["sha256"] for f in row["files"]}) == 8
    assert city.ask("select actor, reason from audit_log where details->>'export' = :n", n=str(number)) == [
        ("李专员", "warm_winter")
    ]
    for statement in ("delete from provision", "truncate provision", "update provision set recipient = 'x'",
                      "update provision set keep_until = '2026-01-01'"):  # fmt: skip
        with pytest.raises(DBAPIError, match=r"kept|rewritten"), city.engine.begin() as conn:
            conn.execute(sa.text(statement))
    with city.engine.connect() as conn:
        after = {one["export_id"]: one["expired"] for one in exports(conn, TODAY + timedelta(days=31))}
    assert after[number] is True


def test_three_years_from_a_leap_day_are_three_years() -> None:
    assert dates(date(2028, 2, 29), 1)["keep_until"] == date(2031, 3, 1)


def test_many_people_leave_only_when_somebody_else_approved(
    city: Office, reader: pyrage.x25519.Identity, tmp_path: Path
) -> None:
    careful = changed(city, profile="production", export_approval_above=49)
    asked: list[int] = []
    for _ in range(2):
        with pytest.raises(WaitingError, match="export approve"):
            run(careful, "ours", out=tmp_path)
        asked.append(city.one("select max(export_id) from provision where state = 'asked'"))
    assert asked[0] == asked[1], "asking twice is one question"
    assert not list(tmp_path.iterdir())
    with pytest.raises(RefusedError, match="somebody else"):
        approve_export(city.engine, asked[0], "李专员")
    assert approve_export(city.engine, asked[0], "赵审批")["people"] == 50
    with pytest.raises(WaitingError):
        run(careful, "ours", out=tmp_path, by="孙专员")
    made = run(careful, "ours", out=tmp_path)
    assert made.exports[0]["export_id"] == asked[0] and len(made.files) == 8
    with pytest.raises(WaitingError):  # an approval is for one export
        run(careful, "ours", out=tmp_path)
    with pytest.raises(UsageError, match="is made"):
        approve_export(city.engine, asked[0], "赵审批")


def test_when_one_of_two_recipients_waits_nothing_leaves_to_the_other(
    city: Office, reader: pyrage.x25519.Identity, tmp_path: Path
) -> None:
    declare(city, "theirs", "age", THEIRS, public_key=str(reader.to_public()))
    with pytest.raises(WaitingError):
        run(changed(city, export_approval_above=49), "theirs", "ours", out=tmp_path, by="钱专员")
    assert not list(tmp_path.iterdir())
    assert city.one("select count(*) from provision where made_by = '钱专员' and state = 'made'") == 0


def test_a_leaked_sheet_says_which_export_it_is_of_also_retyped_and_with_rows_left_out(
    production: Office, city: Office, reader: pyrage.x25519.Identity, tmp_path: Path
) -> None:
    made = [run(production, "ours", out=tmp_path / str(n)) for n in range(3)]
    wanted = made[1].exports[0]["export_id"]
    book = opened(reader, made[1].files[0])
    orders = [names(opened(reader, one.files[0])) for one in made]
    assert len({tuple(order) for order in orders}) == 3 and len({frozenset(order) for order in orders}) == 1
    leaked = tmp_path / "leaked.xlsx"
    book.save(leaked)
    ids = [str(row[1]) for row in book["名单"].iter_rows(min_row=4, values_only=True)]
    typed = tmp_path / "typed.txt"
    typed.write_text("\n".join(f"{n} {one}" for n, one in enumerate(ids)), encoding="utf-8")
    short = tmp_path / "short.txt"
    # two neighbours: one alone turns every pair of its station behind it into chance, one time in twenty past telling
    short.write_text("\n".join(ids[:9] + ids[11:]), encoding="utf-8")
    foreign = tmp_path / "sorted.txt"
    foreign.write_text("\n".join(sorted(ids)), encoding="utf-8")
    with city.engine.connect() as conn:
        found = {path.stem: trace(conn, city.keys, path) for path in (leaked, typed, short, foreign)}
    assert (found["leaked"].export, found["leaked"].printed) == (wanted, wanted)
    assert (found["typed"].export, found["typed"].printed) == (wanted, None)
    assert found["typed"].rows == 50 and len(found["typed"].candidates) >= 3
    assert found["short"].candidates[0].export_id == wanted
    assert found["sorted"].export is None, "sorted anew, the mark is gone, and no other export is accused"
    nothing = tmp_path / "nothing.txt"
    nothing.write_text("2222-22222", encoding="utf-8")
    with city.engine.connect() as conn, pytest.raises(UsageError, match="no row number"):
        trace(conn, city.keys, nothing)


def test_the_command_answers_with_what_left_and_refuses_without_a_name(
    city: Office, reader: pyrage.x25519.Identity, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("TALENTPOOL_DATABASE_URL", city.engine.url.render_as_string(hide_password=False))
    monkeypatch.setenv("TALENTPOOL_KEYS", str(city.settings.keys_dir))
    monkeypatch.setenv("TALENTPOOL_HOME", str(city.settings.home))
    monkeypatch.setenv("TALENTPOOL_PROFILE", "production")
    monkeypatch.setenv("TALENTPOOL_CAMPAIGNS", str(unapproved_folder(city.settings, tmp_path / "campaigns")))
    words = ["target", "warm_winter", "--as-of", str(AS_OF), "--lock", "--out", str(tmp_path), "--recipient", "ours"]
    with pytest.raises(UsageError, match="--by"):
        CliRunner().invoke(cli, words, catch_exceptions=False, standalone_mode=False)
    said = json.loads(CliRunner().invoke(cli, [*words, "--by", "李专员"], catch_exceptions=False).output)
    assert said["exports"][0]["people"] == 50 and len(said["files"]) == 8
    listed = json.loads(CliRunner().invoke(cli, ["export", "list"], catch_exceptions=False).output)["exports"]
    assert listed[0]["export_id"] == said["exports"][0]["export_id"] and listed[0]["expired"] is False


def test_no_notice_no_provision(
    production: Office, city: Office, reader: pyrage.x25519.Identity, tmp_path: Path
) -> None:
    with city.engine.begin() as conn:
        conn.execute(sa.text("update notice set purpose = 'elsewhere' where purpose = 'warm_winter'"))
    try:
        with pytest.raises(UsageError, match="no notice"):
            run(production, "ours", out=tmp_path)
    finally:
        with city.engine.begin() as conn:
            conn.execute(sa.text("update notice set purpose = 'warm_winter' where purpose = 'elsewhere'"))
    assert not list(tmp_path.iterdir())


def test_who_withdraws_is_told_of_by_every_export_that_names_them(
    production: Office, city: Office, reader: pyrage.x25519.Identity, tmp_path: Path
) -> None:
    """Last in this file: the person is gone after it."""
    declare(city, "theirs", "age", THEIRS, public_key=str(reader.to_public()))
    made = run(production, "ours", "theirs", out=tmp_path)
    with city.engine.begin() as conn:
        account = read_account(
            conn, city.keys, city.settings, find(conn, city.keys, "didi:T00007"), by="李专员", reason="x"
        )
    provided = next(sheet.rows for sheet in account.sheets if sheet.name == "提供给谁")
    assert tuple(provided[-1][:3]) == ("2026-11-24", "ours 收", "暖冬行动") and "姓名" in str(provided[-1][3])
    assert not [row for row in provided if "theirs" in row[1]]
    ours, theirs = made.exports
    answered = withdraw(city, "didi:T00007", **SIGNED)
    named = {one["export"]: one for one in answered.call_back}
    assert named[ours["export_id"]] == {
        "export": ours["export_id"], "recipient": "ours", "name": "ours 收", "list": made.list_id
    }  # fmt: skip
    assert theirs["export_id"] not in named
    assert not any(Path(name).exists() for name in ours["files"])
    assert all(Path(name).exists() for name in theirs["files"])
    kept = city.one("select proof->'provisions' from person_request order by request_id desc limit 1")
    assert {one["export"] for one in kept} == set(named)
    again = opened(reader, run(production, "ours", out=tmp_path / "again").files[0])
    assert person(7)["name"] not in names(again) and "（信息已删除）" in names(again)
