"""What is written wrongly in a declaration, a trial's setting or a date is said in words, and nothing else breaks by it."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from approvals import unapproved
from rosters import TODAY, Office
from talentpool.__main__ import cli
from talentpool.campaigns import draw
from talentpool.campaigns.dry_run import dry_run
from talentpool.campaigns.planning.dates import add
from talentpool.declare import load_campaign, readable_campaigns
from talentpool.errors import DeclarationError, UsageError
from talentpool.model import cancelled_round, holiday
from talentpool.settings import INCLUDE

AS_OF = date(2026, 10, 31)
SHIPPED = (INCLUDE / "campaigns/warm_winter.yml").read_text(encoding="utf-8")


def declared(folder: Path, line: str) -> Path:
    """The shipped campaign with one line more under `eligibility`; one of the same rule is replaced."""
    rule = line.partition(":")[0]
    kept = [one for one in SHIPPED.splitlines() if not one.startswith(f"  {rule}:")]
    kept.insert(kept.index("eligibility:") + 1, f"  {line}")
    (folder / "warm_winter.yml").write_text("\n".join(kept), encoding="utf-8")
    return folder


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ('age: { min: 16, max: "35" }', "age.max"),
        ("age: { min: true, max: 35 }", "age.min"),
        ("age: { min: -1, max: 35 }", "age.min"),
        ("age: { min: 16, max: 1000000 }", "age.max"),
        ("age: { min: 16, max: 35, on: 2026-02-30 }", "day is out of range"),
        ("age: { min: 16, max: 35, on: 0001-01-01 }", "age.on"),
        ("age: { min: 16, max: 35, min: 18 }", "stands twice"),
        ("not_served: { days: true }", "not_served.days"),
        ('not_served: { days: "180" }', "not_served.days"),
        ("not_served: { days: 36600 }", "not_served.days"),
        ("joined: { before: 0 }", "YYYY-MM-DD"),
        ("joined: { before: 20240301 }", "YYYY-MM-DD"),
        ("joined: { before: 0001-01-01 }", "joined.before"),
        ("joined: { months: 1.5 }", "joined.months"),
        ('birthday_month: ["3"]', "birthday_month"),
        ('active: "yes"', "active"),
        ("active: yes", "active"),
        ("weak_identity: 1", "weak_identity"),
        ("opted_out: false", "opted_out"),
        ("political_status: [member]", "valid rules"),
        ("age: { min: 16, max: " + "9" * 5000 + " }", "warm_winter.yml"),
    ],
)
def test_a_condition_is_refused_when_it_is_read_and_the_file_is_named(tmp_path: Path, line: str, said: str) -> None:
    folder = declared(tmp_path, line)
    with pytest.raises(DeclarationError, match=r"warm_winter\.yml") as refused:
        load_campaign([folder], "warm_winter")
    assert said in str(refused.value)
    assert readable_campaigns([folder])[1].keys() == {"warm_winter"}, "the other campaigns are shown all the same"


@pytest.mark.parametrize("day", ["occasion", "2026-12-01"])
def test_an_age_is_counted_on_the_day_that_the_file_says(tmp_path: Path, day: str) -> None:
    """Unquoted, as everybody writes it."""
    folder = declared(tmp_path, f"age: {{ min: 16, max: 35, on: {day} }}")
    assert str(load_campaign([folder], "warm_winter").eligibility["age"].on) == day


@pytest.mark.parametrize(
    "setting",
    [
        {"eligibility.counties": "['999999']"}, {"eligibility.partners": "[nobody]"}, {"eligibility.occupations": "[x1]"},
        {"eligibility.age.on": "2026-02-30"}, {"eligibility.age.on": "0001-01-01"}, {"eligibility.age.max": "'35'"},
        {"eligibility.not_served.days": "true"}, {"stock": "9" * 5000}, {"eligibility": "[" * 5000},
    ],
)  # fmt: skip
def test_a_setting_of_a_trial_is_refused_in_words(office: Office, setting: dict[str, str]) -> None:
    with pytest.raises((UsageError, DeclarationError)):
        dry_run(office, unapproved(office.settings), AS_OF, setting)


@pytest.mark.parametrize("day", ["0001-01-01", "0050-06-01", "1899-12-31", "2200-01-01", "9999-12-31"])
@pytest.mark.parametrize(
    "words",
    [
        ["target", "warm_winter", "--as-of"],
        ["target", "warm_winter", "--dry-run", "--as-of"],
        ["target", "cancel", "warm_winter", "--by", "sun", "--reason", "x", "--as-of"],
        ["calendar", "--from"],
    ],
)
def test_a_date_of_another_age_is_a_slip_of_the_pen(office: Office, words: list[str], day: str) -> None:
    done = CliRunner().invoke(cli, [*words, day], standalone_mode=False)
    assert "no date here is before 1900" in str(done.exception)


def test_an_extra_round_lasts_no_longer_than_a_season(office: Office) -> None:
    def lasting(until: Any) -> None:
        with office.engine.begin() as conn:
            campaign, first = unapproved(office.settings), date(2027, 3, 8)
            add(conn, campaign, (first, until), by="sun", reason="捐赠", today=TODAY)

    for until in (date(9999, 12, 31), date(2027, 9, 8)):
        with pytest.raises(UsageError, match="请核对最后一天"):
            lasting(until)
    lasting(date(2027, 3, 10))


def test_a_day_whose_round_was_cancelled_is_not_added_in_vain(office: Office) -> None:
    campaign, day = unapproved(office.settings), date(2027, 3, 8)
    with office.engine.begin() as conn:
        conn.execute(
            cancelled_round.insert(),
            {"campaign": campaign.code, "cycle": "2027-X0308", "cancelled_by": "sun", "reason": "推迟"},
        )
        with pytest.raises(UsageError, match="已取消，不会拟定名单"):
            add(conn, campaign, (day, day), by="sun", reason="捐赠", today=TODAY)


@pytest.mark.parametrize("name", ["", "  ", "\u200b", "\u3000\u2060"])
def test_a_list_is_drawn_in_somebodys_name(office: Office, name: str) -> None:
    with pytest.raises(UsageError, match="由谁拟定"):
        draw(office, unapproved(office.settings), AS_OF, by=name)


@pytest.mark.parametrize(
    "words", [["approve", "²", "--by", "sun"], ["²", "--verify"], ["close", "①", "--by", "sun", "--reason", "x"]]
)
def test_a_sign_that_is_no_number_is_told_the_usage(words: list[str]) -> None:
    done = CliRunner().invoke(cli, ["target", *words])
    assert isinstance(done.exception, UsageError)


@pytest.mark.parametrize("as_of", ["1999-02-20", "2150-02-20"])
def test_a_round_of_another_century_is_not_cancelled_by_a_slip(office: Office, as_of: str) -> None:
    done = CliRunner().invoke(
        cli, ["target", "cancel", "warm_winter", "--as-of", as_of, "--by", "sun", "--reason", "x"]
    )
    assert isinstance(done.exception, UsageError) and "太远" in str(done.exception)


def test_a_holiday_table_without_working_days_is_refused_and_said_to_be_wrong(office: Office, tmp_path: Path) -> None:
    file = tmp_path / "holidays.csv"
    days = [date(2027, 1, 1) + timedelta(days=number) for number in range(60)]
    file.write_text("date,kind,name\n" + "".join(f"{day},放假,元旦\n" for day in days), encoding="utf-8")
    done = CliRunner().invoke(
        cli, ["reference", "import", "holiday", str(file), "--by", "sun", "--reason", "x", "--apply"]
    )
    assert isinstance(done.exception, UsageError) and "days off in a row" in str(done.exception)
    with office.engine.begin() as conn:  # of a release that took it
        conn.execute(holiday.insert(), [{"date": day, "kind": "holiday", "name": "元旦"} for day in days])
    shown = CliRunner().invoke(cli, ["calendar", "--from", "2027-01-01"])
    assert isinstance(shown.exception, UsageError) and "请核对节假日表" in str(shown.exception)
    assert "break_too_long" in CliRunner().invoke(cli, ["reference", "check"]).output
