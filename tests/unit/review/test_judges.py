"""Who may say whether two records are one person: whoever the office knows to judge, by every door."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

import pytest

from rosters import Office, deliver_pair
from talentpool.errors import RefusedError, UsageError
from talentpool.match import links
from talentpool.model import officer
from talentpool.review import export_judgements, import_judgements, judge, split, undo

ROLES = {"chen": "city_officer", "wang": "county_officer_140403", "zhao": "city_approver", "sun": "auditor",
         "zhou": "operator", "gone": "city_officer"}  # fmt: skip


@pytest.fixture
def pair(office: Office) -> str:
    """The id of a pair that was judged, in an office that knows its officers."""
    waiting = deliver_pair(office)
    with office.engine.begin() as conn:
        for name, role in ROLES.items():
            conn.execute(officer.insert(), {"name": name, "login": f"officer_{name}", "role": role, "added_by": "admin",
                                            "removed_at": datetime.now(UTC) if name == "gone" else None})  # fmt: skip
    judge(office, waiting, "same", by="chen", note="x")
    return waiting


def test_who_is_not_there_to_judge_is_refused_and_nothing_changes(office: Office, pair: str, tmp_path: Path) -> None:
    path = tmp_path / "out.csv"
    with path.open("w", encoding="utf-8", newline="") as stream:
        export_judgements(office.engine, stream, by="chen")
    path.write_text(path.read_text(encoding="utf-8").replace(",same,", ",unsure,"), encoding="utf-8")
    ((_, _, whole), _) = links(office.engine)
    doors: dict[str, tuple[Callable[[str], object], set[str]]] = {
        "judge": (lambda by: judge(office, pair, "same", by=by, note="x"), {"wang"}),
        "undo": (lambda by: undo(office, pair, by=by, note="x"), set()),
        "split": (lambda by: split(office, UUID(whole), [], by=by, note="x"), {"wang"}),
        "import": (lambda by: import_judgements(office, path, by=by, note="x"), set()),
    }
    state = "select * from edge", "select * from record_person", "select * from audit_log"
    before = [office.ask(query) for query in state]
    for name, (door, may) in doors.items():
        for who in ROLES.keys() - {"chen"} - may:
            for by in (who, f" {who.upper()} "):
                with pytest.raises(RefusedError, match="not an officer any more" if who == "gone" else ROLES[who]):
                    door(by)
                assert [office.ask(query) for query in state] == before, (name, who)


def test_a_county_judges_and_the_city_takes_back_and_takes_over(office: Office, pair: str, tmp_path: Path) -> None:
    path = tmp_path / "out.csv"
    with path.open("w", encoding="utf-8", newline="") as stream:
        export_judgements(office.engine, stream, by="chen")
    undo(office, pair, by="chen", note="x")
    for _ in range(2):  # one's own judgement is anybody's to take back
        assert judge(office, pair, "unsure", by="wang", note="x").verdict == "unsure"
        undo(office, pair, by=" Wang", note="x")
    assert import_judgements(office, path, by="chen", note="x").new == 1
    ((_, _, whole), _) = links(office.engine)
    assert len(split(office, UUID(whole), [], by="wang", note="x")) == 2


def test_who_takes_back_what_nobody_said_is_told_so(office: Office, pair: str) -> None:
    undo(office, pair, by="chen", note="x")
    for by in ("chen", "wang"):
        with pytest.raises(UsageError, match="nothing to take back"):
            undo(office, pair, by=by, note="x")
