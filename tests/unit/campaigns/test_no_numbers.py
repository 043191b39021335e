"""What officers write of lists and days is kept for ever: a number of a person in it is not."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date
from typing import Any

import pytest
import sqlalchemy as sa

from rosters import TODAY, document
from talentpool.campaigns import Approver, draw
from talentpool.campaigns.life.acting import cancel, close, resume, set_apart, take_back
from talentpool.campaigns.planning.dates import add, move, withdraw
from talentpool.campaigns.planning.freshness import Missed
from talentpool.campaigns.voiding import void_list, void_pool
from talentpool.declare import Campaign
from talentpool.model import metadata
from talentpool.office import Office

AS_OF, RIVER, HILL = date(2026, 10, 31), "140403", "140404"
CITY = Approver("qian", frozenset({"city_approver"}))
OFFICER = Approver("sun", frozenset({"city_officer"}))
RIVERS, HILLS = (Approver(f"c{code}", frozenset({f"county_officer_{code}"})) for code in (RIVER, HILL))
NUMBERS = (document(77), "13912345678")
WORD = f"漏了一位，身份证 {NUMBERS[0]}，电话 {NUMBERS[1]}"


@pytest.fixture
def kept(town: Office) -> Iterator[None]:
    """Afterwards no table has one of the numbers, and the words around them are there."""
    yield
    with town.engine.connect() as conn:
        rows = "\n".join(
            row for table in metadata.sorted_tables for row in conn.scalars(sa.text(f"select t::text from {table.name} t"))
        )  # fmt: skip
    assert "漏了一位" in rows
    assert [number for number in NUMBERS if number in rows] == []


@pytest.mark.usefixtures("kept")
def test_of_a_list(town: Office, careful: Campaign, say: Callable[..., Any]) -> None:
    drawn = draw(town, careful, AS_OF, by="li")
    say(drawn.list_id, RIVERS, approve=False, comment=WORD)
    say(drawn.list_id, RIVERS, comment=WORD)
    set_apart(town, drawn.list_id, OFFICER, reason=WORD)
    take_back(town, drawn.list_id, OFFICER, reason=WORD)
    cancel(town, careful, "2026", OFFICER, reason=WORD)
    resume(town, careful, "2026", OFFICER, reason=WORD)
    say(drawn.list_id, CITY)
    free = careful.model_copy(update={"approvals": ()})
    draw(town, free, AS_OF)
    locked = draw(town, free, AS_OF, lock=True)
    close(town, locked.list_id, OFFICER, reason=WORD)
    for by in ("王主任", "李科长"):
        void_list(town, locked.list_id, by=by, reason=WORD)
        void_pool(town, AS_OF, by=by, reason=WORD)


@pytest.mark.usefixtures("kept")
def test_of_a_roster_that_is_missing(town: Office, careful: Campaign, monkeypatch: pytest.MonkeyPatch) -> None:
    missed = Missed("sf", "顺丰", AS_OF, TODAY, late=False)
    monkeypatch.setattr("talentpool.campaigns.planning.freshness.missed_rosters", lambda *_: [missed])
    draw(town, careful, AS_OF, by="li", all_the_same=WORD)


@pytest.mark.usefixtures("kept")
def test_of_a_day(town: Office, careful: Campaign) -> None:
    said = {"by": "sun", "reason": WORD, "today": TODAY}
    with town.engine.begin() as conn:
        made = add(conn, careful, (date(2027, 3, 8), date(2027, 3, 8)), **said)
        for day in (20, 21):
            move(conn, careful, "2027", date(2027, 12, day), **said)
        withdraw(conn, [careful], made.date_id, **said)
