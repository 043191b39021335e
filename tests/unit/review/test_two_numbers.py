"""Two document numbers under one name and mobile: never united by themselves, asked first, and once a pair of persons."""

from __future__ import annotations

from datetime import date

import pytest
import sqlalchemy as sa

from rosters import Office, document, person
from talentpool.errors import UsageError
from talentpool.match import links, match, put_off, review_pending
from talentpool.match.scoring.edges import AMBIGUOUS, HUMAN_RULE, RULES
from talentpool.review import by_worth, explain_pair, judge, pending, place, undo, waiting_records
from talentpool.services.rights import register
from talentpool_airflow.console.words import REVIEW_WHY

WHO = {"by": "李专员", "note": "电话核实"}
TODAY = "2026-10-31"
ONE = person(1, name="霍思远", mobile="13500040001", document_no=document(1, "1990-05-05"), staff_no="A1")
OTHER = ONE | {"document_no": document(3, "1991-06-06"), "staff_no": "B1"}
ELSEWHERE = {"station": "上党站", "county": "140404"}


def delivered(office: Office, *others: dict[str, str]) -> None:
    """ONE at one partner, the others at another; and everybody matched."""
    office.deliver(TODAY, [ONE, person(7)], partner="didi")
    office.deliver(TODAY, [*others, person(8)], partner="meituan")
    match(office.engine, office.keys)


def waits(office: Office) -> list[dict]:
    with office.engine.begin() as conn:
        found = pending(conn, office.keys)
        assert len(found) == review_pending(conn)
    return found


def people(office: Office) -> dict[str, str]:
    return {staff_no: who for _, staff_no, who in links(office.engine)}


def test_a_pair_of_two_numbers_waits_for_its_own_reason_and_is_never_united(office: Office) -> None:
    delivered(office, OTHER)
    (pair,) = waits(office)
    assert (pair["why"], pair["urgent"]) == (["two_numbers"], True)
    assert REVIEW_WHY["two_numbers"] == "同名同手机号、同站点或同入职日期，但证件号不同"
    match(office.engine, office.keys, full=True)
    assert [again["pair_id"] for again in waits(office)] == [pair["pair_id"]]
    assert len({people(office)[who] for who in ("A1", "B1")}) == 2
    with office.engine.begin() as conn:
        told = explain_pair(conn, office.keys, pair["pair_id"])
    assert {step["comparison"]: step["level"] for step in told["evidence"]}["document"] == "conflict"


@pytest.mark.parametrize(
    ("change", "asked"),
    [
        ({"station": "上党站"}, True),  # the hire date agrees
        ({"hired_on": "2025-09-09"}, True),  # the station agrees
        (ELSEWHERE | {"hired_on": "2025-09-09"}, False),
        ({"mobile": "13500040099"}, False),
        ({"mobile": "13500040099", "mobile2": "13500040001"}, True),
        ({"name": "霍思行"}, False),
        ({"document_no": ONE["document_no"][:6] + "********" + "9988"}, False),
    ],
)  # fmt: skip
def test_name_mobile_and_station_or_hire_date_must_agree(office: Office, change: dict[str, str], asked: bool) -> None:
    delivered(office, OTHER | change)
    assert (["two_numbers"] in [pair["why"] for pair in waits(office)]) == asked
    assert len({people(office)[who] for who in ("A1", "B1")}) == 2


def test_no_third_record_unites_the_two_and_the_question_is_asked_once(office: Office) -> None:
    """A record without a number that fits both, and a second record of the one."""
    third = ONE | {"document_no": "", "staff_no": "B2"}
    delivered(office, OTHER, third)
    office.deliver(TODAY, [ONE | {"staff_no": "C1"}, person(9)], partner="sf")
    for full in (False, True):
        match(office.engine, office.keys, full=full)
        owner = people(office)
        assert owner["A1"] == owner["C1"] != owner["B1"]
        asked = {frozenset((pair["left"]["person_id"], pair["right"]["person_id"])) for pair in waits(office)}
        assert len(asked) == len(waits(office)), "two persons are one question"
        assert frozenset((owner["A1"], owner["B1"])) in asked
    edges = office.one("select count(*) from edge where rule = 'two_numbers'")
    assert edges == 2 and sum(pair["urgent"] for pair in waits(office)) == 1, "of two pairs of records one is asked"


@pytest.fixture
def several(office: Office) -> Office:
    """The two above, the one known to two partners; and two namesakes, of whom one is, by records that say less and more."""
    namesake = {"name": "王建国", "document_no": "", "birth_date": "", "sex": "男"}
    office.deliver(TODAY, [ONE, person(2, **namesake) | {"sex": ""}], partner="didi")
    office.deliver(TODAY, [OTHER, person(3, **namesake) | {"hired_on": "2024-03-02"}], partner="meituan")
    second = [ONE | {"staff_no": "C1"}, person(4, **namesake) | {"mobile": person(2)["mobile"]}]
    office.deliver(TODAY, second, partner="sf")
    match(office.engine, office.keys)
    assert len(set(people(office).values())) == 4
    return office


def test_what_no_list_is_locked_without_comes_first_whatever_else_is_worth(several: Office) -> None:
    with several.engine.begin() as conn:
        conn.execute(sa.text("update review_pair set chance = 0.001 where urgent"))
        rows = by_worth(conn, limit=9)
        assert [row.urgent for row in rows] == [True, False]
        assert rows[0].worth < rows[1].worth
        first = place(conn, rows[0].left_record, rows[0].right_record)
        assert [row.pair_id for row in by_worth(conn, limit=9, after=first)] == [rows[1].pair_id]
        last = place(conn, rows[1].left_record, rows[1].right_record)
        assert by_worth(conn, limit=9, after=last) == []


def test_of_the_pairs_of_two_persons_the_one_of_the_greatest_worth_is_asked(several: Office) -> None:
    scores = several.ask("select score from edge where verdict = 'review' and rule = 'scored' order by score")
    (doubt,) = [pair for pair in waits(several) if not pair["urgent"]]
    assert len(set(scores)) == 2 and doubt["score"] == scores[-1][0]


@pytest.mark.parametrize("verdict", ["different", "unsure", "same"])
def test_one_judgement_settles_all_pairs_of_two_persons(several: Office, verdict: str) -> None:
    """Put off, too: nobody is asked about the other records of whom somebody waits for an answer."""
    (doubt,) = [pair for pair in waits(several) if not pair["urgent"]]
    judge(several, doubt["pair_id"], verdict, **WHO)  # type: ignore[arg-type]
    assert [pair["why"] for pair in waits(several)] == [["two_numbers"]]
    with several.engine.begin() as conn:
        assert [pair.pair_id for pair in put_off(conn)] == ([doubt["pair_id"]] if verdict == "unsure" else [])
    match(several.engine, several.keys, full=True)
    assert len(waits(several)) == 1
    undo(several, doubt["pair_id"], **WHO)
    assert doubt["pair_id"] in {pair["pair_id"] for pair in waits(several)}


def test_what_a_guard_holds_apart_between_two_persons_is_answered_with_them_and_taken_back_as_one(
    office: Office,
) -> None:
    """Both records of the one differ from the other's in a character of the name: one judgement, not one a record."""
    born = {"document_no": "", "birth_date": "1990-05-17", "sex": "男"}
    office.deliver(TODAY, [person(2, name="李志强", **born)], partner="didi")
    office.deliver(TODAY, [person(3, name="李志刚", **born)], partner="meituan")
    office.deliver(TODAY, [person(4, name="李志强", **born) | {"mobile": person(2)["mobile"]}], partner="sf")
    match(office.engine, office.keys)
    assert office.one("select count(*) from edge where rule = 'relatives'") == 2
    (pair,) = waits(office)
    judge(office, pair["pair_id"], "same", **WHO)
    assert len(set(people(office).values())) == 1 and waits(office) == []
    match(office.engine, office.keys, full=True)
    assert len(set(people(office).values())) == 1
    undo(office, pair["pair_id"], **WHO)
    assert office.one("select count(*) from edge where rule = 'human'") == 0
    assert len(set(people(office).values())) == 2
    assert [again["pair_id"] for again in waits(office)] == [pair["pair_id"]]


def test_two_old_answers_put_off_are_shown_as_one(several: Office) -> None:
    pairs = several.ask("select left_record, right_record from edge where verdict = 'review' and rule = 'scored'")
    with several.engine.begin() as conn:
        for day, pair in enumerate(pairs, start=1):
            conn.execute(
                sa.text("insert into edge (left_record, right_record, rule, verdict, score, decided_by, note, made_at)"
                        " values (:one, :other, 'human', 'unsure', 0, '李专员', 'x', make_date(2026, 11, :day))"),
                {"one": pair[0], "other": pair[1], "day": day},
            )  # fmt: skip
    with several.engine.begin() as conn:
        (shown,) = put_off(conn)
    assert (shown.left_record, shown.right_record) == tuple(pairs[-1]), "the newest"


def test_two_numbers_are_told_apart_or_put_off_and_never_called_one(office: Office) -> None:
    delivered(office, OTHER)
    (pair,) = waits(office)
    with pytest.raises(UsageError, match="two document numbers"):
        judge(office, pair["pair_id"], "same", **WHO)
    judge(office, pair["pair_id"], "unsure", **WHO)
    assert waits(office) == []
    judge(office, pair["pair_id"], "different", **WHO)
    assert waits(office) == [] and len(set(people(office).values())) == 4


def test_a_number_that_the_partner_corrects_makes_them_one(office: Office) -> None:
    delivered(office, OTHER)
    (pair,) = waits(office)
    judge(office, pair["pair_id"], "unsure", **WHO)
    office.deliver("2026-11-30", [OTHER | {"document_no": ONE["document_no"]}, person(8)], partner="meituan")
    match(office.engine, office.keys)
    assert waits(office) == []
    assert people(office)["A1"] == people(office)["B1"]


def test_while_one_record_is_out_of_use_another_of_the_same_persons_is_asked(several: Office) -> None:
    """Consent of one record ended: the next run asks by the other, and still one question."""
    with several.engine.begin() as conn:
        (asked,) = [row for row in by_worth(conn, limit=9) if row.urgent]
        of_one = sa.text(
            "select record_id from source_record where staff_no in ('A1', 'C1') and record_id in (:one, :other)"
        )
        stood = conn.scalar(of_one, {"one": asked.left_record, "other": asked.right_record})
        conn.execute(sa.text("update source_record set status = 'suspended' where record_id = :one"), {"one": stood})
        assert [row for row in by_worth(conn, limit=9) if row.urgent] == []
    match(several.engine, several.keys, full=True)
    with several.engine.begin() as conn:
        (now,) = [row for row in by_worth(conn, limit=9) if row.urgent]
        assert stood not in (now.left_record, now.right_record)
        assert stood in set(conn.scalars(waiting_records())), "the person waits, with every record"
    register(several, "withdraw", "meituan:B1", by="王主任", reason="本人书面申请", received_on=date(2026, 11, 20))
    with several.engine.begin() as conn:
        assert [row for row in by_worth(conn, limit=9) if row.urgent] == []


def test_every_reason_of_a_pair_has_chinese_words() -> None:
    assert set(REVIEW_WHY) == {*RULES, AMBIGUOUS} - {HUMAN_RULE}
