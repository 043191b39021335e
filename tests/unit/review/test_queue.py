"""The queue of pairs that wait: kept by every run around what it touched, the most useful first."""

from __future__ import annotations

from datetime import date
from uuid import UUID

import pytest

from rosters import Office, document, person
from talentpool.guard import record_id, scoped
from talentpool.guard.scope import Scope, console_engine
from talentpool.match import match, review_pending
from talentpool.match.queue import fill_queue
from talentpool.model import review_pair
from talentpool.office import Office as Working
from talentpool.report.identity import COUNT_SCORES
from talentpool.review import across, by_worth, judge, pending, place, split, undo, waiting_records
from talentpool.services.rights import forget, register, revoke
from uploads import HERE, THERE, brought

WHO = {"by": "李专员", "note": "电话核实"}
BORN = {"document_no": "", "county": "140403", "sex": "男"}


def kin(number: int, name: str, year: int, **changes: str) -> dict[str, str]:
    """Somebody who differs from a namesake of the same birth date in one character of the name."""
    return person(number, name=name, birth_date=f"{year}-05-05", **BORN) | changes


@pytest.fixture
def waiting(office: Office) -> Office:
    """Three pairs of two partners: one of two records, one whose one person has two records, one of leavers."""
    first = [kin(1, "王建国", 1990), kin(2, "李志强", 1991), kin(3, "赵德明", 1992, left_on="2026-01-01")]
    second = [kin(11, "王建军", 1990), kin(12, "李志刚", 1991), kin(13, "赵德亮", 1992, left_on="2026-01-01")]
    office.deliver("2026-10-31", [*first, person(20)], partner="postal")
    office.deliver("2026-10-31", [*second, person(21)], partner="didi")
    same = kin(31, "李志强", 1991, mobile=person(2)["mobile"])
    office.deliver("2026-10-31", [same, person(22)], partner="sf")
    match(office.engine, office.keys)
    return office


def queue(office: Office) -> list[tuple]:
    return office.ask("select * from review_pair order by left_record, right_record")


def anew(office: Office) -> list[tuple]:
    """The queue as a full run makes it."""
    with office.engine.begin() as conn:
        fill_queue(conn, full=True)
    return queue(office)


def names(office: Office) -> list[str]:
    """Family names of the pairs in order."""
    of = {
        f"T{n:05d}": name
        for n, name in ((1, "王"), (11, "王"), (2, "李"), (12, "李"), (31, "李"), (3, "赵"), (13, "赵"))
    }
    with office.engine.begin() as conn:
        return [of[pair["left"]["staff_no"]] for pair in pending(conn, office.keys)]


def test_what_settles_more_comes_first(waiting: Office) -> None:
    """The chance that they are one, times the records of both: a judgement on who has two records settles two pairs."""
    rows = waiting.ask("select left_size, right_size, chance, worth from review_pair order by worth desc")
    assert {tuple(sorted(row[:2])) for row in rows} == {(1, 1), (1, 2)}
    assert all(worth == pytest.approx(chance * left * right) and 0 < chance <= 1 for left, right, chance, worth in rows)
    with waiting.engine.begin() as conn:
        assert [pair["worth"] for pair in pending(conn, waiting.keys)] == [round(row[3], 3) for row in rows]
    assert set(names(waiting)) == {"李", "王", "赵"}


def test_every_step_leaves_the_queue_as_it_is_made_anew(waiting: Office) -> None:
    def holds() -> int:
        kept = queue(waiting)
        assert kept == anew(waiting)
        with waiting.engine.begin() as conn:
            assert review_pending(conn) == len(kept)
        return len(kept)

    before = holds()
    with waiting.engine.begin() as conn:
        pair = pending(conn, waiting.keys)[0]["pair_id"]
    judge(waiting, pair, "different", **WHO)
    assert holds() < before, "what hangs on the judgement waits no longer either"
    undo(waiting, pair, **WHO)
    assert holds() == before
    judge(waiting, pair, "same", **WHO)
    assert holds() < before
    owner = waiting.one("select person_id from record_person where record_id = :r",
                        r=record_id(waiting.keys, "postal", "T00002"))  # fmt: skip
    split(waiting, UUID(str(owner)), [record_id(waiting.keys, "sf", "T00031")], **WHO)
    holds()
    for day in ("2026-11-15", "2026-11-30"):  # two full rosters without the others: they left
        waiting.deliver(day, [kin(1, "王建国", 1990, county="140404"), person(20)], partner="postal")
        match(waiting.engine, waiting.keys)
        holds()
    back = [kin(1, "王建国", 1990, county="140404"), kin(2, "李志强", 1991), person(20)]
    waiting.deliver("2026-12-31", back, partner="postal")
    match(waiting.engine, waiting.keys)
    holds()
    gone = record_id(waiting.keys, "postal", "T00001")
    with waiting.engine.begin() as conn:
        forget(conn, waiting.one("select person_id from record_person where record_id = :r", r=gone), [gone])
    left = holds()
    assert left == waiting.one(
        "select count(*) from review_pair where left_record <> :r and right_record <> :r", r=gone
    )


def test_the_queue_goes_on_after_a_place(waiting: Office) -> None:
    with waiting.engine.begin() as conn:
        order = [(row.pair_id, row.left_record, row.right_record) for row in by_worth(conn, limit=50)]
        assert len(order) >= 3
        for nth, (_, *pair) in enumerate(order):
            after = by_worth(conn, limit=50, after=place(conn, *pair))
            assert [row.pair_id for row in after] == [one for one, *_ in order[nth + 1 :]]
        middle = place(conn, *order[1][1:])
        conn.execute(review_pair.delete().where(review_pair.c.pair_id == order[1][0]))
        assert place(conn, *order[1][1:]) is None, "who waits no longer has no place"
        assert by_worth(conn, limit=1, after=middle)[0].pair_id == order[2][0], "whoever had one goes on from it"


def test_a_county_learns_nothing_elsewhere_of_what_it_uploaded_itself(office: Office) -> None:
    """A guess that waits beside another county's person is for the city alone, until the partner says it too."""
    guessed = kin(11, "王建军", 1990, county=HERE, document_no=document(1))
    office.deliver("2026-10-01", [kin(1, "李志强", 1991, county=THERE, document_no=document(1))], partner="postal")
    brought(office, [guessed], "2026-10-10", [HERE])
    match(office.engine, office.keys)

    def seen(county: str) -> int:
        with office.engine.connect() as conn:
            return len(across(conn, [county]))

    assert (len(queue(office)), seen(THERE), seen(HERE)) == (1, 1, 0)
    office.deliver("2026-10-31", [guessed])
    assert (len(queue(office)), seen(THERE), seen(HERE)) == (1, 1, 1)


def test_a_pair_does_not_wait_while_one_of_its_sides_is_out_of_use(waiting: Office) -> None:
    """From the moment of the request on, for every reader; with the request revoked it waits in its place again."""
    pipeline, city = waiting.engine, Scope("wang", frozenset({"city_officer"}), None)
    with pipeline.begin() as conn:
        rows = [(row.pair_id, row.left_record, row.right_record) for row in by_worth(conn, limit=50)]
    gone = record_id(waiting.keys, "postal", "T00001")
    left = [row for row in rows if gone not in row[1:]]
    assert 0 < len(left) < len(rows)

    def waits(kept: list[tuple]) -> None:
        for reader in (pipeline.begin(), scoped(console_engine(waiting.settings), city)):
            with reader as conn:
                assert [row.pair_id for row in by_worth(conn, limit=50)] == [one for one, *_ in kept]
                assert review_pending(conn) == len(kept)
                assert {one for one, *pair in rows if place(conn, *pair)} == {one for one, *_ in kept}
        with pipeline.begin() as conn:
            assert (gone in set(conn.scalars(waiting_records()))) == (kept == rows)
            assert sum(one.waiting for one in conn.execute(COUNT_SCORES, {"lowest": -99, "highest": 99})) == len(kept)

    waits(rows)
    signed = {"by": "王主任", "reason": "本人书面申请", "received_on": date(2026, 11, 20)}
    entry = register(Working(pipeline, waiting.settings, waiting.keys), "withdraw", "postal:T00001", **signed)
    waits(left)
    match(pipeline, waiting.keys, full=True)
    waits(left)
    revoke(Working(pipeline, waiting.settings, waiting.keys), entry.request_id, "mistake", by="王主任")
    waits(rows)
