"""Keys, seals, blind indexes, redaction: what must never pass does not pass."""

from __future__ import annotations

import logging
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from pathlib import Path
from uuid import UUID

import pyarrow as pa
import pytest
import sqlalchemy as sa

from rosters import Office, person
from talentpool.errors import KeyMissingError, TamperedError
from talentpool.guard import (
    KEY_NAMES,
    Blinder,
    KeyRing,
    Personal,
    install_redaction,
    open_keys,
    open_personal,
    open_record,
    record_id,
    redact,
    seal_many,
)
from talentpool.settings import Settings

ID = UUID(int=7).bytes


def test_keys_are_made_once_for_their_owner_alone(tmp_path: Path) -> None:
    folder = tmp_path / "keys"
    first = KeyRing.load(folder, create=True)
    assert folder.stat().st_mode & 0o777 == 0o700
    assert {f.stat().st_mode & 0o777 for f in folder.iterdir()} == {0o600}
    again = KeyRing.load(folder, create=True)
    assert all(first.key(name) == again.key(name) for name in KEY_NAMES)
    assert len({first.key(name) for name in KEY_NAMES}) == len(KEY_NAMES)


def test_processes_that_make_keys_at_once_agree(tmp_path: Path) -> None:
    with ThreadPoolExecutor(8) as pool:
        rings = list(pool.map(lambda _: KeyRing.load(tmp_path / "keys", create=True), range(8)))
    assert len({ring.key("envelope") for ring in rings}) == 1


def test_a_missing_key_is_named_and_never_made_anew_beside_others(tmp_path: Path) -> None:
    KeyRing.load(tmp_path / "keys", create=True)
    (tmp_path / "keys" / "record_id.key").unlink()
    with pytest.raises(KeyMissingError, match="record_id"):
        KeyRing.load(tmp_path / "keys", create=True)
    with pytest.raises(KeyMissingError, match="envelope"):
        KeyRing.load(tmp_path / "none", create=False)


def test_another_key_than_the_databases_is_named_before_any_data_is_touched(
    settings: Settings, engine: sa.Engine, tmp_path: Path
) -> None:
    open_keys(settings, engine)
    other = KeyRing.load(tmp_path / "other", create=True)
    with engine.begin() as conn:
        conn.exec_driver_sql("delete from key_check where key_id = 'landing'")
    with pytest.raises(KeyMissingError, match="envelope"):
        other.check(engine)
    with engine.connect() as conn:
        assert conn.scalar(sa.text("select count(*) from key_check where key_id = 'landing'")) == 0


def test_a_seal_opens_for_its_own_record_only() -> None:
    personal = Personal("王小明", "王小明 ", "140199199003070012", "13812345670", "")
    (sealed, other), (salt, other_salt) = seal_many(b"k" * 32, [ID, ID[::-1]], [personal.pack()] * 2)
    assert open_record(b"k" * 32, salt, ID, sealed) == personal
    for key, its_salt, record, text in [
        (b"x" * 32, salt, ID, sealed),
        (b"k" * 32, other_salt, ID, sealed),
        (b"k" * 32, salt, ID[::-1], sealed),
        (b"k" * 32, other_salt, ID, other),
        (b"k" * 32, salt, ID, sealed[:-1] + bytes([sealed[-1] ^ 1])),
    ]:
        with pytest.raises(TamperedError):
            open_record(key, its_salt, record, text)
    assert "王小明".encode() not in sealed
    assert "王" not in repr(personal)


def test_a_separator_inside_a_value_never_shifts_the_others() -> None:
    packed = Personal("王小", "王\x1f小", "1", "13812345670", "").pack()
    assert Personal.unpack(packed) == Personal("王小", "王 小", "1", "13812345670", "")
    with pytest.raises(TamperedError):
        Personal.unpack(b"a\x1fb")


def test_an_original_name_with_control_characters_opens(office: Office) -> None:
    rows = [person(n) for n in range(1, 13)]
    rows[0]["name"] = "韩\x1f明"
    office.deliver("2026-10-31", rows)
    records = [row[0] for row in office.ask("select record_id from source_record")]
    assert records
    with office.engine.connect() as conn:
        assert len(open_personal(conn, office.keys, records)) == len(records)


def test_a_record_opens_as_it_was_on_a_date(office: Office) -> None:
    rows = [person(n) for n in range(1, 13)]
    office.deliver("2026-09-30", rows)
    office.deliver("2026-10-31", [rows[0] | {"mobile": "13812348000"}, *rows[1:]])
    record = office.one("select record_id from source_record where staff_no = 'T00001'")
    with office.engine.connect() as conn:
        mobiles = [
            open_personal(conn, office.keys, [record], at=at)[record].mobile
            for at in (date(2026, 9, 30), date(2026, 10, 30), date(2026, 10, 31))
        ]
        assert open_personal(conn, office.keys, [record], at=date(2026, 9, 29)) == {}
        assert open_personal(conn, office.keys, [record])[record].mobile == "13812348000"
    assert mobiles == [rows[0]["mobile"], rows[0]["mobile"], "13812348000"]


def test_a_record_moved_to_another_row_is_refused(office: Office) -> None:
    office.deliver("2026-10-31", [person(n) for n in range(1, 13)])
    with office.engine.begin() as conn:
        conn.exec_driver_sql(
            "update source_record set sealed = (select sealed from source_record where staff_no = 'T00002')"
            " where staff_no = 'T00001'"
        )
    record = office.one("select record_id from source_record where staff_no = 'T00001'")
    with office.engine.connect() as conn, pytest.raises(TamperedError):
        open_personal(conn, office.keys, [record])


def test_a_record_without_its_salt_is_gone_for_good(office: Office) -> None:
    office.deliver("2026-10-31", [person(n) for n in range(1, 13)])
    record = office.one("select record_id from source_record where staff_no = 'T00001'")
    with office.engine.begin() as conn:
        conn.execute(sa.text("delete from record_salt where record_id = :r"), {"r": record})
    with office.engine.connect() as conn:
        assert open_personal(conn, office.keys, [record]) == {}


def test_a_blind_index_needs_its_key_and_differs_by_column(tmp_path: Path) -> None:
    keys = KeyRing.load(tmp_path / "keys", create=True)
    value = b"13812345670"
    by_mobile, by_document = Blinder(keys.key("index_mobile")), Blinder(keys.key("index_id_number"))
    assert by_mobile.one(value) == by_mobile.column(pa.array([value, None])).tobytes() != by_document.one(value)
    assert len(by_mobile.one(value)) == 16
    assert record_id(keys, "postal", "1") != record_id(keys, "didi", "1")


@pytest.mark.parametrize(
    "text",
    ["身份证 140199199003070012 有误", "x=14019919900307001X;", "140199 19900307 001X", "手机 13812345670", "+86 138-1234-5670",
     "138 1234 5670", "旧证 140199900307123", "缺末位 14019919900307001", "8613812345670"],
)  # fmt: skip
def test_a_number_of_a_person_is_redacted(text: str) -> None:
    assert "1234" not in redact(text).replace("[redacted]", "") and "9003" not in redact(text)


@pytest.mark.parametrize(
    "text", ["delivery 12, 3240 rows", "2026-10-31 06:00:00", "sha 5e8fc0d1b2a34f5691380013800abc", "took 13.812 s"]
)
def test_what_is_no_number_of_a_person_stays(text: str) -> None:
    assert redact(text) == text


def test_log_lines_and_exceptions_are_redacted(caplog: pytest.LogCaptureFixture) -> None:
    import io

    stream = io.StringIO()
    logger = logging.getLogger("test.redaction")
    logger.addHandler(logging.StreamHandler(stream))
    install_redaction(logger)
    try:
        raise ValueError("bad value 140199199003070012")
    except ValueError:
        logger.exception("row of %s", "13812345670")
    assert "13812345670" not in stream.getvalue()
    assert "140199199003070012" not in stream.getvalue()
    assert "ValueError" in stream.getvalue()


def test_a_log_line_whose_arguments_do_not_fit_ends_nothing() -> None:
    import io

    stream = io.StringIO()
    logger = logging.getLogger("test.misfit")
    logger.addHandler(logging.StreamHandler(stream))
    install_redaction(logger)
    logger.error("bad %d of 13812345670", "140199199003070012")
    assert "bad" in stream.getvalue()
    assert "13812345670" not in stream.getvalue() and "140199199003070012" not in stream.getvalue()
