"""Who has the paper alone says of each row what a sheet would, and hears which rows stand otherwise."""

from __future__ import annotations

from datetime import date

import pytest

from receipt_sheets import ids, sheet, stands
from talentpool.campaigns import Approver, draw
from talentpool.campaigns.receipts.outcomes import Outcome
from talentpool.campaigns.receipts.taking import Share, correct, take, take_all_but
from talentpool.declare import Campaign
from talentpool.errors import UsageError
from talentpool.office import Office

AS_OF, TODAY = date(2026, 10, 31), date(2026, 12, 31)
RIVER, HILL = "140403", "140404"
SUN = Approver("sun", frozenset({"city_officer"}))
RIVERS = Approver(f"c{RIVER}", frozenset({f"county_officer_{RIVER}"}))


@pytest.fixture
def list_id(town: Office, warm_winter: Campaign) -> int:
    return draw(town, warm_winter, AS_OF, lock=True, by="sun").list_id


def test_all_but_these_for_whoever_has_the_paper_alone(town: Office, list_id: int) -> None:
    river = ids(town, list_id, RIVER)
    correct(town, list_id, river[2], Outcome.REFUSED, SUN, reason="电话说不要", today=TODAY)
    with pytest.raises(UsageError, match="不是这一部分的行号"):
        take_all_but(town, list_id, Share(RIVER), [ids(town, list_id, HILL)[0]], RIVERS, on_day=None, today=TODAY)
    done = take_all_but(
        town,
        list_id,
        Share(RIVER, "postal", "东街站"),
        [river[0].lower()],
        RIVERS,
        on_day=date(2026, 12, 2),
        today=TODAY,
    )
    assert (done.rows, done.taken, done.known, done.faults) == (3, 2, 0, {"row_corrected": 1})
    assert [row for row, *_ in done.told] == [river[2]] and "已更正为“拒领”" in done.told[0][2].text
    assert stands(town, list_id) == {river[0]: ("none", 0), river[1]: ("full", 1), river[2]: ("refused", 0)}


def test_what_the_paper_names_and_stands_as_received_is_told_with_the_remedy(town: Office, list_id: int) -> None:
    got, refused, none = ids(town, list_id, RIVER)
    data = sheet(town, list_id, [(got, "已领"), (refused, "拒领"), (none, "不详")])
    take(town, list_id, data, SUN, name="回执.xlsx", today=TODAY, via="page")
    done = take_all_but(town, list_id, Share(RIVER), [got, refused, none], RIVERS, on_day=None, today=TODAY)
    assert (done.taken, done.known, done.faults) == (1, 1, {"row_settled": 1}), (
        "that none was received is no contradiction"
    )
    ((row, _, fault),) = done.told
    assert row == got and fault.text == "该行已登记为“已领”；如有出入请用“更正”并写明理由"
    assert stands(town, list_id) == {got: ("full", 1), refused: ("refused", 0), none: ("none", 0)}
    correct(town, list_id, got, Outcome.NONE, RIVERS, reason="签收表上没有签字", today=TODAY)
    again = take_all_but(town, list_id, Share(RIVER), [got, refused, none], RIVERS, on_day=None, today=TODAY)
    assert (again.taken, again.known, again.told) == (0, 3, ())
