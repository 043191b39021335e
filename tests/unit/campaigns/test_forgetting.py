"""Whoever takes a person off the lists waits for who works on them, and does not decide by what stood there before."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

import pytest
import sqlalchemy as sa

from talentpool.campaigns import draw, lists
from talentpool.campaigns.forgetting import stop_in_lists
from talentpool.campaigns.round import Round
from talentpool.declare import Campaign
from talentpool.guard import KeyRing
from talentpool.model import target_list
from talentpool.office import Office
from talentpool.settings import Settings

AS_OF = date(2026, 10, 31)


def test_a_draft_that_was_locked_meanwhile_is_not_dropped(
    engine: sa.Engine, keys: KeyRing, settings: Settings, city, warm_winter: Campaign, monkeypatch: pytest.MonkeyPatch
) -> None:
    person = city.person("甲乙丙一")
    drawn = draw(Office(engine, settings, keys), warm_winter, AS_OF).list_id
    wait = lists.serialize_all

    def locked_by_who_was_first(conn: sa.Connection, rounds: Iterable[tuple[str, str]]) -> None:
        monkeypatch.undo()
        with engine.begin() as first:
            lists.lock(first, Round.on(warm_winter, AS_OF), lists.find(first, drawn))
        wait(conn, rounds)

    monkeypatch.setattr(lists, "serialize_all", locked_by_who_was_first)
    with engine.begin() as conn:
        found = stop_in_lists(conn, person, [])
        assert conn.scalar(sa.select(target_list.c.state).where(target_list.c.list_id == drawn)) == "locked"
    assert (found.cut, found.flagged, found.judged) == ([], [drawn], [drawn])


def test_several_lists_are_waited_for_in_one_order(engine: sa.Engine) -> None:
    """Else two who take the same ones in another order wait for each other."""
    asked: list[str] = []

    def note(_conn: object, _cursor: object, statement: str, values: dict[str, str], *_: object) -> None:
        if "FOR UPDATE" in statement:
            asked.extend(values.values())

    sa.event.listen(engine, "before_cursor_execute", note)
    with engine.begin() as conn:
        lists.serialize_all(conn, [("warm", "2026"), ("cool", "2027"), ("cool", "2026")])
    assert asked == ["list:cool|2026", "list:cool|2027", "list:warm|2026"]
