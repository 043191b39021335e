"""A delivery with a column nobody knows is held, a person answers once, and the answer holds in every path."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

import workbooks
from rosters import Office, document, person
from talentpool.__main__ import cli
from talentpool.check import check
from talentpool.conform import answers_of
from talentpool.decide import answer_columns, decide, show
from talentpool.declare import TEMPLATE_V1
from talentpool.errors import UsageError
from talentpool.expect import count_flags
from talentpool.flow import Outcome, ingest

CASES = Path(__file__).parents[1] / "cases" / "optional-column-under-another-name"
LEFT = "select count(*) from source_record where status = 'left'"
PEOPLE = [person(n, left_on="2026-09-30" if n < 9 else "") for n in range(1, 31)]


def as_csv(names: dict[str, str], rows: Sequence[dict[str, str]] = PEOPLE, encoding: str = "utf-8-sig") -> bytes:
    """The template with some columns called otherwise."""
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow([names.get(header, header) for header in TEMPLATE_V1])
    writer.writerows([row.get(field, "") for field in TEMPLATE_V1.values()] for row in rows)
    return text.getvalue().encode(encoding)


def bring(office: Office, data: bytes, as_of: str = "2026-10-31", form: str = "csv", **given: Any) -> Outcome:
    path = office.folder / f"roster_{as_of}_{len(list(office.folder.iterdir()))}.{form}"
    path.write_bytes(data)
    given = {"kind": "full"} | given
    return ingest(office, office.partner(), file=path,
                  as_of=date.fromisoformat(as_of), **given, count=count_flags)  # fmt: skip


def run(*words: str) -> tuple[int, dict[str, Any]]:
    done = CliRunner().invoke(cli, list(words), standalone_mode=False)
    if isinstance(done.exception, UsageError):
        return 2, {"said": str(done.exception)}
    return done.exit_code, json.loads(done.stdout)


def say(office: Office, number: int, **columns: str | None) -> Outcome:
    return decide(office, office.partner(), number, "all", by="王", reason="核实",
                  columns=columns)  # fmt: skip


SIGNED = ("--by", "王", "--reason", "与合作方核实")


def test_the_case_of_a_renamed_leaving_date_is_held_and_read_when_a_person_says_what_it_is(office: Office) -> None:
    found = bring(office, (CASES / "left_time.csv").read_bytes())
    assert (found.status, found.exit_code, found.reasons) == ("held", 3, {"column_unclear": 1})
    assert "离职时间 → 离职日期？" in (found.message or "")
    assert (found.notes, found.dropped_columns) == ({"extra_columns": 1, "columns_missing": 1}, ("离职时间",))
    assert office.one("select count(*) from source_record") == 0
    number = str(found.delivery_id)
    code, shown = run("delivery", "show", number)
    assert (code, shown["columns"], shown["dropped_columns"]) == (0, {"离职时间": ["离职日期"]}, ["离职时间"])
    code, told = run("delivery", "decide", number, "all", *SIGNED)
    assert code == 2 and "离职时间 → 离职日期？" in told["said"], "what nobody answered is not dropped"
    assert office.one("select state from delivery") == "held"
    code, done = run("delivery", "decide", number, "all", "--column", "离职时间=离职日期", *SIGNED)
    assert (code, done["status"], done["notes"]) == (0, "published", {"columns_as_answered": 1})
    assert office.one(LEFT) == 8
    assert office.ask("select header, field, decided_by, reason, revision from partner_column") == [
        ("离职时间", "left_on", "王", "与合作方核实", 1)
    ]
    assert office.one("select details -> 'columns' from audit_log where action = 'decision'") == {"离职时间": "left_on"}


@pytest.mark.parametrize("name", ["traditional.csv", "zero_width_header.csv"])
def test_the_cases_of_odd_characters_are_read_by_rule_with_a_note(office: Office, name: str) -> None:
    found = bring(office, (CASES / name).read_bytes())
    assert (found.status, found.accepted, found.notes) == ("published", 30, {"column_spelling": 1})
    assert office.one(LEFT) == 8
    assert office.one("select count(*) from source_record where id_number_status = 'valid'") == 30


@pytest.mark.parametrize("form", ["csv", "gb18030", "xlsx", "delta"])
def test_every_form_of_delivery_gives_the_same_verdict_as_a_check_of_it(office: Office, form: str) -> None:
    data = as_csv({"离职日期": "离岗日期"}, encoding="gb18030" if form == "gb18030" else "utf-8-sig")
    if form == "xlsx":
        header = ["离岗日期" if header == "离职日期" else header for header in TEMPLATE_V1]
        data = workbooks.plain(([row.get(f, "") for f in TEMPLATE_V1.values()] for row in PEOPLE), header=header)
    path = office.folder / f"trial.{'xlsx' if form == 'xlsx' else 'csv'}"
    path.write_bytes(data)
    kind = "delta" if form == "delta" else "full"
    tried = check(office, office.partner(), path, as_of=date(2026, 10, 31), kind=kind)
    found = bring(office, data, form=path.suffix[1:], kind=kind)
    for outcome in (tried.outcome, found):
        assert (outcome.status, outcome.reasons, outcome.dropped_columns) == (
            "held", {"column_unclear": 1}, ("离岗日期",)
        )  # fmt: skip
    assert found.delivery_id is not None
    assert say(office, found.delivery_id, 离岗日期="left_on").status == "published"
    assert office.one(LEFT) == 8
    again = check(office, office.partner(), path, as_of=date(2026, 11, 10), kind=kind)
    assert (again.outcome.status, again.outcome.notes) == ("published", {"columns_as_answered": 1})


def test_an_answer_holds_for_later_deliveries_of_that_partner_and_of_no_other(office: Office) -> None:
    first = bring(office, as_csv({"离职日期": "离岗日期"}))
    assert first.delivery_id is not None
    say(office, first.delivery_id, 离岗日期="left_on")
    later = bring(office, as_csv({"离职日期": "离 崗 日 期"}, [person(n, left_on="2026-11-05") for n in range(1, 31)]),
                  "2026-11-20")  # fmt: skip
    assert "column_unclear" not in later.reasons and later.notes["columns_as_answered"] == 1
    path = office.folder / "roster_sf.csv"
    path.write_bytes(as_csv({"离职日期": "离岗日期"}))
    tried = check(office, office.partner("sf"), path, as_of=date(2026, 10, 31))
    assert tried.outcome.reasons["column_unclear"] == 1


def test_nothing_is_an_answer_too_and_never_asked_again(office: Office) -> None:
    rows = [row | {"mobile2": f"137{20_000_000 + n * 7}"} for n, row in enumerate(PEOPLE)]
    first = bring(office, as_csv({"备用手机": "紧急联系电话"}, rows))
    assert first.status == "held" and first.delivery_id is not None
    done = say(office, first.delivery_id, 紧急联系电话=None)
    assert done.status == "published" and done.dropped_columns == ("紧急联系电话",)
    assert done.notes == {"extra_columns": 1, "columns_missing": 1}
    assert office.one("select count(*) from source_record where mobile2_index is not null") == 0
    later = bring(office, as_csv({"备用手机": "紧急联系电话"}, [*rows, person(50)]), "2026-11-20")
    assert (later.status, later.reasons) == ("published", {})


def test_an_answer_can_be_changed_and_the_log_keeps_the_former(office: Office) -> None:
    rows = [row | {"mobile2": f"137{20_000_000 + n * 7}"} for n, row in enumerate(PEOPLE)]
    first = bring(office, as_csv({"备用手机": "家属电话"}, rows))
    assert first.delivery_id is not None
    say(office, first.delivery_id, 家属电话="mobile2")
    table = as_csv({"备用手机": "家属电话", "离职日期": "离岗日期"}, rows)
    second = bring(office, table, "2026-11-20")
    assert second.delivery_id is not None
    with pytest.raises(UsageError, match="没有待确认的列 家属号码"):
        say(office, second.delivery_id, 家属号码=None, 离岗日期="left_on")
    say(office, second.delivery_id, 离岗日期="left_on")
    with office.engine.begin() as conn:
        known = answers_of(conn, "didi", second.delivery_id)
    assert known.fields == {"家属电话": "mobile2", "离岗日期": "left_on"}
    logged = office.ask("select details -> 'columns' from audit_log where action = 'decision' order by seq")
    assert logged == [({"家属电话": "mobile2"},), ({"离岗日期": "left_on"},)]


def test_what_else_holds_a_delivery_is_still_a_persons_to_decide(office: Office) -> None:
    bring(office, as_csv({}, [person(n) for n in range(1, 101)]), "2026-09-30")
    found = bring(office, as_csv({"离职日期": "离岗日期"}, PEOPLE))
    assert set(found.reasons) == {"column_unclear", "removals_high"} and found.delivery_id is not None
    columns = {"离岗日期": "left_on"}
    done = answer_columns(office, office.partner(), found.delivery_id, columns,
                          by="王", reason="核实")  # fmt: skip
    assert (done.status, set(done.reasons)) == ("held", {"removals_high"})
    assert show(office.engine, found.delivery_id)["columns"] == {}
    assert say(office, found.delivery_id).status == "published"
    assert office.one("select count(*) from delivery_decision") == 1


def test_a_missing_required_column_rejects_and_a_persons_word_takes_the_same_file_in(office: Office) -> None:
    data = as_csv({"工号": "员工编号"})
    found = bring(office, data)
    assert (found.status, found.reasons) == ("rejected", {"header_missing": 1})
    assert "--column 员工编号=工号" in (found.message or "")
    number = str(found.delivery_id)
    assert run("delivery", "decide", number, "all", *SIGNED)[0] == 2
    code, done = run("delivery", "decide", number, "all", "--column", "员工编号=工号", *SIGNED)
    assert (code, done["status"], done["accepted"]) == (0, "published", 30)
    later = bring(office, as_csv({"工号": "员工编号"}, [*PEOPLE, person(60)]), "2026-11-20")
    assert (later.status, later.accepted) == ("published", 31)


def test_a_column_without_a_name_is_answered_for_its_delivery_only(office: Office) -> None:
    rows = [row | {"mobile2": f"137{20_000_000 + n * 7}"} for n, row in enumerate(PEOPLE)]
    found = bring(office, as_csv({"备用手机": ""}, rows))
    assert show(office.engine, found.delivery_id or 0)["columns"] == {"第8列": ["备用手机"]}
    code, done = run("delivery", "decide", str(found.delivery_id), "all", "--column", "第8列=备用手机", *SIGNED)
    assert (code, done["status"]) == (0, "published")
    assert office.one("select count(*) from source_record where mobile2_index is not null") == 30
    assert bring(office, as_csv({"备用手机": ""}, [*rows, person(70)]), "2026-11-20").status == "held"


@pytest.mark.parametrize("words", ["离岗日期=离开日期", "离岗日期", "=离职日期", "离岗日期=离职日期 离岗日期=ignore",
                                   "离岗日期=离职日期 备注=离职日期"])  # fmt: skip
def test_an_answer_that_makes_no_sense_is_a_usage_error_and_changes_nothing(office: Office, words: str) -> None:
    found = bring(office, as_csv({"离职日期": "离岗日期"}))
    options = [part for word in words.split() for part in ("--column", word)]
    assert run("delivery", "decide", str(found.delivery_id), "all", *options, *SIGNED)[0] == 2
    assert office.one("select state from delivery") == "held" and office.ask("select 1 from partner_column") == []


def test_messages_and_tables_hold_headers_and_no_value(office: Office) -> None:
    rows = [row | {"mobile2": "13712345678"} for row in PEOPLE]
    found = bring(office, as_csv({"备用手机": "13712345678"}, rows))
    assert found.status == "held" and "第8列" in (found.message or "")
    stored = str(office.ask("select message, findings, dropped_columns, reasons from delivery"))
    assert "13712345678" not in stored + str(found)


def test_a_header_of_two_rows_in_a_workbook_loses_no_column(office: Office) -> None:
    upper = "工号 姓名 性别 证件 - 出生日期 联系方式 - 工作区县 站点 从业类别 日期 - 授权 -".replace("-", "").split(" ")
    lower = "- - - 证件类型 证件号码 - 手机号码 备用手机 - - - 入职日期 离职日期 授权日期 告知版本".replace(
        "-", ""
    ).split(" ")
    body = [[row.get(f, "") for f in TEMPLATE_V1.values()] for row in PEOPLE]
    found = bring(office, workbooks.plain([lower, *body], header=upper), form="xlsx")
    assert (found.status, found.rows, found.accepted, found.notes) == ("published", 30, 30, {"header_rows": 1})
    assert office.one(LEFT) == 8
    assert office.one("select count(*) from source_record where id_number_status = 'valid'") == 30


def test_values_under_a_strange_name_hold_the_delivery_too(office: Office) -> None:
    rows = [row | {"document_no": document(n)} for n, row in enumerate(PEOPLE)]
    found = bring(office, as_csv({"证件号码": "附注"}, rows))
    assert "附注 → 证件号码？" in (found.message or "") and found.status == "held"


def test_an_answer_is_listed_and_can_be_said_anew_for_every_later_delivery(office: Office) -> None:
    first = bring(office, as_csv({"离职日期": "离岗日期"}))
    assert first.delivery_id is not None
    say(office, first.delivery_id, 离岗日期=None)
    assert run("delivery", "columns", "didi", "--column", "离岗日期=离职日期")[0] == 2, "nobody signed it"
    assert run("delivery", "columns", "didi", "--column", "第8列=离职日期", *SIGNED)[0] == 2, "a place is no name"
    code, listed = run("delivery", "columns", "didi", "--column", "离岗日期=离职日期", *SIGNED)
    assert (code, [(row["header"], row["field"], row["revision"]) for row in listed["columns"]]) == (
        0, [("离岗日期", "left_on", 2)],
    )  # fmt: skip
    assert office.one(LEFT) == 0
    later = bring(office, as_csv({"离职日期": "离岗日期"}, [*PEOPLE, person(80)]), "2026-11-10")
    assert later.notes["columns_as_answered"] == 1 and "column_unclear" not in later.reasons
    logged = office.ask("select details -> 'columns' from audit_log where action = 'decision' order by seq")
    assert logged == [({"离岗日期": "ignore"},), ({"离岗日期": "left_on"},)]
