"""Calibration: what the evidence said of pairs that waited, against what the office judged; from real tables and in the page."""

from __future__ import annotations

import re
from dataclasses import replace
from uuid import UUID

import pytest
import sqlalchemy as sa

from report_sample import sample
from rosters import Office, person
from talentpool.match import match
from talentpool.report import quality, render
from talentpool.report.calibration import LEAST, Band, Calibration, calibration
from talentpool.report.identity_charts import calibration_chart
from talentpool.review import judge, pending

WHO = {"by": "李专员", "note": "电话核实"}


def said(html: str) -> str:
    section = html[html.index("<h3>分值准不准</h3>") : html.index("<h3>近期比对</h3>")]
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", "", section))


def found(office: Office) -> Calibration:
    with office.engine.connect() as conn:
        return calibration(conn)


def put(office: Office, at: int, verdict: str, score: float, *, rule: str = "scored", more: str = "review",
        split: str | None = None) -> None:  # fmt: skip
    """A judgement on a pair of its own, and the evidence of the pair."""
    pair = {"left_record": UUID(int=2 * at + 2), "right_record": UUID(int=2 * at + 3)}
    edge = sa.text("insert into edge (left_record, right_record, rule, verdict, score, decided_by, split_id)"
                   " values (:left_record, :right_record, :rule, :verdict, :score, :by, :split)")  # fmt: skip
    with office.engine.begin() as conn:
        conn.execute(edge, pair | {"rule": "human", "verdict": verdict, "score": 0.0, "by": "李专员", "split": split})
        conn.execute(edge, pair | {"rule": rule, "verdict": more, "score": score, "by": None, "split": None})


def test_a_judgement_counts_in_the_band_that_its_score_says(office: Office) -> None:
    """3.17 bits are a chance of 0.9, none one of a half; unsure is no judgement of this kind."""
    for at, (verdict, score) in enumerate(
        [("same", 3.17), ("same", 12.0), ("different", 3.2), ("same", 0.0), ("different", -1.9), ("unsure", 3.5)]
    ):
        put(office, at, verdict, score)
    bands = found(office).bands
    assert [(band.least, band.judged, band.same) for band in bands] == [(0.2, 1, 0), (0.5, 1, 1), (0.9, 3, 2)]
    assert bands[1].said == pytest.approx(0.5) and 0.9 < bands[2].said < 1
    assert found(office).left_out == 0


def test_only_what_waited_for_its_score_is_held_against_it(office: Office) -> None:
    put(office, 0, "same", 2.0)
    put(office, 1, "different", 15.0, more="same")
    put(office, 2, "different", 14.0, rule="relatives")
    put(office, 3, "different", -20.0, rule="two_numbers")
    put(office, 4, "different", 2.0, split=str(UUID(int=1)))
    counted = found(office)
    assert (counted.judged, counted.left_out) == (1, 4)


def test_a_judgement_of_the_office_arrives_in_the_figures_of_the_report(office: Office) -> None:
    """Through real rosters, a real run and judge(); with fewer than enough one sentence says how many there are."""
    same = {"name": "王建国", "document_no": "", "birth_date": "", "sex": "男"}
    office.deliver("2026-10-31", [person(2, **same), person(5)], partner="didi")
    office.deliver("2026-10-31", [person(3, **same, hired_on="2024-03-02"), person(6)], partner="meituan")
    match(office.engine, office.keys)
    with office.engine.begin() as conn:
        (pair,) = pending(conn, office.keys)
    for verdict, counted in (("unsure", 0), ("different", 1)):
        judge(office, pair["pair_id"], verdict, **WHO)  # type: ignore[arg-type]
        match(office.engine, office.keys, full=True)
        figures = quality(office).identity
        assert figures is not None and figures.calibration.judged == counted
    ((band,), text) = figures.calibration.bands, said(render(quality(office)))
    assert band.said == pytest.approx(1 / (1 + 2 ** -pair["score"])) and band.same == 0
    assert "至少需要 50 对" in text and "目前有 1 对" in text and "95%" not in text


@pytest.mark.parametrize(
    ("same", "judged", "low", "high"),
    [(0, 10, 0.0, 0.2775), (10, 10, 0.7225, 1.0), (9, 10, 0.5958, 0.9821), (81, 263, 0.2553, 0.3662)],
)
def test_the_interval_is_wilsons(same: int, judged: int, low: float, high: float) -> None:
    """Values of Newcombe 1998, table I (81 of 263), and of the closed form at the ends."""
    assert Band(0.5, 0.55, judged, same).interval == pytest.approx((low, high), abs=5e-5)


def test_a_band_is_called_wrong_only_where_its_interval_does_not_reach_what_was_said() -> None:
    assert Band(0.9, 0.92, 10, 8).verdict == "right", "eight of ten may be luck"
    assert Band(0.9, 0.95, 100, 80).verdict == "too_high"
    assert Band(0.2, 0.25, 100, 60).verdict == "too_low"


@pytest.mark.parametrize("judged", [LEAST - 1, LEAST])
def test_the_chart_is_drawn_from_the_least_number_on(judged: int) -> None:
    figures = sample()
    assert figures.identity is not None
    few = Calibration((Band(0.4, 0.45, 4, 2), Band(0.9, 0.95, judged - 4, judged - 6)), 0)
    page = render(replace(figures, identity=replace(figures.identity, calibration=few)))
    text = said(page)
    assert ("系统认为的可能与人工判定的对照" in page) == (judged >= LEAST)
    assert ("只有等待复核的才有人判定" in text) == (judged >= LEAST)
    if judged < LEAST:
        assert f"目前有 {judged} 对" in text
    else:
        assert "90～100%" in text and "40～50%" not in text and "不足 5 对的档不单独列出（共 4 对）" in text


def test_points_stand_where_they_were_judged_and_the_diagonal_where_they_should() -> None:
    """A band that is right lies on the diagonal, one judged lower beneath it."""
    right, lower = Band(0.5, 0.5, 100, 50), Band(0.9, 0.9, 100, 50)
    drawn = str(calibration_chart([right, lower], label="x"))
    points = [(float(x), float(y)) for x, y in re.findall(r'translate\(([\d.]+),([\d.]+)\)"[^>]*fill="#0b5cad"', drawn)]
    assert len(points) == 2 and "系统认为是同一人的可能" in drawn and drawn.count("%</text>") == 10
    (x1, y1), (x2, y2) = points
    assert y1 == y2 and x1 < x2
    assert x1 / (x2 / 0.9) == pytest.approx(0.5, abs=0.01)
