"""Who a list did not reach comes back on a follow-up, before whom its stock did not; nobody is served twice."""

from __future__ import annotations

from collections import Counter
from datetime import date
from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy.exc import IntegrityError

from receipt_sheets import ids, sheet, stands
from talentpool.campaigns import Approver, draw
from talentpool.campaigns.following.drafting import follow_up, preview
from talentpool.campaigns.following.rounds import follow_round
from talentpool.campaigns.forgetting import forget_in_lists
from talentpool.campaigns.life.acting import close
from talentpool.campaigns.life.as_seen import lock_as_seen
from talentpool.campaigns.lists import find
from talentpool.campaigns.receipts.outcomes import Outcome
from talentpool.campaigns.receipts.taking import correct, take
from talentpool.campaigns.verifying import verify_list
from talentpool.campaigns.voiding import void_list
from talentpool.declare import Campaign
from talentpool.declare.stock import Stock
from talentpool.errors import ConflictError, RefusedError, UsageError
from talentpool.model import target_row
from talentpool.office import Office

AS_OF, TODAY = date(2026, 10, 31), date(2026, 12, 31)
RIVER, HILL = "140403", "140404"
SUN = Approver("sun", frozenset({"city_officer"}))


def names(office: Office, city: Any, list_id: int) -> set[str]:
    """Whom the list is for."""
    known = {person: name for name, person in city.people.items()}
    with office.engine.connect() as conn:
        query = sa.select(target_row.c.person_id).where(target_row.c.list_id == list_id, target_row.c.selected)
        return {known[person] for person in conn.scalars(query)}


def row_of(office: Office, city: Any, list_id: int, name: str) -> str:
    return str(office_one(office, "select row_id from target_row where list_id = :n and person_id = :p",
                          n=list_id, p=city.people[name]))  # fmt: skip


def office_one(office: Office, statement: str, **given: Any) -> Any:
    with office.engine.connect() as conn:
        return conn.execute(sa.text(statement), given).scalar_one()


def bring(office: Office, city: Any, list_id: int, said: dict[str, str]) -> Any:
    lines = [(row_of(office, city, list_id, name), word) for name, word in said.items()]
    return take(office, list_id, sheet(office, list_id, lines), SUN, name="x.xlsx", today=TODAY, via="page")


def locked(office: Office, campaign: Campaign, list_id: int) -> int:
    with office.engine.connect() as conn:
        seen = find(conn, list_id).content_hash
    return lock_as_seen(office, campaign, list_id, SUN, seen=seen).list_id


@pytest.fixture
def first(town: Office, warm_winter: Campaign, city: Any) -> int:
    """Five people; sheets speak of four."""
    number = draw(town, warm_winter, AS_OF, lock=True, by="sun").list_id
    bring(town, city, number, {"河边0": "已领", "河边1": "缺席", "河边2": "拒领", "山上0": "已离职"})
    return number


def test_who_was_absent_comes_back_and_who_received_or_refused_does_not(
    town: Office, warm_winter: Campaign, city: Any, first: int
) -> None:
    shown = preview(town, warm_winter, first)
    assert (shown.back, shown.reserve, shown.open, shown.over) == (2, 0, 1, False), "days for receipts are not over"
    assert shown.kept_off == {"served_already": 1, "refused_before": 1, "receipt_awaited": 1}
    draft = follow_up(town, warm_winter, first, SUN, seen=shown.seen)
    assert names(town, city, draft.list_id) == {"河边1", "山上0"}
    assert (draft.state, draft.supplement, draft.follows) == ("draft", 1, first)
    assert draft.passport["follows"] == [{"list": first, "open_too": False}]
    assert office_one(town, "select count(*) from audit_log where details->>'list' = 'follow'") == 1
    again = locked(town, warm_winter, draft.list_id)
    assert all(verify_list(town, number).equal for number in (first, again))


def test_no_receipt_at_all_is_unreached_once_the_list_is_closed(
    town: Office, warm_winter: Campaign, city: Any, first: int
) -> None:
    close(town, first, SUN, reason="收齐")
    draft = follow_up(town, warm_winter, first, SUN)
    assert names(town, city, draft.list_id) == {"河边1", "山上0", "山上1"}
    locked(town, warm_winter, draft.list_id)
    assert verify_list(town, draft.list_id).equal


def test_after_the_day_for_receipts_silence_counts_as_unreached(
    town: Office, warm_winter: Campaign, city: Any, first: int
) -> None:
    with town.engine.connect() as conn:
        before = follow_round(conn, warm_winter, first, date(2026, 12, 31))
        after = follow_round(conn, warm_winter, first, date(2027, 6, 30))
    assert (before.follows[0].open_too, after.follows[0].open_too) == (False, True)
    assert (after.cycle, after.as_of) == (before.cycle, AS_OF), "it stays in the round that it follows"


def test_who_received_under_another_id_does_not_come_back_once_they_are_known_for_one_person(
    town: Office, warm_winter: Campaign, city: Any, first: int
) -> None:
    city.merge(city.people["河边1"], city.people["河边0"])
    draft = follow_up(town, warm_winter, first, SUN)
    assert names(town, city, draft.list_id) == {"山上0"}, (
        "河边0 received, and 河边1 is the same person: the pool is older"
    )


def test_a_person_who_withdrew_since_does_not_come_back(
    town: Office, warm_winter: Campaign, city: Any, first: int
) -> None:
    with town.engine.begin() as conn:
        conn.exec_driver_sql("update source_record set status = 'suspended' where record_id = (select record_id from"
                             f" target_row where list_id = {first} and person_id = '{city.people['河边1']}')")  # fmt: skip
    shown = preview(town, warm_winter, first)
    assert (shown.back, shown.kept_off["consent_ended"]) == (1, 1)


def test_reserves_follow_in_their_order_for_what_is_left(town: Office, warm_winter: Campaign, city: Any) -> None:
    for number in range(6):
        city.person(f"多{number}", "didi", county=(RIVER, HILL)[number % 2])
    short = warm_winter.model_copy(update={"stock": Stock(total=5), "order": ("never_served",)})
    number = draw(town, short, AS_OF, lock=True, by="sun").list_id
    on_it = sorted(names(town, city, number))
    assert len(on_it) == 5
    bring(town, city, number, dict(zip(on_it, ("已领", "拒领", "缺席", "不详", "已领"), strict=True)))
    city.person("新来的", "didi", county=RIVER)
    draft = follow_up(town, short, number, SUN)
    told = draft.passport["followed"]
    assert (draft.selected, told["back"], told["reserve"]) == (3, 2, 1), "three of five kits are left"
    with town.engine.connect() as conn:
        order = conn.execute(sa.text(
            "select county, partner, person_id, (facts->>'place')::int as place from target_row where list_id = :n"
            " and facts ? 'place' order by county, partner, place"), {"n": draft.list_id}).all()  # fmt: skip
    back = {city.people[on_it[2]], city.people[on_it[3]]}
    seats = {(one["county"], one["partner"]): one for one in draft.passport["groups"]}
    for row in order:
        assert (row.person_id in back) == (row.place <= seats[row.county, row.partner]["back"]), "they come first"
    assert draft.excluded["not_followed"] == 1, "who is new is for a supplement"
    locked(town, short, draft.list_id)
    assert verify_list(town, draft.list_id).equal
    third = draw(town, short, AS_OF, supplement=True, by="sun")
    assert third.selected == 0, "nothing is left for a supplement"


def test_a_follow_up_is_followed_in_turn_and_the_stock_is_never_given_twice(
    town: Office, warm_winter: Campaign, city: Any
) -> None:
    short = warm_winter.model_copy(update={"stock": Stock(total=3), "order": ()})
    number = draw(town, short, AS_OF, lock=True, by="sun").list_id
    everybody, got = set(city.people), set()
    for _ in range(4):
        on_it = sorted(names(town, city, number))
        bring(town, city, number, dict.fromkeys(on_it[:1], "已领") | dict.fromkeys(on_it[1:], "未领"))
        got |= set(on_it[:1])
        assert len(on_it) == 3 - len(got) + 1 and set(on_it) <= everybody
        if len(got) == 3:
            break
        number = locked(town, short, follow_up(town, short, number, SUN).list_id)
        assert verify_list(town, number).equal
    with pytest.raises(UsageError, match="没有需要补发的人"):
        follow_up(town, short, number, SUN)


def test_a_list_is_followed_by_one_that_is_locked(town: Office, warm_winter: Campaign, first: int, city: Any) -> None:
    draft = follow_up(town, warm_winter, first, SUN)
    assert follow_up(town, warm_winter, first, SUN).list_id == draft.list_id, "twice is one draft"
    locked(town, warm_winter, draft.list_id)
    with pytest.raises(ConflictError, match="已有补发名单"):
        follow_up(town, warm_winter, first, SUN)


def test_who_received_between_draft_and_lock_is_seen(
    town: Office, warm_winter: Campaign, first: int, city: Any
) -> None:
    shown = preview(town, warm_winter, first)
    draft = follow_up(town, warm_winter, first, SUN)
    bring(town, city, first, {"河边1": "已领"})
    with pytest.raises(UsageError, match="1 人的回执有变动"):
        locked(town, warm_winter, draft.list_id)
    with pytest.raises(ConflictError):
        follow_up(town, warm_winter, first, SUN, seen=shown.seen)
    with pytest.raises(IntegrityError, match="served twice"), town.engine.begin() as conn:
        conn.exec_driver_sql(
            f"update target_list set state = 'locked', locked_at = now() where list_id = {draft.list_id}"
        )
    assert names(town, city, follow_up(town, warm_winter, first, SUN).list_id) == {"山上0"}


def test_a_row_that_comes_back_is_told_of_on_the_follow_up_alone(
    town: Office, warm_winter: Campaign, first: int, city: Any
) -> None:
    draft = locked(town, warm_winter, follow_up(town, warm_winter, first, SUN).list_id)
    done = bring(town, city, first, {"河边1": "已领"})
    assert (done.taken, done.faults) == (0, {"row_elsewhere": 1})
    assert bring(town, city, draft, {"河边1": "已领"}).taken == 1
    with pytest.raises(UsageError, match=f"已在本轮名单 {draft} 上登记领取"):
        correct(town, first, row_of(town, city, first, "河边1"), Outcome.FULL, SUN, reason="找到签收", today=TODAY)
    with pytest.raises(IntegrityError, match="by two lists"), town.engine.begin() as conn:
        conn.exec_driver_sql(
            "insert into receipt_row (receipt_id, list_id, row_id, county, outcome, delivered, correction)"
            " select min(r.receipt_id), t.list_id, t.row_id, t.county, 'full', 1, true from receipt r join target_row t"
            f" using (list_id) where list_id = {first} and person_id = '{city.people['河边1']}' group by 2, 3, 4"
        )
    late = correct(town, first, row_of(town, city, first, "山上0"), Outcome.FULL, SUN, reason="找到签收", today=TODAY)
    assert late.outcome == Outcome.FULL
    assert bring(town, city, draft, {"山上0": "已领"}).faults == {"row_elsewhere": 1}, (
        "who has it gets none by the other"
    )


def put_together(office: Office, list_id: int, city: Any, *names: str) -> None:
    """As matching leaves it: every record belongs to a person, those of `names` to one whose id is on no list."""
    owners = (
        "insert into record_person (record_id, partner, person_id) select record_id, partner, case when person_id = any(:p)"
        " then cast(:one as uuid) else person_id end from target_row where list_id = :n on conflict (record_id) do update"
        " set person_id = excluded.person_id"
    )
    people = [city.people[name] for name in names]
    with office.engine.begin() as conn:
        conn.execute(sa.text(owners), {"n": list_id, "p": people, "one": UUID(int=77)})


def test_who_received_as_somebody_else_is_not_served_again_by_sheet_lock_or_database(
    town: Office, warm_winter: Campaign, first: int, city: Any
) -> None:
    """河边0 received, 河边1 was absent and is drawn again; by then both are known for one person."""
    draft = follow_up(town, warm_winter, first, SUN).list_id
    lock = sa.text(f"update target_list set state = 'locked', locked_at = now() where list_id = {draft}")
    put_together(town, first, city, "河边0", "河边1")
    with pytest.raises(IntegrityError, match="served twice"), town.engine.begin() as conn:
        conn.execute(lock)
    put_together(town, first, city)
    locked(town, warm_winter, draft)
    put_together(town, first, city, "河边0", "河边1")
    said = bring(town, city, draft, {"河边1": "已领", "山上0": "已领"})
    assert (said.taken, said.faults) == (1, {"row_elsewhere": 1})
    with pytest.raises(UsageError, match=f"已在本轮名单 {first} 上登记领取"):
        correct(town, draft, row_of(town, city, draft, "河边1"), Outcome.FULL, SUN, reason="找到签收", today=TODAY)
    word = (
        "insert into receipt_row (receipt_id, list_id, row_id, county, outcome, delivered, correction)"
        " select min(r.receipt_id), t.list_id, t.row_id, t.county, 'full', 1, true from receipt r join target_row t"
        f" using (list_id) where list_id = {draft} and person_id = '{city.people['河边1']}' group by 2, 3, 4"
    )
    with pytest.raises(IntegrityError, match="by two lists"), town.engine.begin() as conn:
        conn.exec_driver_sql(word)
    put_together(town, first, city)
    with town.engine.begin() as conn:
        conn.exec_driver_sql(word)
    assert stands(town, draft)[row_of(town, city, draft, "河边1")] == ("full", 1), "parted again, each is their own"


@pytest.mark.parametrize(
    "who", [Approver("c", frozenset({"county_officer_140403"})), Approver("a", frozenset({"city_approver"}))]
)
def test_the_citys_officer_alone_follows_up(town: Office, warm_winter: Campaign, first: int, who: Approver) -> None:
    with pytest.raises(RefusedError):
        follow_up(town, warm_winter, first, who)


def test_a_void_list_is_not_followed_and_what_was_received_by_it_counts(
    town: Office, warm_winter: Campaign, first: int, city: Any
) -> None:
    draft = locked(town, warm_winter, follow_up(town, warm_winter, first, SUN).list_id)
    bring(town, city, draft, {"河边1": "已领"})
    for by in ("王主任", "李科长"):
        void_list(town, draft, by=by, reason="印错")
    again = follow_up(town, warm_winter, first, SUN)
    assert names(town, city, again.list_id) == {"山上0"}
    with pytest.raises(UsageError, match="已作废"):
        follow_up(town, warm_winter, draft, SUN)
    assert len(stands(town, first)) == 4 and len(ids(town, first)) == 5


@settings(max_examples=12, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.sampled_from(list(Outcome)), min_size=5, max_size=5), st.permutations(range(5)))
def test_who_comes_back_follows_from_what_stands_in_whatever_order_it_was_said(
    town: Office, warm_winter: Campaign, first: int, city: Any, words: list[Outcome], order: list[int]
) -> None:
    rows = ids(town, first)
    for place in order:
        correct(town, first, rows[place], words[place], SUN, reason="核对", today=TODAY)
    shown = preview(town, warm_winter, first)
    many = Counter(words)
    assert shown.back == many[Outcome.NONE] + many[Outcome.LEFT] + many[Outcome.UNKNOWN]
    kept = {"refused_before": many[Outcome.REFUSED], "served_already": many[Outcome.FULL] + many[Outcome.PART]}
    assert shown.kept_off == {reason: people for reason, people in kept.items() if people}


@pytest.mark.parametrize("whose", ["back", "reserve"])
def test_a_follow_up_is_rebuilt_after_somebody_on_it_was_erased(
    town: Office, warm_winter: Campaign, city: Any, whose: str
) -> None:
    for number in range(6):
        city.person(f"多{number}", "didi", county=(RIVER, HILL)[number % 2])
    short = warm_winter.model_copy(update={"stock": Stock(total=5), "order": ("never_served",)})
    number = draw(town, short, AS_OF, lock=True, by="sun").list_id
    on_it = sorted(names(town, city, number))
    bring(town, city, number, dict(zip(on_it, ("已领", "拒领", "缺席", "不详", "已领"), strict=True)))
    draft = locked(town, short, follow_up(town, short, number, SUN).list_id)
    followed = names(town, city, draft)
    gone = city.people[next(name for name in sorted(followed) if (name in on_it) == (whose == "back"))]
    with town.engine.begin() as conn:
        record = conn.execute(sa.select(target_row.c.record_id).where(target_row.c.person_id == gone)).scalars().first()
        forget_in_lists(conn, gone, [record])
        for table in ("pool_person", "pool_presence"):
            conn.execute(sa.text(f"delete from {table} where person_id = :p"), {"p": gone})
    for one in (number, draft):
        again = verify_list(town, one)
        assert (again.equal, again.erased) == (True, 1), again.as_json()
