"""People with a pair that waits: always in the pool, and on a campaign's list unless it says that they wait."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest
import yaml

from rosters import Office, person
from talentpool.campaigns import Drawn, draw, list_reasons
from talentpool.campaigns.lists import read_rows
from talentpool.declare import Campaign, load_campaign
from talentpool.declare.rules import conditions
from talentpool.errors import DeclarationError
from talentpool.match import links, put_off
from talentpool.pool import snapshot
from talentpool.review import judge, pending
from talentpool.settings import INCLUDE

AS_OF = date(2026, 10, 31)
TWINS = {"document_no": "", "birth_date": "1995-05-05", "county": "140403", "sex": "男"}
WHO = {"by": "李专员", "note": "电话核实"}


def declared(folder: Path, **eligibility: Any) -> Campaign:
    """The shipped campaign with more conditions."""
    facts = yaml.safe_load((INCLUDE / "campaigns/warm_winter.yml").read_text(encoding="utf-8"))
    facts["eligibility"] |= eligibility
    facts |= {"approvals": "none", "large": None}
    (folder / "warm_winter.yml").write_text(yaml.safe_dump(facts, allow_unicode=True), encoding="utf-8")
    return load_campaign([folder], "warm_winter")


@pytest.fixture
def twins(office: Office) -> Office:
    """Two of two partners that may be one person; one of them is known to a third partner for certain."""
    first = person(5001, name="王建国", **TWINS)
    office.deliver("2026-10-31", [first, person(5007)], partner="postal")
    office.deliver("2026-10-31", [person(5002, staff_no="D1", name="王建军", **TWINS), person(5008)], partner="didi")
    office.deliver("2026-10-31", [first | {"staff_no": "M1", "station": "别站"}], partner="meituan")
    return office


def drawn(office: Office, campaign: Campaign) -> Drawn:
    return draw(office, campaign, AS_OF)


def reasons(office: Office, found: Drawn) -> dict[str, str]:
    """Staff number -> the reason of its person."""
    with office.engine.connect() as conn:
        by_person = {str(row.person_id): row.reason for row in read_rows(conn, found.list_id)}
    return {staff_no: by_person[person_id] for _, staff_no, person_id in links(office.engine)}


def test_an_open_pair_never_keeps_anybody_out_of_the_pool(twins: Office) -> None:
    made = snapshot(twins, AS_OF)
    with twins.engine.begin() as conn:
        assert len(pending(conn, twins.keys)) >= 1
    assert made.people == 4
    assert twins.one("select count(*) from pool_presence") == 5


def test_a_campaign_that_says_nothing_or_count_lists_people_with_an_open_pair(twins: Office, tmp_path: Path) -> None:
    for campaign in (declared(tmp_path), declared(tmp_path, open_pairs="count")):
        found = drawn(twins, campaign)
        assert (found.selected, found.excluded) == (4, {})


def test_a_campaign_may_say_that_they_wait_until_somebody_has_decided(twins: Office, tmp_path: Path) -> None:
    campaign = declared(tmp_path, open_pairs="wait")
    found = drawn(twins, campaign)
    assert found.excluded == {"identity_open": 2} and found.selected == 2
    waiting = {staff_no for staff_no, reason in reasons(twins, found).items() if reason == "identity_open"}
    assert waiting == {"T05001", "M1", "D1"}
    again = drawn(twins, campaign)
    assert (again.list_id, again.content_hash) == (found.list_id, found.content_hash)
    while True:
        with twins.engine.begin() as conn:
            pairs = pending(conn, twins.keys)
        if not pairs:
            break
        judge(twins, pairs[0]["pair_id"], "different", **WHO)
    decided = drawn(twins, campaign)
    assert (decided.selected, decided.excluded) == (4, {}) and decided.list_id != found.list_id


def test_who_is_put_off_waits_until_the_answer_is_there(twins: Office, tmp_path: Path) -> None:
    campaign = declared(tmp_path, open_pairs="wait")
    found = drawn(twins, campaign)
    with twins.engine.begin() as conn:
        pairs = [pair["pair_id"] for pair in pending(conn, twins.keys)]
    assert pairs
    for pair in pairs:
        judge(twins, pair, "unsure", **WHO)
    with twins.engine.begin() as conn:
        assert pending(conn, twins.keys) == [] and {one.pair_id for one in put_off(conn)} == set(pairs)
    assert drawn(twins, campaign).excluded == found.excluded == {"identity_open": 2}
    for pair in pairs:
        judge(twins, pair, "different", **WHO)
    with twins.engine.begin() as conn:
        assert put_off(conn) == []
    assert drawn(twins, campaign).excluded == {}


def test_a_locked_list_stays_as_it_was_when_somebody_decides_later(twins: Office, tmp_path: Path) -> None:
    campaign = declared(tmp_path, open_pairs="wait")
    locked = draw(twins, campaign, AS_OF, lock=True)
    with twins.engine.begin() as conn:
        pair = pending(conn, twins.keys)[0]["pair_id"]
    judge(twins, pair, "same", **WHO)
    again = draw(twins, campaign, AS_OF, lock=True)
    assert (again.list_id, again.content_hash, again.excluded) == (
        locked.list_id,
        locked.content_hash,
        {"identity_open": 2},
    )


def test_who_is_out_for_another_reason_is_told_that_one(twins: Office, tmp_path: Path) -> None:
    campaign = declared(tmp_path, open_pairs="wait", age={"min": 16, "max": 20})
    assert drawn(twins, campaign).excluded == {"age_outside": 4}


def test_the_condition_and_the_reason_read_in_chinese_and_a_wrong_word_is_refused(tmp_path: Path) -> None:
    assert "身份无待复核的疑问" in conditions(declared(tmp_path, open_pairs="wait").eligibility)
    assert "身份无待复核的疑问" not in conditions(declared(tmp_path, open_pairs="count").eligibility)
    assert "“复核”" in list_reasons()["identity_open"]
    with pytest.raises(DeclarationError, match=r"open_pairs.*'wait' or 'count'"):
        declared(tmp_path, open_pairs="skip")
