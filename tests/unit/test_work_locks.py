"""Every lock between our processes has its name in one place, and the name that databases hold already."""

from __future__ import annotations

import ast

from talentpool import locks
from talentpool.settings import INCLUDE

TAKES = {"hold", "try_hold", "held"}


def test_no_lock_is_named_where_it_is_taken() -> None:
    taken, written = 0, []
    for path in (INCLUDE / "talentpool").rglob("*.py"):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        if path.name == "locks.py" or not any(
            isinstance(node, ast.ImportFrom) and node.module == "talentpool.locks" for node in ast.walk(tree)
        ):
            continue
        for call in ast.walk(tree):
            if isinstance(call, ast.Call) and isinstance(call.func, ast.Name) and call.func.id in TAKES:
                taken += 1
                if any(isinstance(given, ast.Constant | ast.JoinedStr) for given in call.args):
                    written.append(f"{path.name}:{call.lineno}")
    assert taken > 20
    assert not written, "name it in talentpool/locks.py, at its place in the order"


def test_names_are_those_that_other_releases_take() -> None:
    assert {name: value for name, value in vars(locks).items() if name.endswith("_LOCK")} == {
        "ROTATION_LOCK": "rotation", "CHANGES_LOCK": "role changes", "REFERENCE_LOCK": "reference",
        "GLOBAL_LOCK": "publish", "MATCH_LOCK": "match", "WEIGHTS_LOCK": "weights", "POOL_LOCK": "pool",
        "CALENDAR_LOCK": "calendar", "ALERTS_LOCK": "alerts", "LETTERS_LOCK": "letters",
    }  # fmt: skip
    assert [
        locks.trial_lock("a"), locks.trial_slot_lock(0), locks.ingest_lock("sf"), locks.acquire_lock("sf"),
        locks.publish_lock("sf"), locks.list_lock("warm", "2026"),
    ] == ["trial|a", "trial slot 0", "ingest:sf", "acquire:sf", "publish:sf", "list:warm|2026"]  # fmt: skip
