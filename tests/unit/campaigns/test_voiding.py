"""A wrong list or pool is declared void by two people, and what was made from it says so."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest
import sqlalchemy as sa

from talentpool.campaigns import draw
from talentpool.campaigns.lists import find
from talentpool.campaigns.release.files import write_files
from talentpool.campaigns.voiding import Voided, void_list, void_pool, words
from talentpool.declare import Campaign
from talentpool.errors import RefusedError, UsageError
from talentpool.guard import KeyRing
from talentpool.model import audit_log, pool_snapshot, target_list
from talentpool.office import Office
from talentpool.pool import stale_dates
from talentpool.services.desk.counts import newest_snapshot
from talentpool.settings import Settings

AS_OF = date(2026, 10, 31)
WHY = "数据日期写错"


@pytest.fixture
def locked(engine: sa.Engine, keys: KeyRing, settings: Settings, city, warm_winter: Campaign) -> int:
    city.person("甲乙丙一")
    return draw(Office(engine, settings, keys), warm_winter, AS_OF, lock=True).list_id


def state(engine: sa.Engine, list_id: int) -> str:
    with engine.connect() as conn:
        return str(conn.scalar(sa.select(target_list.c.state).where(target_list.c.list_id == list_id)))


def test_one_person_cannot_and_the_second_does(engine: sa.Engine, settings: Settings, locked: int) -> None:
    first = void_list(Office(engine, settings), locked, by="王主任", reason=WHY)
    assert (first.void, first.said_by, state(engine, locked)) == (False, ("王主任",), "locked")
    for same in ("王主任", " 王主任 "):
        with pytest.raises(RefusedError, match="已经提出作废，须由另一人"):
            void_list(Office(engine, settings), locked, by=same, reason=WHY)
    done = void_list(Office(engine, settings), locked, by="李科长", reason="已核对")
    assert (done.void, done.said_by, state(engine, locked)) == (True, ("王主任", "李科长"), "void")
    with pytest.raises(UsageError, match="已经作废"):
        void_list(Office(engine, settings), locked, by="李科长", reason="已核对")
    with engine.connect() as conn:
        assert [(word["said_by"], word["carried_out"]) for word in words(conn)] == [("李科长", True), ("王主任", False)]
        said = sa.select(audit_log.c.actor, audit_log.c.details["void"].astext).where(
            audit_log.c.subject == f"list:{locked}", audit_log.c.action == "decision"
        )
        assert conn.execute(said.order_by(audit_log.c.seq)).all() == [
            ("王主任", "asked"), ("李科长", "done"), ("李科长", "list")
        ]  # fmt: skip


def test_a_void_list_frees_its_round_and_is_not_written_again(
    engine: sa.Engine, keys: KeyRing, settings: Settings, city, warm_winter: Campaign, locked: int, tmp_path: Path
) -> None:
    with engine.connect() as conn:
        stored = find(conn, locked)
    write_files(Office(engine, settings, keys), stored, settings.lists_dir, (), by="王主任")
    sheets = list(settings.lists_dir.iterdir())
    assert sheets
    assert _by_two(engine, settings, locked).files == tuple(sorted(path.name for path in sheets))
    assert not list(settings.lists_dir.iterdir()), "nobody hands them out any more"
    with pytest.raises(UsageError, match="作废"):
        write_files(Office(engine, settings, keys), stored, tmp_path, (), by="王主任")
    again = draw(Office(engine, settings, keys), warm_winter, AS_OF, lock=True)
    assert again.list_id != locked and (again.state, again.selected) == ("locked", 1)
    assert state(engine, locked) == "void"


def test_a_pool_goes_with_its_lists_and_no_page_shows_it(engine: sa.Engine, settings: Settings, locked: int) -> None:
    counted = {partner: {"as_of": AS_OF.isoformat(), "publish_seq": 1} for partner in ("didi", "postal")}
    with engine.begin() as conn:
        conn.execute(pool_snapshot.update().values(partners=counted))
    first = void_pool(Office(engine, settings), AS_OF, by="王主任", reason=WHY)
    assert (first.void, first.lists) == (False, (locked,))
    with engine.connect() as conn:
        assert newest_snapshot(conn) is not None
        assert stale_dates(conn, AS_OF) == []
    done = void_pool(Office(engine, settings), AS_OF, by="李科长", reason="已核对")
    assert (done.void, done.lists, state(engine, locked)) == (True, (locked,), "void")
    with engine.connect() as conn:
        assert newest_snapshot(conn) is None
        assert stale_dates(conn, AS_OF) == [], "no run makes it anew by itself"
        assert conn.scalar(sa.select(sa.func.count()).select_from(pool_snapshot)) > 0, "nothing is deleted"
    with pytest.raises(UsageError, match="已经作废"):
        void_pool(Office(engine, settings), AS_OF, by="王主任", reason=WHY)


def test_a_draft_and_a_word_without_a_reason_are_refused(
    engine: sa.Engine, keys: KeyRing, settings: Settings, city, warm_winter: Campaign
) -> None:
    city.person("甲乙丙一")
    drawn = draw(Office(engine, settings, keys), warm_winter, AS_OF)
    attempts: list[Callable[[], Voided]] = [
        lambda: void_list(Office(engine, settings), drawn.list_id, by="王", reason=WHY),
        lambda: void_list(Office(engine, settings), 999, by="王", reason=WHY),
        lambda: void_list(Office(engine, settings), drawn.list_id, by="王", reason=" "),
        lambda: void_pool(Office(engine, settings), date(2020, 1, 1), by="王", reason=WHY),
    ]
    for attempt in attempts:
        with pytest.raises(UsageError):
            attempt()
    with engine.connect() as conn:
        assert words(conn) == []


def _by_two(engine: sa.Engine, settings: Settings, list_id: int) -> Voided:
    void_list(Office(engine, settings), list_id, by="王主任", reason=WHY)
    return void_list(Office(engine, settings), list_id, by="李科长", reason="已核对")
