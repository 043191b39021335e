"""Every figure of a page against the tables, summed in another way: plain Python over plain rows."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from datetime import date

import pytest
import sqlalchemy as sa

from approvals import unapproved
from databases import Twins
from rosters import Office, document, person
from talentpool.campaigns import draw
from talentpool.guard import console_engine, scope_of, scoped
from talentpool.pool import snapshot
from talentpool.report import quality, render
from talentpool.report.figures import Quality, RosterFigures
from talentpool.review import judge, pending
from talentpool.services.desk.counts import side_counts

HERE, THERE = "140425", "140403"
EARLY, LATE = date(2026, 9, 30), date(2026, 10, 31)
TWINS = {"document_no": "", "birth_date": "1990-05-05", "sex": "男", "mobile": "13500000088"}


@pytest.fixture(scope="module")
def months(twins: Twins) -> Iterator[Office]:
    """A roster with faults and clean deltas after it, another partner, pairs that wait, one that was judged."""
    office = twins.office()
    faulty = [person(n, county="火星") for n in range(21, 26)] + [person(n, consented_on="") for n in range(26, 28)]
    lacking = [person(n, mobile="123") for n in range(28, 30)]
    alike = [person(40 + n, name=f"王建{given}", **TWINS) for n, given in enumerate("国军")]
    young = [person(n, document_no=document(n, "1999-05-05"), county=HERE) for n in (71, 72)]
    rows = [person(n, county=HERE if n % 3 else THERE) for n in range(1, 21)]
    office.deliver("2026-09-30", [*rows, *young, *faulty, *lacking, *alike[:1]])
    office.deliver(
        "2026-09-30", [person(n, staff_no=f"P{n}", county=HERE) for n in range(1, 4)] + alike[1:], partner="postal"
    )
    snapshot(office, EARLY)
    office.deliver("2026-10-15", [person(21), person(22, county="火星"), person(28)], kind="delta", since="2026-09-30")
    office.deliver("2026-10-31", [person(n) for n in range(1, 18)], kind="delta", since="2026-10-15")
    more = [person(60 + n, name=f"李卫{given}", **TWINS | {"mobile": "13500000099"}) for n, given in enumerate("国军")]
    office.deliver(
        "2026-10-31", [*(person(n, staff_no=f"P{n}") for n in (1, 2, 50)), *alike[1:], *more], partner="postal"
    )
    snapshot(office, LATE)
    with office.engine.begin() as conn:
        first, *_ = pending(conn, office.keys)
    draw(office, unapproved(office.settings), LATE)
    judge(office, first["pair_id"], "same", by="李专员", note="电话核实")
    yield office


def _roster(page: Quality, partner: str) -> RosterFigures:
    return next(roster for roster in page.rosters if roster.partner == partner)


def test_a_roster_stands_as_its_full_delivery_and_the_deltas_after_it_say(months: Office) -> None:
    didi = _roster(quality(months), "didi")
    assert [delivery.rows for delivery in didi.deliveries] == [17, 3, 32]
    assert didi.deliveries[0].set_aside_share == 0
    assert (didi.aside, didi.refused) == (4, 2), "of five, one was put right; one came faulty again and counts once"
    assert {reason.code: reason.count for reason in didi.faults} == {
        "county_unknown": 4, "no_consent": 2, "mobile_unusable": 1,
    }  # fmt: skip
    live = Counter(months.ask("select partner, status from source_record"))
    for partner in ("didi", "postal"):
        there = live[partner, "active"] + live[partner, "suspected"]
        assert _roster(quality(months), partner).records == there > 0


def test_a_roster_of_the_past_is_that_of_its_day(months: Office) -> None:
    page = quality(months, EARLY)
    didi = _roster(page, "didi")
    assert (didi.aside, didi.refused, len(didi.deliveries), didi.records) == (5, 2, 1, 25)
    assert page.past and page.identity is None
    assert page.pool is not None and page.pool.review_pending is None
    assert not quality(months, LATE).past


def test_who_is_who_agrees_with_itself_and_with_the_tables(months: Office) -> None:
    page = quality(months)
    who = page.identity
    assert who is not None and who.scores is not None and page.pool is not None
    owner = dict(months.ask("select record_id, person_id from record_person where live"))
    assert (who.records, who.people) == (len(owner), len(set(owner.values())))
    sizes = Counter(Counter(owner.values()).values())
    assert dict(who.sizes) == dict(sizes) and who.several == sum(n for size, n in sizes.items() if size > 1)
    edges = months.ask("select left_record, right_record, rule, verdict from edge")
    said = {(left, right) for left, right, rule, _ in edges if rule == "human"}
    united = [1 for left, right, rule, verdict in edges
              if rule != "human" and verdict == "same" and owner[left] == owner[right]]  # fmt: skip
    doubtful = {(left, right) for left, right, _, verdict in edges if verdict == "review"} - said
    waiting = {pair for pair in doubtful if owner[pair[0]] != owner[pair[1]]}
    assert who.scores.pairs("same") == len(united) > 0
    assert who.scores.pairs("review") == who.waiting == page.pool.review_pending == len(waiting) > 0
    assert who.judged == len(said) == 1
    runs = months.ask("select match_run_id, pairs, waiting, changed from match_run order by 1")
    assert len(runs) > 2 and who.run == runs[-1][0]
    assert sum(day.compared for day in who.days) == sum(run[1] for run in runs)
    assert (who.days[0].waiting, sum(day.judged for day in who.days)) == (who.waiting, 1)
    shown = _text(render(page))
    assert f"自动合并{len(united)} 对等待复核{len(waiting)} 对" in shown and f"等待复核（对）{len(waiting)}" in shown


def test_the_pool_of_both_pages_is_what_its_people_add_up_to(months: Office) -> None:
    for as_of in (EARLY, LATE):
        page = quality(months, as_of).pool
        assert page is not None
        snapshot = months.one("select max(snapshot_id) from pool_snapshot where as_of = :day", day=as_of)
        people = months.ask(
            "select person_id, youth, home_county, age_band, occupation, weak_identity from pool_person"
            " where snapshot_id = :id and active", id=snapshot,
        )  # fmt: skip
        assert (page.people, page.youth) == (len(people), sum(row[1] for row in people))
        assert page.weak == sum(row[5] for row in people)
        for lines, place in ((page.by_home, 2), (page.by_band, 3), (page.by_occupation, 4)):
            assert {line.code: line.people for line in lines.lines} == Counter(row[place] for row in people)
            assert lines.sum == lines.distinct == page.people and lines.youth_sum == page.youth
        active = {row[0] for row in people}
        seen = {(who, partner) for who, partner in months.ask(
            "select person_id, partner from pool_presence where snapshot_id = :id and status not in ('left', 'suspended')",
            id=snapshot) if who in active}  # fmt: skip
        assert {line.code: line.people for line in page.by_partner.lines} == Counter(partner for _, partner in seen)
        assert page.by_partner.overlap == len(seen) - len(active)
        assert page.several == sum(n > 1 for n in Counter(who for who, _ in seen).values())
        for bridge in page.bridges:
            assert bridge.rows - bridge.quarantined - bridge.refused + bridge.carried == bridge.records
            assert bridge.people == bridge.records - bridge.merged
        console = console_engine(months.settings)
        with scoped(console, scope_of("c", frozenset({"city_officer"}))) as conn:
            side = side_counts(conn, months.settings, as_of=as_of)
        console.dispose()
        assert side is not None and (side.people, side.youth, side.weak) == (page.people, page.youth, page.weak)
        assert side.by_partner == page.by_partner


def test_a_pool_says_how_many_deliveries_it_has_not_counted(months: Office) -> None:
    page = quality(months)
    assert page.pool is not None and page.pool.uncounted == 0 and "尚未计入人数" not in render(page)
    early = quality(months, EARLY).pool
    assert early is not None and early.uncounted == 0, "later dates are no part of it"
    with months.engine.begin() as conn:
        conn.execute(sa.text("update pool_snapshot set partners = jsonb_set(partners, '{postal,publish_seq}', '1')"
                             " where as_of = :day"), {"day": LATE})  # fmt: skip
        conn.execute(sa.text("update pool_snapshot set partners = jsonb_set(partners, '{didi,publish_seq}', '4')"
                             " where as_of = :day"), {"day": LATE})  # fmt: skip
    assert "此后又发布的 1 次交付尚未计入人数" in render(quality(months))


def test_a_list_adds_up_to_its_rows(months: Office) -> None:
    (shown,) = quality(months).lists
    rows = months.ask("select selected, reason, county from target_row where list_id = :id", id=shown.list_id)
    on = [row for row in rows if row[0]]
    assert shown.eligible == shown.selected == len(on) == 2
    assert dict(shown.by_county) == {"平顺县": 2} and {row[2] for row in on} == {HERE}
    assert {reason.code: reason.count for reason in shown.excluded} == Counter(row[1] for row in rows if not row[0])
    assert shown.selected + sum(reason.count for reason in shown.excluded) == len(rows)


def test_the_deliveries_add_up_to_the_rows_of_the_tables(months: Office) -> None:
    for delivery in quality(months).deliveries:
        kept = months.one(
            "select count(distinct row_no) from quarantine where delivery_id = :id", id=delivery.delivery_id
        )
        assert delivery.quarantined == kept
        assert delivery.rows == delivery.accepted + delivery.quarantined + delivery.refused


def _text(html: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", "", re.sub(r">\s+<", "><", html)))
