"""An event of one county, and who sees the whole of it."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

import pytest

from handing_out import AS_OF, RIVER, RIVERS, TODAY, signed_in
from talentpool.campaigns import draw
from talentpool.campaigns.handout import events
from talentpool.campaigns.handout.marking import Told, take_marks
from talentpool.campaigns.handout.passes import Account, Holder, issue
from talentpool.declare import Campaign
from talentpool.declare.stock import Stock
from talentpool.office import Office


@pytest.fixture
def list_id(town: Office, warm_winter: Campaign) -> int:
    """With ten parcels, two of which are kept back."""
    stocked = warm_winter.model_copy(update={"stock": Stock(total=10, reserve=20)})
    return draw(town, stocked, AS_OF, lock=True, by="sun").list_id


@pytest.fixture
def event(town: Office, list_id: int) -> int:
    return events.start(town, list_id, RIVER, RIVERS, days=1, reserve=2)


@pytest.fixture
def officer(town: Office, list_id: int, event: int) -> Holder:
    """Who sees the whole county."""
    return signed_in(town, list_id, issue(town, event, Account(7, UUID(int=7)), RIVERS))


@pytest.fixture
def mark(town: Office, officer: Holder) -> Callable[..., list[Told]]:
    return lambda *marks, by=officer: take_marks(town, by, marks, today=TODAY)
