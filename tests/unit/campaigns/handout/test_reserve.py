"""Walk-ins are a count within the reserve; what is gone is gone, whatever becomes of the list."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from uuid import uuid4

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from handing_out import AS_OF, HILL, HILLS, RIVER, RIVERS, SUN, receipts
from receipt_sheets import ids, stands
from talentpool.campaigns import draw
from talentpool.campaigns.handout import events
from talentpool.campaigns.handout.marking import Mark, Told
from talentpool.campaigns.handout.reserve import reserve_left
from talentpool.campaigns.ledger.balance import balance
from talentpool.campaigns.lists import find
from talentpool.campaigns.round import Round
from talentpool.campaigns.selection.coming_back import taken
from talentpool.campaigns.voiding import void_list
from talentpool.declare import Campaign
from talentpool.declare.stock import Stock
from talentpool.errors import UsageError
from talentpool.office import Office


def test_what_went_out_by_a_void_list_is_gone_from_the_reserve(
    town: Office, list_id: int, warm_winter: Campaign, mark: Callable[..., list[Told]]
) -> None:
    mark(Mark(uuid4()), Mark(uuid4()))
    for by in ("sun", "zhang"):
        void_list(town, list_id, by=by, reason="数据日期写错")
    stocked = warm_winter.model_copy(update={"stock": Stock(total=10, reserve=20)})
    anew = draw(town, stocked, AS_OF, lock=True, by="sun").list_id
    with town.engine.connect() as conn:
        assert reserve_left(conn, find(conn, anew), RIVER) == 0


def test_a_follow_up_has_no_parcel_that_a_walk_in_took(
    town: Office, list_id: int, warm_winter: Campaign, mark: Callable[..., list[Told]]
) -> None:
    """Ten parcels: what is out, and what the event still holds, is nobody's on the follow-up."""
    mark(Mark(uuid4()))
    stocked = warm_winter.model_copy(update={"stock": Stock(total=10, reserve=20)})
    with town.engine.connect() as conn:
        meant = taken(conn, replace(Round.on(stocked, AS_OF), supplement=1))
    assert meant.total() == len(ids(town, list_id)) + 2


def test_walk_ins_are_a_count_and_never_above_the_reserve(
    town: Office, list_id: int, event: int, mark: Callable[..., list[Told]]
) -> None:
    told = mark(*(Mark(uuid4()) for _ in range(3)))
    assert [one.code for one in told] == ["taken", "taken", "reserve_empty"]
    with town.engine.begin() as conn:
        assert conn.scalar(sa.text("select count(*) from handout_entry where row_id is null")) == 2
        assert not receipts(town, list_id)
        stored = find(conn, list_id)
        assert reserve_left(conn, stored, RIVER) == 0
    with pytest.raises(IntegrityError, match="reserve is empty"), town.engine.begin() as conn:
        conn.execute(sa.text("insert into handout_entry (entry_key, event_id, pass_id) select gen_random_uuid(), event_id,"
                             " pass_id from handout_pass limit 1"))  # fmt: skip
    with pytest.raises(IntegrityError, match="appended"), town.engine.begin() as conn:
        conn.execute(sa.text("delete from handout_entry"))
    with pytest.raises(UsageError, match="还有 0 份"):
        events.start(town, list_id, HILL, SUN, days=1, reserve=1)
    with town.engine.connect() as conn:
        gone = balance(conn, "warm_winter", "2026")
        walked = conn.scalar(sa.text("select count(*) from handout_entry where row_id is null"))
    assert walked and gone.handed == walked + sum(number for _, number in stands(town, list_id).values())
    assert gone.short == gone.handed and gone.total == 0, "no entry brought them"


def test_what_an_event_did_not_hand_out_of_the_reserve_is_there_for_the_next(
    town: Office, list_id: int, event: int, mark: Callable[..., list[Told]]
) -> None:
    mark(Mark(uuid4()))
    events.end(town, event, RIVERS)
    assert events.start(town, list_id, HILL, HILLS, days=1, reserve=1)
