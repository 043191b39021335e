"""The campaigns that ship: each draws its list, and one that no notice covers is not yet lawful until the office's act."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import openpyxl
import pytest
import sqlalchemy as sa

from talentpool.campaigns import draw, turn_of
from talentpool.campaigns.lists import find, read_rows
from talentpool.declare import Campaign, campaign_files, load_campaign
from talentpool.errors import UsageError
from talentpool.guard import KeyRing
from talentpool.model import notice, pool_presence, source_record
from talentpool.office import Office
from talentpool.settings import INCLUDE, Settings

AS_OF = date(2026, 10, 31)
FOLDERS = [INCLUDE / "campaigns"]
NOT_YET_LAWFUL = ("courier_letter", "mid_autumn", "spring_festival", "traffic_safety")


def _text(path: Path) -> str:
    book = openpyxl.load_workbook(path)
    return "\n".join(str(cell.value) for sheet in book for row in sheet.iter_rows() for cell in row if cell.value)


def _covered(engine: sa.Engine, purpose: str) -> None:
    """What the office does: a new version of the notice, to which people agree from then on."""
    with engine.begin() as conn:
        conn.execute(notice.insert(), {"version": "v2", "purpose": purpose, "published_on": date(2026, 10, 1)})


def _months_at_work(engine: sa.Engine) -> None:
    with engine.begin() as conn:
        conn.execute(pool_presence.update().values(spell_from=date(2026, 1, 1)))


@pytest.mark.parametrize("code", campaign_files(FOLDERS))
def test_each_draws_the_people_whom_its_notice_covers(
    engine: sa.Engine, keys: KeyRing, settings: Settings, city: Any, code: str
) -> None:
    campaign, version = load_campaign(FOLDERS, code), "v1"
    if code in NOT_YET_LAWFUL:
        _covered(engine, campaign.purpose)
        version = "v2"
    covered = city.person("甲乙丙一", notice_version=version, consented_on=date(2026, 10, 2))
    other = city.person("甲乙丙二", notice_version="v9")
    _months_at_work(engine)
    drawn = draw(Office(engine, settings, keys), campaign, AS_OF)
    with engine.connect() as conn:
        rows = {row.person_id: row.reason for row in read_rows(conn, drawn.list_id)}
        stored = find(conn, drawn.list_id)
    assert rows == {covered: "eligible", other: "no_notice"}
    assert (stored.cycle, stored.passport["form"]) == (turn_of(campaign, AS_OF).cycle, campaign.form)


@pytest.mark.parametrize("code", NOT_YET_LAWFUL)
def test_a_list_that_no_notice_covers_is_drawn_to_look_at_and_never_locked(
    engine: sa.Engine, keys: KeyRing, settings: Settings, city: Any, code: str
) -> None:
    city.person("甲乙丙一")
    _months_at_work(engine)
    campaign = load_campaign(FOLDERS, code).model_copy(update={"approvals": (), "lead_days": 400})
    office = Office(engine, settings, keys)
    assert draw(office, campaign, AS_OF).excluded == {"no_notice": 1}
    with pytest.raises(UsageError, match=f"尚不合法.*{campaign.purpose}.*reference set notice"):
        draw(office, campaign, AS_OF, lock=True)
    with engine.begin() as conn:
        conn.execute(notice.insert(), {"version": "v3", "purpose": campaign.purpose, "published_on": date(2099, 1, 1)})
    with pytest.raises(UsageError, match="尚不合法"):
        draw(office, campaign, AS_OF, lock=True)
    _covered(engine, campaign.purpose)
    with pytest.raises(UsageError, match="没有人入选"):
        draw(office, campaign, AS_OF, lock=True)
    with engine.connect() as conn:
        assert set(conn.scalars(sa.select(source_record.c.notice_version))) == {"v1"}, "no consent was rewritten"


def test_a_session_asks_no_more_people_than_it_has_seats(
    engine: sa.Engine, keys: KeyRing, settings: Settings, city: Any
) -> None:
    for number in range(6):
        city.person(f"甲乙丙{number}")
    session = load_campaign(FOLDERS, "health_check")
    few = session.places[0].model_copy(update={"slots": ("09:00-10:00", "10:00-11:00"), "capacity": 2})
    drawn = draw(Office(engine, settings, keys), session.model_copy(update={"places": (few,)}), AS_OF)
    assert (drawn.eligible, drawn.selected, drawn.excluded) == (6, 4, {"stock_short": 2})


@pytest.mark.parametrize(
    ("code", "told"),
    [
        ("health_check", ["安排参加健康义诊", "潞州区骑手驿站：09:00-10:00"]),
        ("traffic_safety", ["邀请参加未成年子女交通安全科普", "只登记人数，不登记姓名"]),
        ("courier_letter", ["送达致快递小哥的一封信", "2027 年第 1 季度"]),
        ("warm_winter", ["发放暖冬慰问包", "2026 年"]),
    ],
)
def test_the_sheet_says_what_it_is_for(
    engine: sa.Engine, keys: KeyRing, settings: Settings, city: Any, tmp_path: Path, code: str, told: list[str]
) -> None:
    campaign: Campaign = load_campaign(FOLDERS, code)
    _covered(engine, campaign.purpose)
    city.person("甲乙丙一", notice_version="v2", consented_on=date(2026, 10, 2))
    drawn = draw(Office(engine, settings, keys), campaign, AS_OF, out=tmp_path)
    assert drawn.selected == 1
    (county,) = (Path(file) for file in drawn.files if "站点" not in file and file.endswith("潞州区.xlsx"))
    text = _text(county)
    for words in told:
        assert words in text
