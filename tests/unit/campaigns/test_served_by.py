"""Who was on an earlier list and never received what it gave out is not served by it, where a campaign goes by receipts."""

from __future__ import annotations

from collections import Counter
from datetime import date

import pytest
import sqlalchemy as sa

from receipt_sheets import ids
from talentpool.campaigns import Approver, draw
from talentpool.campaigns.receipts.outcomes import Outcome
from talentpool.campaigns.receipts.taking import correct
from talentpool.campaigns.verifying import verify_list
from talentpool.declare import Campaign
from talentpool.declare.rules import parse_rules
from talentpool.model import target_row
from talentpool.office import Office

AS_OF, TODAY = date(2026, 10, 31), date(2026, 12, 31)
RIVER, HILL = "140403", "140404"
SUN = Approver("sun", frozenset({"city_officer"}))


def next_one(campaign: Campaign, served_by: str) -> Campaign:
    """A campaign of another purpose, which takes nobody who was served by the first within the year."""
    rules = parse_rules({"active": True, "not_served": {"purpose": "warm_winter", "days": 365}})
    changed = {"code": "another", "purpose": "health_check", "eligibility": rules, "served_by": served_by}
    return campaign.model_copy(update=changed)


def reasons(office: Office, list_id: int) -> Counter[str]:
    with office.engine.connect() as conn:
        return Counter(conn.scalars(sa.select(target_row.c.reason).where(target_row.c.list_id == list_id)))


@pytest.mark.parametrize("served_by", ["listed", "received"])
def test_a_list_of_which_nothing_came_back_serves_as_it_stands(
    town: Office, warm_winter: Campaign, served_by: str
) -> None:
    draw(town, warm_winter, AS_OF, lock=True, by="sun")
    later = draw(town, next_one(warm_winter, served_by), AS_OF, by="sun")
    assert reasons(town, later.list_id) == {"served_lately": 5}


def test_who_received_is_served_and_who_did_not_is_not(town: Office, warm_winter: Campaign) -> None:
    first = draw(town, warm_winter, AS_OF, lock=True, by="sun").list_id
    one, two, three = ids(town, first, RIVER)
    said = ((one, Outcome.FULL), (two, Outcome.REFUSED), (three, Outcome.PART))
    for row_id, outcome in said:
        correct(town, first, row_id, outcome, SUN, reason="电话核对", today=TODAY)
    later = draw(town, next_one(warm_winter, "received"), AS_OF, lock=True, by="sun")
    silent = len(ids(town, first, HILL))
    assert silent == 2 and reasons(town, later.list_id) == {"served_lately": 2 + silent, "eligible": 1}, (
        "of a silent county all"
    )
    as_listed = draw(town, next_one(warm_winter, "listed").model_copy(update={"code": "third"}), AS_OF, by="sun")
    assert reasons(town, as_listed.list_id)["served_lately"] == 5
    correct(town, first, two, Outcome.FULL, SUN, reason="后来领了", today=TODAY)
    assert verify_list(town, later.list_id).equal, "what came back since was not known then"


def test_the_rule_is_said_as_it_is(town: Office, warm_winter: Campaign) -> None:
    from talentpool.campaigns.sharing.paragraph import paragraph
    from talentpool.declare.stock import Stock

    short = warm_winter.model_copy(update={"stock": Stock(total=3)})
    assert warm_winter.served_by == "received" and "以往期回执登记的领取为准" in paragraph(short)
    assert "回执" not in paragraph(short.model_copy(update={"served_by": "listed"}))


def test_who_received_by_a_void_list_is_not_served_again(town: Office, warm_winter: Campaign) -> None:
    first = draw(town, warm_winter, AS_OF, lock=True, by="sun").list_id
    correct(town, first, ids(town, first)[0], Outcome.FULL, SUN, reason="当面发放", today=TODAY)
    with town.engine.begin() as conn:
        conn.execute(sa.text("update target_list set state = 'void' where list_id = :n"), {"n": first})
    again = draw(town, warm_winter, AS_OF, lock=True, by="sun")
    assert reasons(town, again.list_id) == {"served_already": 1, "eligible": 4}
    assert verify_list(town, again.list_id).equal and verify_list(town, first).equal
