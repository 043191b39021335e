"""A supplement beside a void list: what is left is shared out again, nobody is served twice, and every list can be rebuilt."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from click.testing import CliRunner

from talentpool.__main__ import cli
from talentpool.campaigns import draw
from talentpool.campaigns.verifying import verify_list
from talentpool.campaigns.voiding import void_list
from talentpool.declare import Campaign
from talentpool.declare.stock import Stock
from talentpool.office import Office

AS_OF, RIVER, HILL = date(2026, 10, 31), "140403", "140404"


@pytest.mark.parametrize(
    ("stock", "first", "late"),
    [
        (Stock(total=5, reserve=40), 3, 2),
        (Stock(counties={RIVER: 4, HILL: 2}, reserve=50), 3, 3),
        (Stock(total=3), 3, 0),
    ],
    ids=["city's", "counties'", "no reserve"],
)
def test_a_void_list_is_drawn_again_as_large_as_it_was(
    town: Office, warm_winter: Campaign, city: Any, stock: Stock, first: int, late: int
) -> None:
    for number in range(8):
        city.person(f"多{number}", "didi" if number % 3 else "postal", county=(RIVER, HILL)[number % 2])
    short = warm_winter.model_copy(update={"stock": stock, "order": ("never_served",)})
    main = draw(town, short, AS_OF, lock=True)
    lists = [main.list_id]
    if late:
        supplement = draw(town, short, AS_OF, lock=True, supplement=True)
        lists.append(supplement.list_id)
        assert supplement.selected == late
    for by in ("王主任", "李科长"):
        void_list(town, main.list_id, by=by, reason="站点写错")
    again = draw(town, short, AS_OF, lock=True)
    assert (main.selected, again.selected) == (first, first), "the supplement had first what was kept back"
    with town.engine.connect() as conn:
        on = conn.exec_driver_sql(
            "select count(*), count(distinct person_id) from target_row join target_list using (list_id)"
            " where target_row.selected and state = 'locked'"
        ).one()
    assert tuple(on) == (first + late, first + late)
    assert all(verify_list(town, number).equal for number in (*lists, again.list_id))


@pytest.mark.parametrize(
    "words",
    [
        ["exception", "confirm", "{}", "--by", "sun"], ["void", "list", "{}", "--by", "sun", "--reason", "x"],
        ["explain", "target", "warm_winter", "didi:T1", "--list", "{}"], ["export", "approve", "{}", "--by", "sun"],
        ["delivery", "show", "{}"],
    ],
    ids=lambda words: " ".join(words[:2]),
)  # fmt: skip
@pytest.mark.parametrize("number", [0, 2**63, 10**40])
def test_a_number_that_none_can_have_is_a_slip_of_the_pen(words: list[str], number: int) -> None:
    done = CliRunner().invoke(cli, [word.format(number) for word in words])
    assert done.exit_code == 2 and "is not in the range" in done.output
