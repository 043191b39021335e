"""An officer locks the very draft that was looked at, or nothing."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
import sqlalchemy as sa

from talentpool.campaigns import Approver, draw
from talentpool.campaigns.life.as_seen import lock_as_seen
from talentpool.campaigns.lists import find
from talentpool.declare import Campaign
from talentpool.errors import ConflictError, RefusedError, UsageError, WaitingError
from talentpool.office import Office

AS_OF = date(2026, 10, 31)
SUN = Approver("sun", frozenset({"city_officer"}))
EVERYBODY = [
    Approver("a", frozenset({"county_officer_140403"})),
    Approver("b", frozenset({"county_officer_140404"})),
    Approver("qian", frozenset({"city_approver"})),
]


def test_the_draft_that_was_seen_is_locked(town: Office, careful: Campaign, say: Callable[..., Any]) -> None:
    drawn = draw(town, careful, AS_OF, by="li")
    with pytest.raises(WaitingError):
        lock_as_seen(town, careful, drawn.list_id, SUN, seen=drawn.content_hash)
    for who in EVERYBODY:
        say(drawn.list_id, who)
    with pytest.raises(RefusedError):
        lock_as_seen(town, careful, drawn.list_id, EVERYBODY[2], seen=drawn.content_hash)
    with pytest.raises(ConflictError):
        lock_as_seen(town, careful, drawn.list_id, SUN, seen="another")
    locked = lock_as_seen(town, careful, drawn.list_id, SUN, seen=drawn.content_hash)
    assert (locked.state, locked.list_id, locked.content_hash) == ("locked", drawn.list_id, drawn.content_hash)
    assert draw(town, careful, AS_OF, lock=True, by="sun").list_id == drawn.list_id
    with pytest.raises(UsageError):
        lock_as_seen(town, careful, drawn.list_id, SUN, seen=drawn.content_hash)


def test_a_list_that_needs_nobodys_approval_is_locked_as_it_was_seen(town: Office, warm_winter: Campaign) -> None:
    drawn = draw(town, warm_winter, AS_OF, by="li")
    assert lock_as_seen(town, warm_winter, drawn.list_id, SUN, seen=drawn.content_hash).state == "locked"


def test_what_changed_since_it_was_drawn_stops_the_lock(town: Office, warm_winter: Campaign) -> None:
    drawn = draw(town, warm_winter, AS_OF, by="li")
    other = warm_winter.model_copy(update={"item": "别的东西"})
    with pytest.raises(UsageError, match="声明改过"):
        lock_as_seen(town, other, drawn.list_id, SUN, seen=drawn.content_hash)
    with town.engine.begin() as conn:
        conn.execute(sa.text("update pool_snapshot set void = true"))
    with pytest.raises(UsageError, match="已经作废"):
        lock_as_seen(town, warm_winter, drawn.list_id, SUN, seen=drawn.content_hash)
    with town.engine.connect() as conn:
        assert find(conn, drawn.list_id).state == "draft"
