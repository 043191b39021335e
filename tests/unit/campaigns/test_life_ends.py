"""What a list was drawn from may change before it is locked; what was locked never does. Rounds are cancelled, lists closed."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date
from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from talentpool.campaigns import Approver, draw, known_officer
from talentpool.campaigns.life.acting import cancel, close, resume
from talentpool.campaigns.life.states import NEXT, STATE_WORDS, ListState
from talentpool.campaigns.lists import find
from talentpool.campaigns.selection.exceptions import confirm, end, propose
from talentpool.campaigns.voiding import void_list
from talentpool.declare import Campaign
from talentpool.errors import RefusedError, UsageError
from talentpool.guard import add_officer, remove_officer
from talentpool.model import person_redirect, pool_person, target_list, target_row
from talentpool.office import Office

AS_OF, TODAY = date(2026, 10, 31), date(2026, 12, 31)
RIVER, HILL = "140403", "140404"
CYCLE = "2026"
CITY = Approver("qian", frozenset({"city_approver"}))
OFFICER = Approver("sun", frozenset({"city_officer"}))
RIVERS, HILLS = (Approver(f"c{code}", frozenset({f"county_officer_{code}"})) for code in (RIVER, HILL))


def state(town: Office, list_id: int) -> str:
    with town.engine.connect() as conn:
        return find(conn, list_id).state


def test_a_cancelled_round_is_not_drawn_until_it_is_resumed(
    town: Office, careful: Campaign, say: Callable[..., Any]
) -> None:
    drawn = draw(town, careful, AS_OF, by="li")
    say(drawn.list_id, RIVERS)
    with pytest.raises(UsageError, match="理由"):
        cancel(town, careful, CYCLE, OFFICER, reason=" ")
    with pytest.raises(RefusedError):
        cancel(town, careful, CYCLE, CITY, reason="物资未到")
    cancel(town, careful, CYCLE, OFFICER, reason="物资未到")
    assert state(town, drawn.list_id) == "cancelled"
    for lock in (False, True):
        with pytest.raises(UsageError, match="取消"):
            draw(town, careful, AS_OF, lock=lock, by="li")
    with pytest.raises(UsageError, match="已取消"):
        say(drawn.list_id, HILLS)
    resume(town, careful, CYCLE, OFFICER, reason="物资已到")
    assert say(drawn.list_id, HILLS).state == "county_approved"


def test_a_locked_list_is_closed_not_cancelled(town: Office, warm_winter: Campaign) -> None:
    drawn = draw(town, warm_winter, AS_OF, lock=True)
    with pytest.raises(UsageError, match="作废"):
        cancel(town, warm_winter, CYCLE, OFFICER, reason="错了")
    close(town, drawn.list_id, OFFICER, reason="已发完")
    assert draw(town, warm_winter, AS_OF, lock=True).state == "closed"
    with pytest.raises(UsageError, match="已办结"):
        close(town, drawn.list_id, OFFICER, reason="再来")


def test_what_a_list_was_drawn_from_changed_before_the_lock(
    town: Office, careful: Campaign, say: Callable[..., Any], city: Any
) -> None:
    drawn = draw(town, careful, AS_OF, by="li")
    for who in (RIVERS, HILLS, CITY):
        say(drawn.list_id, who)
    with pytest.raises(UsageError, match="活动声明改过"):
        draw(town, careful.model_copy(update={"item": "别的"}), AS_OF, lock=True, by="li")
    with town.engine.begin() as conn:
        conn.execute(person_redirect.insert(), {"old_id": city.people["河边0"], "new_id": city.people["河边1"]})
    with pytest.raises(UsageError, match="其中 1 人被认定与另一人是同一人"):
        draw(town, careful, AS_OF, lock=True, by="li")
    with town.engine.begin() as conn:
        conn.execute(person_redirect.delete())
        conn.execute(sa.text("update pool_snapshot set void = true"))
    with pytest.raises(UsageError, match="人才库已经作废"):
        draw(town, careful, AS_OF, lock=True, by="li")
    assert state(town, drawn.list_id) == "city_approved"


def test_an_exception_that_changed_after_the_draft_is_drawn_before_the_lock(
    town: Office, warm_winter: Campaign, city: Any, say: Callable[..., Any]
) -> None:
    careful = warm_winter.model_copy(update={"approvals": ("city_approver",)})
    drawn = draw(town, careful, AS_OF, by="li")
    say(drawn.list_id, CITY)
    more = {"reason": "declined", "until": TODAY, "by": OFFICER, "today": TODAY}
    number = propose(town, careful, city.people["河边0"], "out", **more)
    confirm(town, number, CITY)
    with pytest.raises(UsageError, match="登记的例外（列入或不列入）有变动"):
        draw(town, careful, AS_OF, lock=True, by="li")
    again = draw(town, careful, AS_OF, by="li")
    assert again.excluded == {"out_by_hand": 1}
    say(again.list_id, CITY)
    end(town, number, OFFICER)
    with pytest.raises(UsageError, match="有变动"):
        draw(town, careful, AS_OF, lock=True, by="li")
    say(draw(town, careful, AS_OF, by="li").list_id, CITY)
    assert draw(town, careful, AS_OF, lock=True, by="li").selected == 5


def test_an_exception_that_changes_nothing_is_no_reason_once_it_was_looked_at(
    town: Office, careful: Campaign, city: Any, say: Callable[..., Any]
) -> None:
    drawn = draw(town, careful, AS_OF, by="li")
    for who in (RIVERS, HILLS, CITY):
        say(drawn.list_id, who)
    more = {"reason": "declined", "until": TODAY, "by": OFFICER, "today": TODAY}
    confirm(town, propose(town, careful, UUID(int=9), "out", **more), CITY)  # of somebody who is not in the pool
    assert draw(town, careful, AS_OF, by="li").list_id == drawn.list_id, "equal, with its approvals"
    assert draw(town, careful, AS_OF, lock=True, by="li").list_id == drawn.list_id


@pytest.mark.parametrize(("stock", "left"), [(None, 3), ({"total": 4}, 2)])
def test_a_voided_list_is_drawn_anew_beside_its_supplement_and_serves_nobody_twice(
    town: Office, warm_winter: Campaign, city: Any, stock: Any, left: int
) -> None:
    """Two of four kits are with the supplement's people; the list that takes the place of the first has two."""
    declared = warm_winter.model_validate({**warm_winter.model_dump(), "stock": stock})
    late = [city.people[name] for name in ("山上0", "山上1")]
    with town.engine.begin() as conn:
        conn.execute(pool_person.update().where(pool_person.c.person_id.in_(late)).values(active=False))
    first = draw(town, declared.model_copy(update={"stock": None}), AS_OF, lock=True)
    with town.engine.begin() as conn:
        conn.execute(pool_person.update().values(active=True))
    assert draw(town, declared.model_copy(update={"stock": None}), AS_OF, lock=True, supplement=True).selected == 2
    for by in ("li", "wang"):
        void_list(town, first.list_id, by=by, reason="错了")
    again = draw(town, declared, AS_OF)
    assert (again.selected, again.excluded["served_already"]) == (left, 2)


def test_the_database_lets_a_list_go_only_where_it_may(town: Office, careful: Campaign) -> None:
    drawn = draw(town, careful, AS_OF, by="li")
    lock = target_list.update().values(state="locked", locked_at=sa.func.now())
    with town.engine.begin() as conn, pytest.raises(IntegrityError, match="lacks an approval"):
        conn.execute(lock)
    for old in ListState:
        for new in set(ListState) - NEXT[old] - {old}:
            with town.engine.connect() as conn:
                conn.execute(sa.text("set session_replication_role = replica"))  # past the triggers, to begin there
                conn.execute(target_list.update().values(state=old))
                conn.execute(sa.text("delete from list_step"))
                conn.execute(sa.text("set session_replication_role = origin"))
                with pytest.raises(IntegrityError, match="cannot become"):
                    conn.execute(target_list.update().values(state=new))
    assert state(town, drawn.list_id) == "draft"
    assert set(STATE_WORDS) == {"planned", *ListState}


def test_nothing_of_a_locked_list_changes(town: Office, warm_winter: Campaign) -> None:
    drawn = draw(town, warm_winter, AS_OF, lock=True)
    changes = [
        target_list.update().values(selected=1),
        target_list.update().values(passport={}),
        target_list.delete(),
        target_row.update().values(selected=False),
        target_row.update().values(station="别处"),
        target_row.delete(),
        sa.text(
            "insert into target_row select list_id, gen_random_uuid(), row_id, selected, reason, county, partner, station,"
            " record_id, facts from target_row limit 1"
        ),
        sa.text("update list_decision set comment = 'x'"),
        sa.text("delete from list_decision"),
    ]
    for change in changes:
        with town.engine.begin() as conn, pytest.raises(IntegrityError):
            conn.execute(change)
    assert state(town, drawn.list_id) == "locked"


@pytest.fixture
def known(town: Office) -> Iterator[Approver]:
    with town.engine.begin() as conn:
        add_officer(conn, "tknown", "city_approver", counties=[], by="admin")
    with town.engine.connect() as conn:
        yield known_officer(conn, " TKnown ")
    with town.engine.begin() as conn:
        remove_officer(conn, "tknown", by="admin")


def test_the_command_line_knows_who_may_from_the_offices_table(town: Office, known: Approver) -> None:
    assert known == Approver("tknown", frozenset({"city_approver"}))
    with town.engine.connect() as conn, pytest.raises(RefusedError, match="不在职务登记表"):
        known_officer(conn, "王")
