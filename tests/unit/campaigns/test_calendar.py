"""The year's calendar: every occasion with its working days, and a warning where the office has no holiday table."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from reference_cli import SIGNED, reference
from rosters import Office
from talentpool.__main__ import cli
from talentpool.campaigns.planning.calendar import STEPS, calendar_of, missing_years
from talentpool.declare import Campaign
from talentpool.declare.occasion import Dated, Turn, WorkingDays

TABLE_2026 = WorkingDays(
    frozenset({date(2026, 1, 1), *(date(2026, 10, day) for day in range(1, 8)), date(2026, 9, 25)}),
    frozenset({date(2026, 10, 10), date(2026, 9, 20)}),
)


def _campaign(code: str, occasion: dict[str, Any], **facts: Any) -> Campaign:
    return Campaign.model_validate(
        {"code": code, "name": "活动", "owner": "市", "purpose": "some", "occasion": occasion, "eligibility": {},
         "approvals": "none", "item": "物品", **facts}
    )  # fmt: skip


MOON = _campaign(
    "moon", {"festival": "中秋"}, lead_days=20,
    leads={"freeze": 12, "buy": 5, "hand_out": 0, "receipts": 8, "brief": 15},
)  # fmt: skip


def test_every_step_has_a_working_day_and_says_from_where_it_was_moved() -> None:
    (row,) = calendar_of([MOON], date(2026, 9, 1), date(2026, 9, 30), TABLE_2026)
    assert (row.cycle, row.first, row.last) == ("2026", date(2026, 9, 25), date(2026, 9, 25))
    assert row.days == {
        "draw": date(2026, 9, 4),  # Saturday the 5th is off
        "freeze": date(2026, 9, 11),  # so is Sunday the 13th
        "buy": date(2026, 9, 20),  # a Sunday that is worked
        "hand_out": date(2026, 9, 24),  # before the holiday
        "receipts": date(2026, 10, 8),  # after the holiday week
        "brief": date(2026, 10, 10),  # a Saturday that is worked
    }
    assert row.moved == {
        "draw": date(2026, 9, 5), "freeze": date(2026, 9, 13), "hand_out": date(2026, 9, 25), "receipts": date(2026, 10, 3),
    }  # fmt: skip
    assert row.warnings == ()
    assert all(TABLE_2026.is_working(day) for day in row.days.values())


def test_twelve_months_hold_every_occasion_by_its_day() -> None:
    year = [
        MOON,
        _campaign("winter", {"month": 12, "day": 22}),
        _campaign("letters", {"every": "quarter", "month": 1, "day": 15}),
        _campaign("birthdays", {"every": "month", "day": 5}, lead_days=10),
    ]
    rows = calendar_of(year, date(2026, 1, 21), date(2027, 1, 20), TABLE_2026)
    assert [row.first for row in rows] == sorted(row.first for row in rows)
    count = {code: sum(row.campaign == code for row in rows) for code in ("moon", "winter", "letters", "birthdays")}
    # those of January 2026 have their receipts and briefs left, those of February 2027 begin later
    assert count == {"moon": 1, "winter": 1, "letters": 5, "birthdays": 13}
    assert all(list(row.days) == list(STEPS) and sorted(row.days.values()) == list(row.days.values()) for row in rows)


def test_a_year_without_a_table_is_warned_of_and_only_its_weekends_are_known() -> None:
    (row,) = calendar_of([MOON], date(2027, 9, 1), date(2027, 9, 30), TABLE_2026)
    assert row.days["hand_out"] == date(2027, 9, 15)
    assert len(row.warnings) == 1 and "没有 2027 年的节假日表" in row.warnings[0]
    assert missing_years([row], TABLE_2026) == [2027]
    later = _campaign("winter", {"month": 12, "day": 22})
    (across,) = calendar_of([later], date(2026, 12, 1), date(2026, 12, 31), TABLE_2026)
    assert across.days["brief"] == date(2027, 1, 11)
    assert "没有 2027 年的节假日表" in across.warnings[0], "a step in the next year is enough"


def test_dates_that_officers_make_stand_beside_the_declared_ones() -> None:
    made = Dated(Turn("2026-X0910", date(2026, 9, 10), date(2026, 9, 10)))
    rows = calendar_of([MOON.with_dates([made])], date(2026, 9, 1), date(2026, 9, 30), TABLE_2026)
    assert [row.cycle for row in rows] == ["2026-X0910", "2026"]


def _calendar(*words: str) -> dict[str, Any]:
    done = CliRunner().invoke(cli, ["calendar", *words])
    assert done.exit_code == 0, done.output
    return json.loads(done.stdout)


def test_the_command_prints_the_year_and_follows_the_offices_table(
    office: Office, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shown = _calendar("--from", "2026-11-29")
    assert (shown["from"], shown["to"]) == ("2026-11-29", "2027-11-28")
    winter = next(row for row in shown["rows"] if row["campaign"] == "warm_winter")
    assert winter["first"] == "2026-12-22" and winter["days"]["draw"] == "2026-12-01"
    assert len(shown["warnings"]) == 1 and "2027" in shown["warnings"][0]

    table = tmp_path / "2027.csv"
    table.write_text(
        "date,kind,name\n2027-01-01,放假,元旦\n2027-01-02,放假,元旦\n2027-01-03,上班,元旦\n", encoding="utf-8"
    )
    assert reference("import", "holiday", table, *SIGNED, "--apply")[0] == 0
    assert _calendar("--from", "2026-11-29")["warnings"] == []
    assert reference("set", "holiday", "date=2026-12-01", "kind=放假", "name=临时", *SIGNED)[0] == 0
    moved = next(row for row in _calendar("--from", "2026-11-29")["rows"] if row["campaign"] == "warm_winter")
    assert (moved["days"]["draw"], moved["moved"]["draw"]) == ("2026-11-30", "2026-12-01")
    assert [change["before"] for change in reference("history", "holiday", "2026-12-01")[1]["changes"]] == [None]


def test_a_broken_declaration_hides_no_other_campaign(
    office: Office, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "typo.yml").write_text("code: typo\nnmae: x\n", encoding="utf-8")
    monkeypatch.setenv("TALENTPOOL_CAMPAIGNS", f"include/campaigns:{tmp_path}")
    shown = _calendar("--from", "2026-11-29")
    assert any(row["campaign"] == "warm_winter" for row in shown["rows"])
    assert any("typo.yml" in warning and "nmae" in warning for warning in shown["warnings"])


def test_a_make_up_workday_on_a_weekday_is_refused(office: Office) -> None:
    code, done = reference("set", "holiday", "date=2027-02-22", "kind=上班", "name=春节", *SIGNED)
    assert code == 2 and "worked anyway" in done["error"]
