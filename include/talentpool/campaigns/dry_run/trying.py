"""Judge the pool of a date by a setting, beside the declaration as it stands and the last cycle's list, and keep nothing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from datetime import date
from decimal import Decimal
from typing import Any

import sqlalchemy as sa
from psycopg.errors import QueryCanceled

from talentpool.acquire import partner_names
from talentpool.area import county_names
from talentpool.campaigns.dry_run.counting import compared, coverage, crossing, keep_before
from talentpool.campaigns.dry_run.settings import changed
from talentpool.campaigns.funnel import funnel
from talentpool.campaigns.life.states import FROZEN
from talentpool.campaigns.planning.calendar import planned_of
from talentpool.campaigns.planning.dates import with_dates
from talentpool.campaigns.round import Round
from talentpool.campaigns.selection.codes import refuse_unknown_codes
from talentpool.campaigns.selection.rows import Judged, judge_snapshot
from talentpool.campaigns.sharing import paragraph
from talentpool.declare import Campaign
from talentpool.declare.occasion import Turn
from talentpool.errors import UsageError
from talentpool.model import occupation, pool_snapshot, target_list
from talentpool.office import Office
from talentpool.reference import working_days


@dataclass(frozen=True)
class Tried:
    """Counts and words, nobody's row. `settings`: what was tried, as given; `coverage`, `ages`: counting.py; `last`: against the
    locked list of the cycle before, None = there is none; `declared`: against the declaration, None = nothing was changed;
    `cost`: in yuan, None = the campaign declares no unit cost; `said`: the whole in Chinese sentences."""

    campaign: str
    name: str
    cycle: str
    as_of: date
    pool: dict[str, int]
    settings: dict[str, str]
    rule: str
    eligible: int
    selected: int
    funnel: list[dict[str, Any]]
    coverage: dict[str, list[dict[str, Any]]]
    last: dict[str, Any] | None
    declared: dict[str, Any] | None
    cost: dict[str, Any] | None
    ages: dict[str, Any] | None
    said: list[str]

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


def dry_run(
    office: Office,
    campaign: Campaign,
    as_of: date,
    settings: Mapping[str, str] | None = None,
    *,
    seconds: int | None = None,
) -> Tried:
    """What the list of `campaign` from the newest pool of `as_of` would be under `settings` (settings.py).

    Everything happens in temporary tables of a transaction that is rolled back: no draft, no line of the audit log.
    UsageError when there is no pool of that date, a setting is wrong, or one of the statements takes longer than `seconds`
    (None = as long as it takes); DeclarationError for a code unknown to the office.
    """
    tried, given = changed(campaign, settings or {}), dict(settings or {})
    with office.engine.connect() as conn:
        try:
            if seconds is not None:
                conn.execute(sa.select(sa.func.set_config("statement_timeout", f"{seconds}s", True)))
            return _tried(conn, office, campaign, tried, as_of, given)
        except sa.exc.OperationalError as error:
            if not isinstance(error.orig, QueryCanceled):
                raise
            raise UsageError(
                f"试算的一步超过 {seconds} 秒，已停止，没有保存任何内容；请稍后再试，或请运维人员用命令行试算"
            ) from error
        finally:
            conn.rollback()


def _tried(
    conn: sa.Connection, office: Office, campaign: Campaign, tried: Campaign, as_of: date, given: dict[str, str]
) -> Tried:
    refuse_unknown_codes(conn, office, tried)
    snapshot_id, version = _pool(conn, as_of)
    names = {
        "county": county_names(conn, office.settings.area),
        "partner": partner_names(office.settings),
        "occupation": {row.code: row.name for row in conn.execute(sa.select(occupation.c.code, occupation.c.name))},
    }
    drawn = Round.on(with_dates(conn, tried), as_of)
    before = None
    if given:
        before = judge_snapshot(conn, office.keys, replace(drawn, campaign=with_dates(conn, campaign)), snapshot_id)
        keep_before(conn)
    judged = judge_snapshot(conn, office.keys, drawn, snapshot_id)
    declared = compared(conn, names) if before is not None else None
    last = _last(conn, drawn)
    against = None
    if last is not None:
        keep_before(conn, last.list_id)
        against = {"list_id": last.list_id, "cycle": last.cycle, "selected": last.selected, **compared(conn, names)}
    cost, ages = _cost(tried, judged, before), _ages(conn, drawn)
    return Tried(
        tried.code, tried.name, drawn.cycle, as_of, {"snapshot_id": snapshot_id, "version": version}, given,
        paragraph(tried, names["county"]), judged.eligible, judged.selected, funnel(judged.selected, judged.excluded),
        coverage(conn, names), against, declared, cost, ages, _said(judged, against, declared, cost, ages),
    )  # fmt: skip


def _pool(conn: sa.Connection, as_of: date) -> tuple[int, int]:
    of = pool_snapshot.c
    query = sa.select(of.snapshot_id, of.version).where(of.as_of == as_of, ~of.void).order_by(of.version.desc())
    row = conn.execute(query.limit(1)).one_or_none()
    if row is None:
        raise UsageError(f"数据日期 {as_of} 还没有人才库，试算不生成：请先生成当日的人才库，或选用已有的数据日期")
    return row.snapshot_id, row.version


def _last(conn: sa.Connection, drawn: Round) -> sa.Row | None:
    """The campaign's newest locked list of another cycle, up to the as-of; supplements are no list of their own here."""
    of = target_list.c
    query = sa.select(of.list_id, of.cycle, of.selected).where(
        of.campaign == drawn.campaign.code, of.cycle != drawn.cycle, of.state.in_(FROZEN), of.as_of <= drawn.as_of,
        of.supplement == 0,
    )  # fmt: skip
    return conn.execute(query.order_by(of.as_of.desc(), of.list_id.desc()).limit(1)).one_or_none()


def _cost(tried: Campaign, judged: Judged, before: Judged | None) -> dict[str, Any] | None:
    if tried.unit_cost is None:
        return None
    total = tried.unit_cost * judged.selected
    more = tried.unit_cost * (judged.selected - before.selected) if before is not None else Decimal(0)
    return {"unit": f"{tried.unit_cost:.2f}", "people": judged.selected, "total": f"{total:.2f}", "more": f"{more:.2f}"}


def _ages(conn: sa.Connection, drawn: Round) -> dict[str, Any] | None:
    band = drawn.campaign.eligibility.get("age")
    if band is None:
        return None
    turn = Turn(drawn.cycle, drawn.occasion, drawn.occasion)
    counted_on = {"as_of": drawn.as_of, "occasion": drawn.occasion}.get(str(band.on), band.on)
    return crossing(conn, band, counted_on, planned_of(drawn.campaign, turn, working_days(conn)).days["hand_out"])


def _said(
    judged: Judged,
    last: dict[str, Any] | None,
    declared: dict[str, Any] | None,
    cost: dict[str, Any] | None,
    ages: dict[str, Any] | None,
) -> list[str]:
    lines = [f"人才库 {judged.people} 人，符合条件 {judged.eligible} 人，入选 {judged.selected} 人。"]
    for other, words in ((declared, "现行声明"), (last, "上一轮名单")):
        if other is not None:
            gain, lose = other["gain"]["people"], other["lose"]["people"]
            lines.append(f"与{words}相比：新入选 {gain} 人，落选 {lose} 人，不变 {other['stay']} 人。")
    if last is None:
        lines.append("本活动没有上一轮已锁定的名单可比。")
    if cost is not None:
        lines.append(f"每份 {cost['unit']} 元，共 {cost['people']} 份，合计 {cost['total']} 元。")
    if ages is not None and (ages["grow_out"] or ages["come_in"]):
        lines.append(
            f"至发放日（{ages['hand_out']}）：{ages['grow_out']} 名符合条件的人将超过年龄上限，"
            f"{ages['come_in']} 名因年龄未列入的人将进入年龄范围。"
        )
    return [*lines, "试算不保存任何内容。"]
