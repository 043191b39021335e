"""Sheets in any order, and any sheet twice, come to the same: what stands follows from the set of what was said."""

from __future__ import annotations

from datetime import date
from itertools import product
from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from receipt_sheets import ids, sheet, stands
from talentpool.campaigns import Approver, draw
from talentpool.campaigns.receipts.outcomes import OUTCOME_WORDS, Outcome, read_outcome
from talentpool.campaigns.receipts.standing import strongest, strongest_text
from talentpool.campaigns.receipts.taking import Share, take, take_all_but
from talentpool.declare import Campaign
from talentpool.office import Office

AS_OF, TODAY = date(2026, 10, 31), date(2026, 12, 31)
RIVER = "140403"
SUN = Approver("sun", frozenset({"city_officer"}))


@pytest.fixture
def list_id(town: Office, warm_winter: Campaign) -> int:
    return draw(town, warm_winter, AS_OF, lock=True, by="sun").list_id


WORDS = st.sampled_from([*OUTCOME_WORDS.values(), "", "看不懂"])
SHEET = st.lists(st.tuples(st.integers(0, 4), WORDS), max_size=6)
PAPER = st.frozensets(st.integers(0, 2), max_size=2)
"""Rows of the first county that were not received, by whoever has its paper."""
SHEETS = st.lists(st.one_of(SHEET, PAPER), min_size=1, max_size=4)
Brought = list[tuple[int, str]] | frozenset[int]


@pytest.mark.parametrize("examples", [4, pytest.param(40, marks=pytest.mark.slow)])
def test_sheets_in_any_order_come_to_the_same(town: Office, list_id: int, examples: int) -> None:
    @hypothesis_settings(max_examples=examples, deadline=None, suppress_health_check=[HealthCheck.too_slow])
    @given(SHEETS, st.randoms(use_true_random=False))
    def brings(sheets: list[Brought], chance: Any) -> None:
        in_any_order(town, list_id, sheets, chance)

    brings()


def in_any_order(town: Office, list_id: int, sheets: list[Brought], chance: Any) -> None:
    rows = ids(town, list_id)
    river = ids(town, list_id, RIVER)
    assert river == rows[:3]

    def brought(order: list[Brought]) -> dict[str, tuple[str, int]]:
        with town.engine.begin() as conn:
            conn.execute(sa.text("set local session_replication_role = replica"))
            conn.execute(sa.text("delete from receipt_row"))
        for one in order:
            if isinstance(one, frozenset):
                take_all_but(town, list_id, Share(RIVER), [rows[at] for at in one], SUN, on_day=None, today=TODAY)
                continue
            take(town, list_id, sheet(town, list_id, [(rows[at], word) for at, word in one]), SUN, name="x",
                 today=TODAY, via="page")  # fmt: skip
        return stands(town, list_id)

    shuffled = list(sheets)
    chance.shuffle(shuffled)
    found = brought(sheets)
    assert brought(shuffled) == found == brought([*sheets, *shuffled])
    strongest: dict[str, Outcome] = {}
    for one in sheets:
        said: dict[int, list[str]] = {}
        if isinstance(one, frozenset):
            one = [(at, "未领" if at in one else "已领") for at in range(3)]
        for at, word in one:
            if word:
                said.setdefault(at, []).append(word)
        for at, words in said.items():
            outcome = read_outcome(words[0])
            if len(words) == 1 and outcome is not None:
                before = strongest.get(rows[at], Outcome.UNKNOWN)
                strongest[rows[at]] = max(before, outcome, key=list(Outcome).index)
    assert {row_id: outcome.value for row_id, outcome in strongest.items()} == {r: o for r, (o, _) in found.items()}


def test_the_order_of_strength_is_one_in_code_in_queries_and_in_the_database(town: Office, list_id: int) -> None:
    (row, *_) = ids(town, list_id)
    words = [
        (number, *word) for number, word in enumerate(product(Outcome, (0, 1), (None, AS_OF, TODAY), (False, True)))
    ]
    said = sa.values(
        sa.column("entry_id", sa.BigInteger), sa.column("outcome", sa.Text), sa.column("delivered", sa.Integer),
        sa.column("on_day", sa.Date), sa.column("correction", sa.Boolean), name="said",
    ).data([(number, what.value, many, day, fixed) for number, what, many, day, fixed in words])  # fmt: skip
    last = said.c.entry_id
    with town.engine.connect() as conn:
        code = list(conn.scalars(sa.select(last).order_by(*strongest(said.c), last)))
        text = list(conn.scalars(sa.select(last).order_by(sa.text(strongest_text("said.")), last)))
    assert code == text and len(code) == 72
    for what in Outcome:
        sheet_of = sheet(town, list_id, [(row, OUTCOME_WORDS[what])])
        take(town, list_id, sheet_of, SUN, name="x.xlsx", today=TODAY, via="page")
        with town.engine.connect() as conn:
            held = conn.scalar(sa.select(sa.func.what_stands(list_id, row)))
        assert held == stands(town, list_id)[row][0] == (what.value if what != Outcome.PART else held)
