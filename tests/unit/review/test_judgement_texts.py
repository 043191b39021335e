"""What somebody wrote of a pair: numbers of people in it are not kept, not shown, and do not leave in a file."""

from __future__ import annotations

import json
from pathlib import Path
from uuid import UUID

import pytest
from click.testing import CliRunner

from rosters import Office, deliver_pair
from talentpool.__main__ import cli
from talentpool.errors import ConflictError, UsageError
from talentpool.match import links
from talentpool.review import (
    explain_pair,
    explain_person,
    export_judgements,
    import_judgements,
    judge,
    judgements,
    split,
    undo,
)
from talentpool.review.judgement_file import Line, Side, read_lines, write_lines

MOBILE, NUMBER, NAME = "13900000007", "14019919900505001X", "王小明"
TOLD = f"姓名：{NAME}，{NUMBER} 与 {MOBILE}"


@pytest.fixture
def pair(office: Office) -> str:
    """The id of a pair of two that may be one person."""
    return deliver_pair(office)


def told(text: str) -> bool:
    """Whether a text tells something of a person."""
    return any(value in text for value in (MOBILE, NUMBER, NAME))


def exported(office: Office) -> Path:
    path = office.folder / "out.csv"
    with path.open("w", encoding="utf-8", newline="") as stream:
        export_judgements(office.engine, stream, by="李专员")
    return path


def test_what_is_written_with_a_word_is_kept_without_numbers_of_people(office: Office, pair: str) -> None:
    judge(office, pair, "same", by="李专员", note=TOLD)
    whole = UUID(next(iter({person_id for _, _, person_id in links(office.engine)})))
    undo(office, pair, by="李专员", note=TOLD)
    judge(office, pair, "same", by="李专员", note=TOLD)
    split(office, whole, [], by="李专员", note=TOLD)
    kept = office.ask("select note, decided_by from edge where rule = 'human'")
    logged = office.ask("select reason from audit_log where action = 'decision'")
    assert len(logged) == 4 and kept[0][0].startswith("姓名：[redacted]")
    assert not told(repr((kept, logged)))


def test_what_an_older_release_kept_is_shown_and_written_without_numbers_of_people(
    office: Office, pair: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    judge(office, pair, "same", by="李专员", note="x")
    with office.engine.begin() as conn:
        conn.exec_driver_sql("update edge set note = %s, decided_by = %s where rule = 'human'", (TOLD, f"李 {MOBILE}"))
    whole = UUID(next(iter({person_id for _, _, person_id in links(office.engine)})))
    with office.engine.begin() as conn:
        (one,) = judgements(conn)
        shown = [one.as_json(), repr(one), explain_pair(conn, office.keys, pair)["judgements"],
                 (explain_person(conn, office.keys, whole) or {})["judgements"]]  # fmt: skip
    with pytest.raises(ConflictError) as refused:
        judge(office, pair, "different", by="王主任", note="x")
    with pytest.raises(UsageError, match="judged a pair of this person") as contrary:
        split(office, whole, [], by="王主任", note="x", heeding=True)
    monkeypatch.setenv("TALENTPOOL_KEYS", str(office.settings.keys_dir))
    listed = CliRunner().invoke(cli, ["review", "judgements"], standalone_mode=False).stdout
    texts = [json.dumps(part, ensure_ascii=False, default=str) for part in shown]
    for text in (*texts, str(refused.value), str(contrary.value), listed, exported(office).read_text(encoding="utf-8")):
        assert "李 [redacted]" in text and not told(text)


@pytest.mark.parametrize("note", [TOLD, f"{NUMBER}{MOBILE}", "见 139\u200b00000007", f"={MOBILE}", "见\n证明"])
def test_what_was_written_out_is_taken_over_again_and_changes_nothing(office: Office, pair: str, note: str) -> None:
    judge(office, pair, "different", by="李专员", note="x")
    with office.engine.begin() as conn:
        conn.exec_driver_sql("update edge set note = %s, decided_by = %s where rule = 'human'", (note, f"李 {MOBILE}"))
    path = exported(office)
    assert not told(path.read_text(encoding="utf-8"))
    before = office.ask("select * from edge where rule = 'human'")
    found = import_judgements(office, path, by="赵专员", note=TOLD)
    assert (found.unchanged, found.new) == (1, 0)
    assert office.ask("select * from edge where rule = 'human'") == before
    undo(office, pair, by="李专员", note="x")
    assert import_judgements(office, path, by="赵专员", note=TOLD).new == 1
    assert office.ask("select verdict, decided_by from edge where rule = 'human'") == [("different", "李 [redacted]")]
    again = path.read_bytes()
    assert exported(office).read_bytes() == again
    assert not told(repr(office.ask("select reason, details from audit_log where action = 'decision'")))


def test_a_number_is_not_carried_by_a_sign_that_nobody_sees(tmp_path: Path) -> None:
    path = tmp_path / "out.csv"
    hidden = f"{MOBILE[:3]}\u200b{MOBILE[3:]}"
    with path.open("w", encoding="utf-8", newline="") as stream:
        write_lines(
            stream, [Line(0, Side("didi", "D1"), Side("sf", "S1"), "same", f"李{hidden}", f"见 {hidden}", None)]
        )
    assert not told(path.read_text(encoding="utf-8"))
    (line,) = read_lines(path)
    assert (line.by, line.note) == ("李[redacted]", "见 [redacted]")
