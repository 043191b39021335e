"""谁是谁: figures as read after real runs, and the section that shows them."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date
from uuid import uuid4

import pytest
import sqlalchemy as sa

from report_sample import sample
from rosters import Office, person
from talentpool.match import match
from talentpool.match.scoring.weights import LEVELS, load_weights
from talentpool.model import edge, match_run
from talentpool.report import quality, render
from talentpool.report.identity import Concerns, Identity, weights_of
from talentpool.review import judge, pending

TWINS = {"document_no": "", "birth_date": "1990-05-05", "sex": "男"}


def figures(office: Office) -> Identity:
    found = quality(office).identity
    assert found is not None
    return found


def text_of(html: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", "", html[html.index("<h2>谁是谁</h2>") :]))


@pytest.fixture
def matched(office: Office) -> Office:
    """Twenty people, four of them at two partners, and two records that may be one person."""
    office.deliver("2026-09-30", [person(n) for n in range(1, 21)] + [person(31, name="王建国", **TWINS)])
    second = [person(n, staff_no=f"P{n}") for n in range(1, 5)] + [person(32, name="王建军", **TWINS)]
    office.deliver("2026-09-30", second, partner="postal")
    match(office.engine, office.keys)
    return office


def test_before_the_first_run_there_is_nothing_and_the_page_says_so(office: Office) -> None:
    assert quality(office).identity is None
    office.deliver("2026-09-30", [person(1)])
    assert "还没有比对过人员" in render(quality(office))


def test_records_people_and_pairs_are_those_of_the_run(matched: Office) -> None:
    found = figures(matched)
    assert (found.records, found.people, found.sizes, found.largest) == (26, 22, ((1, 18), (2, 4)), 2)
    assert found.several == 4
    assert (found.waiting, found.judged) == (1, 0)
    assert found.scores is not None
    assert (found.scores.pairs("same"), found.scores.pairs("review")) == (4, found.waiting)


def test_a_judgement_shows_on_its_day_and_nothing_waits_any_more(matched: Office) -> None:
    with matched.engine.begin() as conn:
        conn.execute(match_run.update().values(made_at=sa.text("timestamptz '2026-09-30 23:30+08'")))
        (pair,) = pending(conn, matched.keys)
    judge(matched, pair["pair_id"], "same", by="李专员", note="电话核实")
    newest, first = figures(matched).days
    assert (first.on, first.full_run, first.waiting, first.judged) == (date(2026, 9, 30), True, 1, 0)
    assert (newest.waiting, newest.judged, newest.merged, newest.split) == (0, 1, 1, 0)
    scores = figures(matched).scores
    assert scores is not None and (scores.pairs("same"), scores.pairs("review")) == (4, 0)
    assert "等待复核与人工判定的对数" in render(quality(matched))


def test_a_shared_mobile_is_told_of_with_its_partners_and_still_after_a_month(office: Office) -> None:
    shared = [person(n, mobile="13500000099", document_no="") for n in range(1, 8)]
    office.deliver("2026-09-30", [*shared, person(20)])
    match(office.engine, office.keys)
    office.deliver("2026-10-31", [*shared, person(20, station="新站")])
    match(office.engine, office.keys)
    found = figures(office)
    assert (found.concerns.shared_mobiles, found.concerns.sharing) == (1, (("网约车", 7),))
    assert "1 个手机号码各出现在超过 6 条记录中" in text_of(render(quality(office)))


def test_a_second_mobile_counts_among_the_shared_ones_and_a_record_once(office: Office) -> None:
    number = "13500000099"
    first = [person(n, mobile=number, document_no="") for n in range(1, 4)]
    second = [person(n, mobile2=number, document_no="") for n in range(4, 7)]
    office.deliver("2026-09-30", [*first, *second, person(20), person(21, mobile=number, mobile2=number)])
    office.deliver("2026-09-30", [person(30, mobile2=number), person(31)], partner="postal")
    match(office.engine, office.keys)
    assert figures(office).concerns.sharing == (("网约车", 7), ("邮政快递", 1))
    with office.engine.begin() as conn:
        conn.exec_driver_sql("update source_record set mobile2_index = null where partner = 'postal'")
        conn.exec_driver_sql("update source_record set mobile2_index = null where staff_no = 'T00004'")
    assert figures(office).concerns.sharing == (), (
        "six records of one mobile are not too many, though one bears it twice"
    )


def test_records_without_evidence_and_judgements_about_none_are_told_of(office: Office) -> None:
    office.deliver("2026-09-30", [person(1, document_no="", mobile=""), person(2)])
    match(office.engine, office.keys)
    left, right = sorted((uuid4(), uuid4()))
    with office.engine.begin() as conn:
        word = {"rule": "human", "verdict": "different", "score": 0.0, "decided_by": "李专员", "note": "x"}
        conn.execute(edge.insert().values(left_record=left, right_record=right, **word))
    concerns = figures(office).concerns
    assert (concerns.bare, concerns.lost, concerns.shared_mobiles) == (1, 1, 0)
    assert "1 条人工判定所说的记录已不存在" in text_of(render(quality(office)))


def test_a_block_over_its_cap_is_told_of_unless_only_common_names_fill_it(office: Office) -> None:
    office.deliver("2026-09-30", [person(n, name="王伟", mobile="", document_no="") for n in range(1, 8)])
    match(office.engine, office.keys)
    assert office.one("select over_cap from match_run") == {"name_county": 1}
    found = figures(office).concerns
    assert (found.over_cap, found.common_names) == ((), 1)
    with office.engine.begin() as conn:
        conn.execute(match_run.update().values(over_cap={"birth_tail": 2, "name": 3}))
    found = figures(office).concerns
    assert (found.over_cap, found.common_names) == ((("出生日期与证件末四位", 2),), 3)


def test_a_run_of_before_these_figures_is_no_fault(matched: Office) -> None:
    old = {"full_run": False, "scores": {}, "waiting": None, "shared_mobiles": None, "bare": None, "over_cap": {}}
    with matched.engine.begin() as conn:
        conn.execute(match_run.update().values(old))
    found = quality(matched)
    assert found.identity is not None
    assert found.identity.scores is not None and not found.identity.concerns


def test_every_level_that_weighs_anything_has_a_line_of_its_own() -> None:
    found = weights_of(load_weights())
    names = [weight.text.split("（")[0] for weight in found]
    assert len(names) == len(set(names)) > 15
    assert len(names) < sum(map(len, LEVELS.values())), "what is unknown is left out"
    assert [weight for weight in found if weight.most > weight.least], "a rare name weighs more"


def test_the_bound_is_the_one_by_which_the_newest_run_united(matched: Office) -> None:
    kept = matched.one("select same_from from match_run")
    before = figures(matched).scores
    assert before is not None and before.bands.same == kept, "a full run finds one and keeps it"
    with matched.engine.begin() as conn:
        conn.execute(match_run.update().values(same_from=9.75))
    scores, page = figures(matched).scores, render(quality(matched))
    assert scores is not None and scores.bands == load_weights().bands.model_copy(update={"same": 9.75})
    assert "9.75 分以上自动合并" in page and "−2 至 9.75 分请人复核" in page
    assert ">9.75</text>" in page, "and the chart draws it there"
    assert "预计不超过每万对 1.5 对" in page


@pytest.mark.parametrize("comparison", ["name", "county", "station", "hired"])
def test_what_weighs_by_its_rarity_is_named_in_chinese_with_all_that_it_may_weigh(comparison: str) -> None:
    said = re.sub(r"<[^>]+>", "", render(sample()))
    rules = {level: rule for level, rule in load_weights().comparisons[comparison].items() if level != "unknown"}
    assert [rule for rule in rules.values() if rule.rare]
    for level, rule in rules.items():
        words = rule.zh.split("（")[0]
        assert all(part in said for part in words.split("，")), f"{comparison}.{level}"
    assert "姓名、区县、站点、入职日期相同时，按在本库中的稀有程度计" in said


def test_nothing_to_look_into_is_no_alert() -> None:
    figures = sample()
    assert figures.identity is not None
    assert "需要留意" in render(figures)
    calm = replace(figures.identity, concerns=Concerns(0, (), (), 12, 0, 0))
    assert "需要留意" not in render(replace(figures, identity=calm))


def test_without_pairs_or_waiting_the_section_still_makes_sense() -> None:
    figures = sample()
    assert figures.identity is not None
    bare = replace(
        figures.identity, scores=None, days=(), waiting=0, judged=0, sizes=(), records=0, people=0, largest=0
    )
    said = text_of(render(replace(figures, identity=bare)))
    assert "记录不足两条" in said and "还没有在册的记录" in said and "也还没有人工判定" in said
