"""Judgements as a file: written, taken over whole or not at all; what was judged outlives rosters, not an erasure."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from click.testing import CliRunner

from asking import withdraw
from rosters import TWINS, Office, document, person
from talentpool.__main__ import cli
from talentpool.errors import UsageError
from talentpool.guard import record_id
from talentpool.match import links, match
from talentpool.match.waiting import PAIR_ID
from talentpool.model import edge, source_record
from talentpool.review import export_judgements, import_judgements, judge, judgements, pending, undo
from talentpool.review.judgement_file import HEADER, read_lines
from talentpool.review.judgements import pair_name
from talentpool.services.doctor import examine

WHO = {"by": "李专员", "note": "电话核实"}
SAID = ("same", "王主任", "=见证明", "2026-10-01T09:00:00+08:00")


def deliver_twins(office: Office, as_of: str) -> Office:
    """Two that may be one person; three with document numbers of their own; one bare record more."""
    office.deliver(as_of, [person(1, name="王建国", **TWINS), *(person(n) for n in (7, 8, 9))], partner="postal")
    bare = person(20, staff_no="D2", document_no="", mobile="", birth_date="")
    office.deliver(as_of, [person(2, staff_no="D1", name="王建军", **TWINS), bare], partner="didi")
    match(office.engine, office.keys)
    return office


@pytest.fixture
def twins(office: Office) -> Office:
    return deliver_twins(office, "2026-10-31")


def on_record(office: Office) -> list[Any]:
    with office.engine.begin() as conn:
        return judgements(conn)


def only_pair(office: Office) -> str:
    with office.engine.begin() as conn:
        (pair,) = pending(conn, office.keys)
    return str(pair["pair_id"])


def exported(office: Office, name: str = "out.csv") -> Path:
    path = office.folder / name
    with path.open("w", encoding="utf-8", newline="") as stream:
        export_judgements(office.engine, stream, by="李专员")
    return path


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


def written(office: Office, *lines: tuple[str, ...] | str, end: str = "\n", encoding: str = "utf-8") -> Path:
    """A file of lines: cells, or text as it is."""
    path = office.folder / "in.csv"
    texts = [",".join(HEADER), *(line if isinstance(line, str) else ",".join(line) for line in lines)]
    path.write_bytes((end.join(texts) + end).encode(encoding))
    return path


def owners(office: Office) -> dict[str, str]:
    return {staff_no: person_id for _, staff_no, person_id in links(office.engine)}


def state(office: Office) -> tuple:
    return (
        office.ask("select * from edge where rule = 'human' order by 1, 2"),
        sorted(owners(office).items()),
        office.one("select count(*) from audit_log where action = 'decision'"),
        office.one("select count(*) from match_run"),
    )  # fmt: skip


def examined(office: Office) -> Any:
    """What the doctor says of judgements."""
    found = examine(office, date(2026, 11, 1)).findings
    (one,) = (check for check in found if check.check == "judgements")
    return one


def take_over(office: Office, path: Path) -> Any:
    return import_judgements(office, path, by="赵专员", note="旧系统迁入")


def test_a_pair_is_called_the_same_in_the_file_and_in_the_database(twins: Office) -> None:
    with twins.engine.connect() as conn:
        found = conn.execute(sa.select(edge.c.left_record, edge.c.right_record, PAIR_ID)).all()
    assert found and all(pair_name(left, right) == name for left, right, name in found)


def test_what_was_decided_is_listed_and_written_without_a_name(twins: Office) -> None:
    judge(twins, only_pair(twins), "different", by="李专员", note="=1+1 见 13900000007")
    (one,) = on_record(twins)
    assert one.as_json() | {"at": "", "left": "", "right": ""} == {
        "pair_id": one.pair_id, "verdict": "different", "by": "李专员", "note": "=1+1 见 [redacted]", "at": "",
        "left": "", "right": "", "records_exist": True, "split_id": None,
    }  # fmt: skip
    path = exported(twins)
    (line,) = rows(path)
    named = {(line["left_partner"], line["left_staff_no"]), (line["right_partner"], line["right_staff_no"])}
    assert named == {("postal", "T00001"), ("didi", "D1")}
    assert (line["verdict"], line["decided_by"], line["note"]) == ("different", "李专员", "'=1+1 见 [redacted]")
    assert "王建" not in path.read_text(encoding="utf-8")
    assert twins.ask("select actor, subject, details from audit_log where action = 'export'") == [
        ("李专员", "judgements", {"judgements": 1, "gone": 0})
    ]


def test_a_file_taken_over_gives_the_same_words_and_persons_and_again_changes_nothing(twins: Office) -> None:
    pair = only_pair(twins)
    judge(twins, pair, "same", **WHO)
    (before,), persons, path = on_record(twins), owners(twins), exported(twins)
    assert (take_over(twins, path).new, take_over(twins, path).matched) == (0, None)
    undo(twins, pair, **WHO)
    assert owners(twins) != persons
    found = take_over(twins, path)
    assert (found.judgements, found.new, found.unchanged, found.matched.review_pending) == (1, 1, 0, 0)
    assert on_record(twins) == [before] and owners(twins) == persons
    left = state(twins)
    assert take_over(twins, path).unchanged == 1
    assert state(twins) == left and exported(twins, "again.csv").read_bytes() == path.read_bytes()
    actor, reason, details = twins.ask(
        "select actor, reason, details from audit_log where action = 'decision' order by seq desc limit 1"
    )[0]
    assert (actor, reason, details["verdict"], details["decided_by"]) == ("赵专员", "旧系统迁入", "same", "李专员")


def test_a_file_saved_by_a_spreadsheet_is_read_and_an_unsure_word_may_be_made_sure(twins: Office) -> None:
    judge(twins, only_pair(twins), "unsure", **WHO)
    path = written(
        twins, ("didi", "D1", "postal", "T00001", "same", "王主任", "'=见证明", ""), end="\r\n", encoding="utf-8-sig"
    )
    assert take_over(twins, path).new == 1
    (one,) = on_record(twins)
    assert (one.verdict, one.by, one.note) == ("same", "王主任", "=见证明")
    assert owners(twins)["D1"] == owners(twins)["T00001"]


SAME, APART = ("postal", "T00001", "didi", "D1", *SAID), ("postal", "T00001", "didi", "D1", "different", *SAID[1:])
GOOD = ("postal", "T00008", "postal", "T00009", "different", *SAID[1:])
REFUSED: list[tuple[str, list[Any], str]] = [
    ("an unknown record", [GOOD, ("postal", "T77777", "didi", "D1", *SAID)], r"line 3: no roster names"),
    ("an unknown record id", [GOOD, ("", "0" * 32, "didi", "D1", *SAID)], r"line 3: no roster names"),
    ("no record id", [("", "T00001", "didi", "D1", *SAID)], r"line 2: a record without a partner"),
    ("a verdict that is none", [GOOD, ("postal", "T00001", "didi", "D1", "maybe", *SAID[1:])], r"line 3: a verdict is"),
    ("two verdicts on a pair", [GOOD, SAME, ("didi", "D1", "postal", "T00001", "unsure", *SAID[1:])], r"line 4: line 3"),
    ("two document numbers", [GOOD, ("postal", "T00007", "postal", "T00008", *SAID)], r"line 3: two valid document"),
    ("two document numbers, carried over",
     [("postal", "T00007", "didi", "D2", *SAID), ("didi", "D2", "postal", "T00009", *SAID)], r"line 3: two valid document"),
    ("a contradiction carried over",
     [("postal", "T00001", "didi", "D1", *SAID), ("didi", "D1", "didi", "D2", *SAID),
      ("postal", "T00001", "didi", "D2", "different", *SAID[1:])], r"line 4: its records are one person"),
    ("the same the other way round",
     [("postal", "T00001", "didi", "D2", "different", *SAID[1:]), ("postal", "T00001", "didi", "D1", *SAID),
      ("didi", "D1", "didi", "D2", *SAID)], r"line 4: its people were told apart"),
    ("a record with itself", [("didi", "D1", "didi", "D1", *SAID)], r"line 2: both sides are one record"),
    ("too few cells", [GOOD, ("postal", "T00001", "didi", "D1", "same")], r"line 3: 5 cells, 8 are needed"),
    ("an open quote", [GOOD, 'postal,T00001,didi,D1,same,王主任,"见证明,'], r"line 3: quotes that do not close"),
    ("a blank line inside", ["", GOOD], r"line 2: 0 cells"),
    ("a zero byte", [("postal", "T00001", "didi", "D1", "same", "王主任", "见\x00证明", "")], r"line 2: control char"),
    ("nobody decided", [("postal", "T00001", "didi", "D1", "same", " ", "见证明", "")], r"line 2: a judgement says who"),
    ("a mobile in the note", [("postal", "T00001", "didi", "D1", "same", "王主任", "13900000007", "")], r"line 2: the note"),
    ("a day without an hour", [("postal", "T00001", "didi", "D1", "same", "王", "见", "2026-10-01")], r"line 2: decided_at"),
    ("no date", [("postal", "T00001", "didi", "D1", "same", "王", "见", "昨天")], r"line 2: decided_at"),
    ("no line", [], "holds no judgement"),
]  # fmt: skip


def test_a_file_with_a_fault_is_refused_whole_naming_the_line(twins: Office) -> None:
    before = state(twins)
    for what, lines, words in REFUSED:
        with pytest.raises(UsageError, match=words) as refused:
            take_over(twins, written(twins, *lines))
        assert state(twins) == before, what
        for value in ("T77777", "T00007", "13900000007"):
            assert value not in str(refused.value)


NO_FILE: list[tuple[str, bytes, str]] = [
    ("empty", b"", "holds no judgement"),
    ("another table", b"a,b\n1,2\n", "line 1: the columns are"),
    (
        "GB18030",
        (",".join(HEADER) + "\npostal,T00001,didi,D1,same,王主任,核实,\n").encode("gb18030"),
        "line 2: not UTF-8",
    ),
    ("UTF-16", (",".join(HEADER) + "\n").encode("utf-16"), "line 1: not UTF-8"),
    ("too large", b"x" * (33 << 20), "larger than 32 MiB"),
    ("too many lines", (",".join(HEADER) + "\n" + "x\n" * 50_001).encode(), "line 50002: more than 50000"),
]


@pytest.mark.parametrize(("content", "words"), [row[1:] for row in NO_FILE], ids=[row[0] for row in NO_FILE])
def test_a_file_that_is_none_is_refused_before_anything_is_asked(tmp_path: Path, content: bytes, words: str) -> None:
    path = tmp_path / "in.csv"
    path.write_bytes(content)
    with pytest.raises(UsageError, match=words):
        read_lines(path)


def test_a_line_against_a_word_on_record_is_refused_and_says_what_comes_first(twins: Office) -> None:
    pair = only_pair(twins)
    judge(twins, pair, "different", **WHO)
    before = state(twins)
    with pytest.raises(
        UsageError, match=f"line 3: the judgement on record is different; run `talentpool review undo {pair}`"
    ):
        take_over(twins, written(twins, GOOD, SAME))
    through = [("postal", "T00001", "didi", "D2", *SAID), ("didi", "D2", "didi", "D1", *SAID)]
    with pytest.raises(UsageError, match="line 3: its people were told apart"):
        take_over(twins, written(twins, *through))
    assert state(twins) == before
    assert take_over(twins, written(twins, APART, GOOD)).new == 1
    with pytest.raises(UsageError, match="who answers for it"):
        import_judgements(twins, written(twins, GOOD), by="赵", note=" ")


def test_what_was_judged_of_a_record_that_is_no_more_is_kept_shown_and_goes_round(twins: Office) -> None:
    judge(twins, only_pair(twins), "same", **WHO)
    whole = exported(twins, "whole.csv")
    with twins.engine.begin() as conn:
        conn.execute(source_record.delete().where(source_record.c.staff_no == "D1"))
    match(twins.engine, twins.keys, full=True)
    (one,) = on_record(twins)
    assert one.gone and not one.as_json()["records_exist"]
    (line,) = rows(exported(twins))
    gone = str(record_id(twins.keys, "didi", "D1"))
    assert {("", gone), ("postal", "T00001")} == {
        (line["left_partner"], line["left_staff_no"]), (line["right_partner"], line["right_staff_no"])
    }  # fmt: skip
    before = state(twins)
    assert take_over(twins, exported(twins)).unchanged == take_over(twins, whole).unchanged == 1
    assert state(twins) == before
    told = examined(twins)
    assert told.status == "warn" and "1 of 1 judgements speak of records that are no more" in told.said
    undo(twins, one.pair_id, **WHO)
    with pytest.raises(UsageError, match="line 2: no roster names one of its records"):
        take_over(twins, whole)
    assert on_record(twins) == []


def test_an_erased_person_takes_the_judgements_along_and_an_old_file_does_not_bring_them_back(twins: Office) -> None:
    judge(twins, only_pair(twins), "different", **WHO)
    path = exported(twins)
    withdraw(
        twins,
        "didi:D1",
        by="李专员",
        reason="本人申请",
        received_on=date(2026, 11, 1),
    )
    assert on_record(twins) == []
    with pytest.raises(UsageError, match="line 2: no roster names one of its records"):
        take_over(twins, path)


def test_a_different_survives_twelve_months_of_rosters(office: Office) -> None:
    deliver_twins(office, "2025-10-31")
    judge(office, only_pair(office), "different", **WHO)
    said = on_record(office)
    for month in range(1, 13):
        same = person(1, name="王建国", **TWINS, staff_no="D1", station=f"第{month}站")
        office.deliver(f"2026-{month:02d}-28", [same, person(20, staff_no="D2")], partner="didi")
        match(office.engine, office.keys, full=month % 6 == 0)
        assert owners(office)["D1"] != owners(office)["T00001"], month
    assert on_record(office) == said


def test_a_word_that_a_later_document_overrules_is_named_by_the_doctor(twins: Office) -> None:
    pair = only_pair(twins)
    judge(twins, pair, "same", **WHO)
    known = TWINS | {"birth_date": ""}
    first = person(1, name="王建国", **known | {"document_no": document(11, "1990-05-05")})
    second = person(2, staff_no="D1", name="王建军", **known | {"document_no": document(13, "1990-05-05")})
    twins.deliver("2026-11-30", [first, *(person(n) for n in (7, 8, 9))], partner="postal")
    twins.deliver("2026-11-30", [second, person(20, staff_no="D2")], partner="didi")
    match(twins.engine, twins.keys)
    assert owners(twins)["D1"] != owners(twins)["T00001"]
    told = examined(twins)
    assert told.status == "warn" and pair in told.do


def test_the_command_line_lists_writes_and_takes_over(twins: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TALENTPOOL_KEYS", str(twins.settings.keys_dir))
    run: Callable[..., Any] = lambda *words: CliRunner().invoke(cli, ["review", *words], standalone_mode=False)  # noqa: E731
    judge(twins, only_pair(twins), "same", **WHO)
    path = twins.folder / "sub" / "out.csv"
    assert json.loads(run("export", str(path)).stdout) == {"judgements": 1, "file": str(path)}
    assert path.stat().st_mode & 0o077 == 0
    listed = json.loads(run("judgements", "--limit", "5").stdout)
    assert (listed["on_record"], listed["gone"], len(listed["judgements"])) == (1, 0, 1)
    assert json.loads(run("judgements", "--gone").stdout)["judgements"] == []
    before = run("decisions", "--limit", "5")
    assert json.loads(before.stdout)["decisions"] == listed["judgements"], "the name and the key of the release before"
    assert before.stderr.count("`review judgements`") == 1
    undo(twins, listed["judgements"][0]["pair_id"], **WHO)
    imported = json.loads(run("import", str(path), "--by", "赵专员", "--note", "迁入").stdout)
    assert (imported["judgements"], imported["new"], imported["matched"]["review_pending"]) == (1, 1, 0)
    assert isinstance(run("import", str(path.parent / "none.csv"), "--by", "赵", "--note", "x").exception, UsageError)
