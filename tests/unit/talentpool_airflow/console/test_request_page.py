"""What the page of one request says of lists: what holds, and nothing of a request that was revoked beside it."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest

from talentpool.services.rights.journal import Entry, Step
from talentpool_airflow.console.pages.request import _is_ready, _of_lists

NOW = datetime(2026, 11, 20, tzinfo=UTC)


def entry(*steps: str, kind: str = "withdraw", on_paper: bool | None = None, **proof: Any) -> Entry:
    day = date(2026, 11, 20)
    taken = tuple(Step(step, "wang", "", NOW) for step in steps)
    return Entry(1, kind, "person:1", None, on_paper, None, day, day, "wang", "x", proof, None, NOW, taken)


@pytest.mark.parametrize(
    ("one", "told"),
    [
        (entry(lists_cut=[4], lists_flagged=[2, 3]), "草稿 1 份已取消，须重新拟定；已锁定 2 份，表中不再显示此人"),
        (entry(lists_cut=[], lists_flagged=[2]), "已锁定 1 份，表中不再显示此人"),
        (entry("revoked", lists_cut=[], lists_flagged=[2]), ""),
        (entry("revoked", lists_cut=[4], lists_flagged=[2]), "草稿 1 份已取消，须重新拟定"),
        (entry(), ""),
    ],
)
def test_what_became_of_the_lists(one: Entry, told: str) -> None:
    assert _of_lists(one) == told


def test_a_copy_is_ready_once_verified_and_on_paper_once_confirmed() -> None:
    steps: tuple[tuple[str, ...], ...] = ((), ("identity",), ("identity", "confirmed"), ("identity", "revoked"))
    ready = [[_is_ready(entry(*one, kind="access", on_paper=paper)) for one in steps] for paper in (False, True)]
    assert ready == [[False, True, False, False], [False, False, True, False]]
