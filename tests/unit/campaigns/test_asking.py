"""A question about a list is about what it showed: whatever happens to the list meanwhile, the answer says so."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
import sqlalchemy as sa

from talentpool.campaigns import Approver, draw
from talentpool.campaigns.life.acting import cancel, set_apart
from talentpool.campaigns.life.asking import Place, Share, Standing, answering, asked, asking, counties_on
from talentpool.campaigns.life.deputies import name_deputy
from talentpool.campaigns.life.steps import steps
from talentpool.campaigns.lists import drop
from talentpool.campaigns.planning.dates import round_on
from talentpool.declare import Campaign
from talentpool.errors import ConflictError, RefusedError, UsageError
from talentpool.model import list_decision, pool_person
from talentpool.office import Office

AS_OF, TODAY = date(2026, 10, 31), date(2026, 12, 31)
RIVER, HILL = "140403", "140404"
CITY = Approver("qian", frozenset({"city_approver"}))
OFFICER = Approver("sun", frozenset({"city_officer"}))
RIVERS, HILLS = (Approver(f"c{code}", frozenset({f"county_officer_{code}"})) for code in (RIVER, HILL))
AT = Place("campaign__careful", "run", "county", 0)


def ask(town: Office, campaign: Campaign, share: Share, place: Place = AT) -> Standing:
    with town.engine.begin() as conn, asking(conn, town, place, round_on(town.engine, campaign, AS_OF), share) as found:
        return found


def look(town: Office, campaign: Campaign, share: Share) -> tuple[str, bool]:
    with town.engine.begin() as conn:
        found, as_shown = asked(conn, town, AT, round_on(town.engine, campaign, AS_OF), share)
    return found.where, as_shown


def answer(town: Office, who: Approver, place: Place = AT, *, approve: bool = True, comment: str = "") -> None:
    with town.engine.begin() as conn, answering(conn, town, place, who, TODAY, approve=approve, comment=comment):
        pass


def test_a_county_answers_for_its_share_and_the_answer_is_a_decision(town: Office, careful: Campaign) -> None:
    drawn = draw(town, careful, AS_OF, by="li")
    with town.engine.connect() as conn:
        assert [code for code, _ in counties_on(conn, town, round_on(town.engine, careful, AS_OF))] == [RIVER, HILL]
    shown = ask(town, careful, Share(RIVER))
    assert (shown.where, shown.list_id) == ("waiting", drawn.list_id)
    assert "请潞州区区县专员审批潞州区的份额" in shown.body
    with pytest.raises(RefusedError, match="潞州区区县专员"):
        answer(town, HILLS)
    with pytest.raises(UsageError, match="写明意见"):
        answer(town, RIVERS, approve=False)
    answer(town, RIVERS)
    with town.engine.connect() as conn:
        given = {step.county: step.approved_by for step in steps(conn, drawn.list_id)}
    assert given == {RIVER: "c140403", HILL: None, None: None}
    assert look(town, careful, Share(RIVER))[0] == "approved"
    with pytest.raises(ConflictError, match="已由 c140403 审批"):
        answer(town, RIVERS)


def test_an_answer_that_airflow_refuses_is_taken_back(town: Office, careful: Campaign) -> None:
    drawn = draw(town, careful, AS_OF, by="li")
    ask(town, careful, Share(RIVER))
    refused = {"approve": True, "comment": ""}
    with (
        pytest.raises(RuntimeError),
        town.engine.begin() as conn,
        answering(conn, town, AT, RIVERS, TODAY, **refused),
    ):
        raise RuntimeError
    with town.engine.connect() as conn:
        assert not any(step.approved_by for step in steps(conn, drawn.list_id))
        assert conn.scalar(sa.select(sa.func.count()).select_from(list_decision)) == 0


def test_a_task_that_asked_nothing_is_answered_by_nobody(town: Office, careful: Campaign) -> None:
    draw(town, careful, AS_OF, by="li")
    ask(town, careful, Share(RIVER))
    with pytest.raises(ConflictError, match="没有提出过问题"):
        answer(town, HILLS, Place("campaign__careful", "run", "county", 1))


def test_a_returned_share_waits_and_says_who_returned_it_and_why(town: Office, careful: Campaign) -> None:
    draw(town, careful, AS_OF, by="li")
    ask(town, careful, Share(RIVER))
    answer(town, RIVERS, approve=False, comment="少了一个站点")
    assert look(town, careful, Share(RIVER)) == ("waiting", False), "it is to be asked anew"
    again = ask(town, careful, Share(RIVER))
    assert "已由 c140403 退回：少了一个站点" in again.body
    assert look(town, careful, Share(RIVER)) == ("waiting", True)


def test_a_list_that_was_drawn_anew_is_asked_about_anew(
    town: Office, careful: Campaign, say: Callable[..., Any]
) -> None:
    first = draw(town, careful, AS_OF, by="li")
    ask(town, careful, Share(RIVER))
    with town.engine.begin() as conn:  # somebody of the other county is not in work any more
        gone = sa.select(pool_person.c.person_id).where(pool_person.c.home_county == HILL).limit(1)
        conn.execute(pool_person.update().where(pool_person.c.person_id.in_(gone)).values(active=False))
    second = draw(town, careful, AS_OF, by="li")
    assert second.list_id != first.list_id
    with pytest.raises(ConflictError, match="重新拟定"):
        answer(town, RIVERS)
    assert look(town, careful, Share(RIVER)) == ("waiting", False)
    assert ask(town, careful, Share(RIVER)).list_id == second.list_id
    answer(town, RIVERS)
    assert look(town, careful, Share(RIVER))[0] == "approved"


def test_the_city_is_asked_and_heard_when_no_county_is_missing(
    town: Office, careful: Campaign, say: Callable[..., Any]
) -> None:
    drawn = draw(town, careful, AS_OF, by="li")
    say(drawn.list_id, RIVERS)
    assert "还有区县没有审批：上党区" in ask(town, careful, Share(nth=0)).body
    with pytest.raises(UsageError, match="还有区县没有审批"):
        answer(town, CITY)
    say(drawn.list_id, HILLS)
    ask(town, careful, Share(nth=0))
    with pytest.raises(RefusedError, match="市级审批"):
        answer(town, OFFICER)
    answer(town, CITY)
    assert look(town, careful, Share(nth=0))[0] == "approved"
    assert ask(town, careful, Share(nth=1)).where == "not_needed", "a small list needs one"
    draw(town, careful, AS_OF, lock=True, by="li")
    assert look(town, careful, Share(RIVER))[0] == "approved"


def test_a_deputy_answers_and_who_drew_it_does_not(town: Office, careful: Campaign) -> None:
    draw(town, careful, AS_OF, by="li")
    ask(town, careful, Share(RIVER))
    with pytest.raises(RefusedError, match="您拟定了这份名单"):
        answer(town, Approver("li", frozenset({f"county_officer_{RIVER}"})))
    name_deputy(town, f"county_officer_{RIVER}", HILLS.name, (TODAY, TODAY), RIVERS, TODAY)
    answer(town, HILLS)
    with town.engine.connect() as conn:
        said = conn.execute(sa.select(list_decision.c.decided_by, list_decision.c.role, list_decision.c.county)).one()
    assert tuple(said) == ("c140404", f"deputy of county_officer_{RIVER}", RIVER)


def test_what_is_set_apart_cancelled_or_dropped_ends_the_question(
    town: Office, careful: Campaign, say: Callable[..., Any]
) -> None:
    drawn = draw(town, careful, AS_OF, by="li")
    ask(town, careful, Share(HILL))
    say(drawn.list_id, RIVERS)
    set_apart(town, drawn.list_id, OFFICER, reason="采购截止", counties=[HILL])
    assert look(town, careful, Share(HILL))[0] == "not_needed"
    with pytest.raises(ConflictError, match="区县移出"):
        answer(town, HILLS)
    with town.engine.begin() as conn:
        drop(conn, drawn.list_id)
    assert look(town, careful, Share(HILL))[0] == "gone"
    draw(town, careful, AS_OF, by="li")
    cancel(town, careful, "2026", OFFICER, reason="物资未到")
    assert look(town, careful, Share(HILL))[0] == "cancelled"
    with pytest.raises(ConflictError, match="锁定、取消或重新拟定"):
        answer(town, HILLS)
