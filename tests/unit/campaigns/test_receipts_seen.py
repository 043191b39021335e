"""A county reads by whom and how its own rows were registered, whoever did it, and nothing of other counties' rows."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date
from typing import Any

import pytest
import sqlalchemy as sa

from receipt_sheets import ids, sheet
from talentpool.campaigns import Approver, draw
from talentpool.campaigns.receipts.outcomes import Outcome
from talentpool.campaigns.receipts.standing import received
from talentpool.campaigns.receipts.taking import correct, take
from talentpool.declare import Campaign
from talentpool.guard import Scope, console_engine, scoped
from talentpool.office import Office

AS_OF, TODAY = date(2026, 10, 31), date(2026, 12, 31)
RIVER, HILL = "140403", "140404"
SUN = Approver("sun", frozenset({"city_officer"}))
HILLS = Approver("hills", frozenset({f"county_officer_{HILL}"}))
READERS = {
    "city": Scope("sun", frozenset({"city_officer"}), None),
    "river": Scope("rivers", frozenset({f"county_officer_{RIVER}"}), (RIVER,)),
    "hill": Scope("hills", frozenset({f"county_officer_{HILL}"}), (HILL,)),
    "auditor": Scope("zhou", frozenset({"auditor"}), ()),
}


@pytest.fixture
def list_id(town: Office, warm_winter: Campaign) -> int:
    return draw(town, warm_winter, AS_OF, lock=True, by="sun").list_id


@pytest.fixture
def seen(town: Office, list_id: int) -> Iterator[Callable[..., list[dict[str, Any]]]]:
    pages = console_engine(town.settings)

    def read(reader: str, only: list[int] | None = None) -> list[dict[str, Any]]:
        with scoped(pages, READERS[reader]) as conn:
            return received(conn, list_id, only)

    yield read
    pages.dispose()


def test_a_receipt_is_seen_where_it_speaks_of_own_rows_and_counts_those_alone(
    town: Office, list_id: int, seen: Callable[..., list[dict[str, Any]]]
) -> None:
    rows = [*ids(town, list_id, RIVER)[:2], *ids(town, list_id, HILL)[:1]]
    mixed = sheet(town, list_id, [*((row, "已领") for row in rows), (ids(town, list_id, HILL)[1], "说不清")])
    take(town, list_id, mixed, SUN, name="全市.xlsx", today=TODAY, via="page")
    correct(town, list_id, rows[0], Outcome.REFUSED, SUN, reason="电话核实没有领", today=TODAY)
    blank = sheet(town, list_id, [])
    take(town, list_id, blank, HILLS, name="空.xlsx", today=TODAY, via="page")
    told = {
        reader: [(one["via"], one["received_by"], one["taken"], sum(one["faults"].values()), one["reason"])
                 for one in reversed(seen(reader))] for reader in READERS
    }  # fmt: skip
    correction = ("correction", "sun", 1, 0, "电话核实没有领")
    empty = ("page", "hills", 0, 0, "")
    assert told == {
        "city": [("page", "sun", 3, 1, ""), correction, empty],
        "river": [("page", "sun", 2, 0, ""), correction],
        "hill": [("page", "sun", 1, 0, ""), empty],
        "auditor": [],
    }
    numbers = [one["receipt_id"] for one in seen("city")]
    assert [one["receipt_id"] for one in seen("river", numbers[:2])] == numbers[1:2]
    assert seen("city", []) == []


def test_the_table_itself_still_gives_a_reader_the_own_receipts_alone(town: Office, list_id: int) -> None:
    rows = ids(town, list_id)
    take(town, list_id, sheet(town, list_id, [(row, "已领") for row in rows]), SUN, name="x", today=TODAY, via="page")
    pages = console_engine(town.settings)
    with scoped(pages, READERS["river"]) as conn:
        assert conn.scalar(sa.text("select count(*) from receipt")) == 0
    with scoped(pages, READERS["city"]) as conn:
        assert conn.scalar(sa.text("select count(*) from receipt")) == 1
    pages.dispose()
