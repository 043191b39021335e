"""What is asked of judgements: those around a pair and as far as they carry, not everybody's."""

from __future__ import annotations

from pathlib import Path
from uuid import UUID

import pytest

from rosters import Office, document, person
from talentpool.errors import UsageError
from talentpool.guard import record_id
from talentpool.match import links, match
from talentpool.model import edge
from talentpool.review import count_judgements, import_judgements, judge, judgements, pending
from talentpool.review.around import judgements_around, overruled_pairs
from talentpool.review.judgement_file import HEADER

WHO = {"by": "李专员", "note": "电话核实"}
TWINS = {"document_no": "", "birth_date": "1990-05-05", "county": "140403", "sex": "男"}
OTHERS = TWINS | {"birth_date": "1991-06-06", "county": "140404"}


def say(office: Office, *judgements: tuple[int, int, str]) -> None:
    """Put judgements on record between records called by small numbers."""
    with office.engine.begin() as conn:
        for one, other, verdict in judgements:
            left, right = UUID(int=min(one, other)), UUID(int=max(one, other))
            row = {"left_record": left, "right_record": right, "rule": "human", "verdict": verdict, "score": 0.0}
            conn.execute(edge.insert(), row | {"decided_by": "李专员", "note": "x"})


def around(office: Office, *records: int) -> set[tuple[int, int, str]]:
    with office.engine.begin() as conn:
        found = judgements_around(conn, [UUID(int=record) for record in records])
    return {(left.int, right.int, verdict) for (left, right), verdict in found.items()}


def test_words_are_followed_as_far_as_same_carries_and_not_through_a_different(office: Office) -> None:
    chain = [(1, 2, "same"), (2, 3, "same"), (3, 4, "same")]
    ends = [(4, 10, "different"), (1, 20, "unsure")]
    say(office, *chain, *ends, (10, 11, "same"), (20, 21, "same"), (30, 31, "same"))
    for record in (1, 2, 3, 4):
        assert around(office, record) == {*chain, *ends}
    assert around(office, 10) == {(10, 11, "same"), (4, 10, "different")}
    assert around(office, 1, 30) == {*chain, *ends, (30, 31, "same")}
    assert around(office, 99) == around(office) == set()


@pytest.fixture
def two_pairs(office: Office) -> Office:
    """Two pairs that may each be one person."""
    first, second = person(1, name="王建国", **TWINS), person(2, staff_no="D1", name="王建军", **TWINS)
    third, fourth = person(3, name="李卫东", **OTHERS), person(4, staff_no="D3", name="李卫国", **OTHERS)
    office.deliver("2026-10-31", [first, third, person(30)], partner="postal")
    office.deliver("2026-10-31", [second, fourth, person(31)], partner="didi")
    match(office.engine, office.keys)
    return office


def pair_of(office: Office, staff_no: str) -> str:
    with office.engine.begin() as conn:
        (found,) = (pair["pair_id"] for pair in pending(conn, office.keys)
                    if staff_no in (pair["left"]["staff_no"], pair["right"]["staff_no"]))  # fmt: skip
    return str(found)


def overruled_by_documents(office: Office) -> None:
    """D3 and T00003 were called one person; now each has a number of its own, and no run has seen that yet."""
    judge(office, pair_of(office, "D3"), "same", **WHO)
    known = OTHERS | {"birth_date": ""}
    third = person(3, name="李卫东", **known | {"document_no": document(11, "1991-06-06")})
    fourth = person(4, staff_no="D3", name="李卫国", **known | {"document_no": document(13, "1991-06-06")})
    office.deliver("2026-11-30", [person(1, name="王建国", **TWINS), third, person(30)], partner="postal")
    office.deliver("2026-11-30", [person(2, staff_no="D1", name="王建军", **TWINS), fourth, person(31)], partner="didi")


def owners(office: Office) -> dict[str, str]:
    return {staff_no: person_id for _, staff_no, person_id in links(office.engine)}


def test_a_word_of_others_that_a_new_roster_overrules_does_not_refuse_this_one(two_pairs: Office) -> None:
    overruled_by_documents(two_pairs)
    judge(two_pairs, pair_of(two_pairs, "D1"), "same", **WHO)
    found = owners(two_pairs)
    assert found["D1"] == found["T00001"] and found["D3"] != found["T00003"]
    ours, theirs = (tuple(sorted(record_id(two_pairs.keys, *side) for side in (("postal", one), ("didi", other))))
                    for one, other in (("T00001", "D1"), ("T00003", "D3")))  # fmt: skip
    with two_pairs.engine.connect() as conn:
        assert overruled_pairs(conn) == overruled_pairs(conn, {ours, theirs}) == {theirs}  # type: ignore[arg-type]
        assert overruled_pairs(conn, {ours}) == overruled_pairs(conn, set()) == set()  # type: ignore[arg-type]


def test_nor_a_file_of_other_pairs_and_what_it_does_break_is_refused(two_pairs: Office, tmp_path: Path) -> None:
    overruled_by_documents(two_pairs)
    path = tmp_path / "in.csv"

    def written(*sides: str) -> Path:
        lines = [f"postal,{one},didi,{other},same,王主任,见证明," for one, other in (side.split() for side in sides)]
        path.write_text("\n".join([",".join(HEADER), *lines]) + "\n", encoding="utf-8")
        return path

    with pytest.raises(UsageError, match="line 3: two valid document numbers"):
        import_judgements(two_pairs, written("T00001 D1", "T00030 T00031"), **WHO)
    assert import_judgements(two_pairs, written("T00001 D1"), **WHO).new == 1
    assert owners(two_pairs)["D1"] == owners(two_pairs)["T00001"]


def test_the_newest_words_are_read_without_the_others(two_pairs: Office) -> None:
    judge(two_pairs, pair_of(two_pairs, "D1"), "same", **WHO)
    judge(two_pairs, pair_of(two_pairs, "D3"), "different", **WHO)
    with two_pairs.engine.begin() as conn:
        every, newest = judgements(conn), judgements(conn, most=1)
        assert count_judgements(conn) == len(every) == 2
    assert newest == every[:1] and newest[0].verdict == "different"
