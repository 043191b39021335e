"""`talentpool check`: the verdict of ingest, every fault with its place, and nothing stored whatever happens."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from datetime import date
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa

import workbooks
from bad_input.cases import ALL, CITY, Case
from patience import until
from rosters import Office, document, person, write_template
from talentpool.check import Checked, check
from talentpool.conform.rows.suppress import tokens
from talentpool.declare import FIELDS
from talentpool.expect import count_flags, value_codes
from talentpool.expect.rules import ROW_RULES
from talentpool.flow import ingest
from talentpool.guard import record_id
from talentpool.load import digest
from talentpool.model import suppression
from talentpool.texts.cells import field_of

AS_OF = date(2026, 10, 31)


def everything(office: Office) -> list[str]:
    """All rows of all tables, the staging ones too, and all landed files."""
    with office.engine.connect() as conn:
        inspector = sa.inspect(conn)
        names = [
            (schema, name) for schema in ("public", "staging") for name in sorted(inspector.get_table_names(schema))
        ]
        quote = conn.dialect.identifier_preparer.quote
        rows = [
            f"{name}:{row}"
            for schema, name in names
            for row in conn.exec_driver_sql("select * from " + f"{quote(schema)}.{quote(name)} order by 1").all()
        ]
    landed = [str(path) for path in Path(office.settings.landing_url).rglob("*") if path.is_file()]
    keys = [path.read_text() for path in sorted(office.settings.keys_dir.iterdir())]
    return [str(names), *rows, *sorted(landed), *keys]


def tried(office: Office, path: Path, **how: Any) -> Checked:
    return check(office, office.partner(), path, **{"as_of": AS_OF} | how)


ONE_OF_EACH = [case for place, case in enumerate(ALL) if place % 4 == 0 or case.status == "held"]


@pytest.mark.parametrize("case", ONE_OF_EACH, ids=lambda case: case.name)
def test_the_verdict_is_that_of_ingest_and_nothing_is_stored(office: Office, case: Case) -> None:
    office.deliver("2026-09-30", CITY)
    path = office.folder / f"roster.{case.suffix}"
    path.write_bytes(case.data)
    if case.manifest is not None:
        (office.folder / f"{path.name}.manifest.json").write_bytes(case.manifest)
    how = {"as_of": None} if case.manifest else {"as_of": case.as_of, "kind": case.kind}
    before = everything(office)
    found = tried(office, path, **how)  # type: ignore[arg-type]
    assert everything(office) == before
    real = ingest(office, office.partner(), file=path, **how, count=count_flags)  # type: ignore[arg-type]
    said, really = found.as_json(), real.as_json()
    assert said.pop("delivery_id") is None
    assert {key: said.get(key) for key in really if key != "delivery_id"} == {
        key: value for key, value in really.items() if key != "delivery_id"
    }
    assert found.outcome.exit_code == real.exit_code


FAULTS = [
    person(1),
    person(2, name="", mobile="12"),
    person(3, county="火星"),
    {},
    person(4, document_no=document(4)[:17] + ("0" if document(4)[17] != "0" else "1")),
    person(5, consented_on=""),
    person(6),
]
EXPECTED = [
    (3, "手机号码", "mobile_unusable"), (3, "姓名", "name_empty"), (4, "工作区县", "county_unknown"),
    (6, "证件号码", "id_bad_checksum"), (7, "授权日期", "no_consent"),
]  # fmt: skip


@pytest.mark.parametrize("suffix", ["csv", "xlsx"])
def test_every_fault_is_named_by_the_row_a_spreadsheet_shows_and_the_column_of_the_file(
    office: Office, suffix: str
) -> None:
    path = office.folder / f"roster.{suffix}"
    if suffix == "csv":
        write_template(path, FAULTS)
    else:
        path.write_bytes(workbooks.roster(FAULTS))
    found = tried(office, path)
    assert [(e["row"], e["column"], e["code"]) for e in found.errors] == EXPECTED
    assert all(e["text_zh"] and e["fix_zh"] for e in found.errors)
    assert (found.outcome.rows, found.outcome.accepted) == (6, 3)
    told = json.dumps(found.as_json(), ensure_ascii=False)
    for row in FAULTS:
        for field in ("name", "document_no", "mobile", "staff_no"):
            assert len(row.get(field, "")) < 3 or row[field] not in told


def test_title_rows_count_as_rows_of_the_file_and_columns_are_the_partners_own(office: Office) -> None:
    sample = Path(__file__).resolve().parents[2] / "include/partners/meituan/sample.xlsx"
    partner = office.partner("meituan")
    found = check(office, partner, sample, as_of=AS_OF, kind="full")
    assert [(e["row"], e["column"], e["code"]) for e in found.errors] == [
        (7, "身份证件号", "id_bad_checksum"), (8, "出生日期", "birth_date_impossible"), (8, "身份证件号", "id_precision_lost"),
        (9, "骑手姓名", "name_placeholder"), (10, "入职日期", "hired_on_unreadable"),
        (10, "骑手姓名", "name_placeholder"), (11, "出生日期", "under_14"), (13, "授权日期", "no_consent"),
    ]  # fmt: skip


def test_there_are_a_thousand_errors_at_most_and_the_others_are_counted(office: Office) -> None:
    path = write_template(office.folder / "roster.csv", [person(n, name="") for n in range(1, 1_051)])
    found = tried(office, path)
    assert (len(found.errors), found.left_out) == (1_000, 50)
    assert found.errors[-1]["row"] == 1_001


def test_somebody_who_withdrew_looks_accepted(office: Office) -> None:
    """Neither a count, nor a code, nor a hold tells the partner who withdrew."""
    rows = [person(n) for n in range(1, 11)]
    path = write_template(office.folder / "roster.csv", rows)
    plain = tried(office, path).as_json()
    token = tokens(office.keys, [record_id(office.keys, "didi", "T00003").bytes], [""])[0][0]
    with office.engine.begin() as conn:
        conn.execute(suppression.insert().values(token=UUID(bytes=token)))
    assert tried(office, path).as_json() == plain
    assert plain["accepted"] == 10
    assert office.deliver("2026-10-31", rows).accepted == 9, "the list works"


def test_every_row_code_knows_its_column() -> None:
    codes = {rule.code for rule in ROW_RULES if not rule.code.startswith("withdrawn")} | set(value_codes())
    codes -= {"personal_number_misplaced"}  # it may stand in any of the plain columns
    assert {field_of(code) for code in codes} <= set(FIELDS)
    assert field_of("mobile2_unusable") == "mobile2"


def test_a_check_waits_for_nobody_and_nobody_for_a_check(office: Office) -> None:
    """While a check is under way the same bytes are ingested; the check sees the pool as it was."""
    from talentpool import trial

    path = write_template(office.folder / "roster.csv", CITY)
    with trial.trial(office.engine) as engine, engine.connect() as conn:
        conn.execute(sa.text("select count(*) from delivery"))
        assert office.deliver("2026-10-31", CITY).status == "published"
        assert conn.scalar(sa.text("select count(*) from delivery")) == 0
    assert tried(office, path).outcome.status == "duplicate"


def test_a_killed_check_leaves_nothing(office: Office) -> None:
    """Killed in the middle of its work, where it waits for a table: the database takes everything back, and there is
    no file."""
    path = write_template(office.folder / "roster.csv", [person(n) for n in range(1, 4_000)])
    before = everything(office)
    with office.engine.connect() as block:
        block.exec_driver_sql("lock table division in access exclusive mode")
        process = subprocess.Popen(
            [sys.executable, "-m", "talentpool", "check", str(path), "--partner", "didi", "--as-of", "2026-10-31"],
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=os.environ | {
                "TALENTPOOL_DATABASE_URL": str(office.settings.database_url),
                "TALENTPOOL_HOME": str(office.settings.home), "TALENTPOOL_PROFILE": "demo",
            },
        )  # fmt: skip
        try:
            until("the check to write", lambda: _others_write(office))
        finally:
            process.kill()
        assert process.wait() == -signal.SIGKILL
    until("the database to take everything back", lambda: not _others_write(office))
    assert everything(office) == before
    assert digest(office.engine)


def _others_write(office: Office) -> bool:
    """Whether another session holds a write lock on the deliveries."""
    return bool(
        office.ask(
            "select 1 from pg_locks l join pg_class c on c.oid = l.relation where c.relname = 'delivery'"
            " and l.mode = 'RowExclusiveLock' and l.pid <> pg_backend_pid()"
        )
    )
