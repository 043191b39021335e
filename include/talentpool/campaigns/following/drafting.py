"""Draw a follow-up (补发): a draft of those whom a list did not reach, then of those for whom there was too little, in order.

Consent and conditions are judged anew. The draft is a list of its own, beside the round's others, with its approvals and
its passport; counts of it can be had before, and then nothing is kept.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import asdict, dataclass, field
from datetime import date
from typing import Any

import sqlalchemy as sa
from psycopg.errors import QueryCanceled

from talentpool.area import county_names
from talentpool.campaigns import lists
from talentpool.campaigns.following.rounds import follow_round, receipts_due
from talentpool.campaigns.life.acting import CITY_OFFICER
from talentpool.campaigns.life.approver import Approver
from talentpool.campaigns.life.approving import remember
from talentpool.campaigns.life.steps import approvers
from talentpool.campaigns.lists import Stored
from talentpool.campaigns.planning.dates import with_dates
from talentpool.campaigns.planning.freshness import missed_rosters
from talentpool.campaigns.receipts.outcomes import Outcome
from talentpool.campaigns.receipts.standing import tally
from talentpool.campaigns.round import Round
from talentpool.campaigns.selection.codes import refuse_unknown_codes
from talentpool.campaigns.selection.coming_back import BACK, COMING_BACK, RESERVE
from talentpool.campaigns.selection.passport import passport_of
from talentpool.campaigns.selection.rows import DRAWN_ROW, Judged, judge_snapshot
from talentpool.campaigns.sharing import paragraph
from talentpool.declare import Campaign
from talentpool.errors import ConflictError, RefusedError, UsageError
from talentpool.guard import audit
from talentpool.guard.duties import check_duty, two_people
from talentpool.model import pool_snapshot
from talentpool.office import Office
from talentpool.office_day import today_in_office


@dataclass(frozen=True)
class Counts:
    """What a follow-up would be, or is. `due`: the day by which sheets of the list are back, `over`: whether it has passed;
    `outcomes`: of the list that is followed; `back`, `reserve`: people on the follow-up; `kept_off`: why others of that list
    are not, by reason; `seen`: hash of it."""

    follows: int
    as_of: date
    due: date
    over: bool
    open: int
    outcomes: dict[str, int]
    back: int
    reserve: int
    kept_off: dict[str, int]
    seen: str
    counties: dict[str, int] = field(default_factory=dict)

    @property
    def people(self) -> int:
        return self.back + self.reserve

    def as_json(self) -> dict[str, Any]:
        return {**asdict(self), "people": self.people}


def preview(office: Office, campaign: Campaign, list_id: int, *, seconds: int | None = None) -> Counts:
    """What the follow-up of the list would be at this moment, in counts; nothing is kept. Raises as `follow_up`, and UsageError
    where it takes longer than `seconds`."""
    with office.engine.connect() as conn:
        try:
            if seconds is not None:
                conn.execute(sa.select(sa.func.set_config("statement_timeout", f"{seconds}s", True)))
            drawn = follow_round(conn, campaign, list_id, today_in_office(office.settings))
            _, judged = _judge(conn, office, drawn)
            return _counts(conn, drawn, judged)
        except sa.exc.OperationalError as error:
            if not isinstance(error.orig, QueryCanceled):
                raise
            raise UsageError(f"一步超过 {seconds} 秒，已停止，没有保存任何内容；请稍后再试") from error
        finally:
            conn.rollback()


def follow_up(office: Office, campaign: Campaign, list_id: int, who: Approver, *, seen: str | None = None) -> Stored:
    """Draw the follow-up of a list; the draft, which replaces one of before.

    Args:
        seen: hash of the counts that were looked at (Counts.seen).

    Raises:
        RefusedError: not the city's officer, who draws lists.
        UsageError: the list takes no receipts, or nobody would be on the draft.
        ConflictError: one that is locked follows it already, or the draft would be another than was looked at.
    """
    if CITY_OFFICER not in who.roles:
        raise RefusedError("role", f"补发名单由市级专员拟定；{who.name} 的职务不符")
    with office.engine.begin() as conn:
        followed = lists.find(conn, list_id)
        lists.serialize(conn, followed.passport["purpose"], followed.cycle)
        drawn = follow_round(conn, campaign, list_id, today_in_office(office.settings))
        refuse_unknown_codes(conn, office, drawn.campaign)
        check_duty(conn, who.name, "draft")
        snapshot_id, judged = _judge(conn, office, drawn)
        counts = _counts(conn, drawn, judged)
        if not counts.people:
            raise UsageError(f"名单 {list_id} 没有需要补发的人，没有拟定")
        if seen is not None and seen != counts.seen:
            raise ConflictError("人数在您查看之后有变动，没有拟定；请重新核对")
        missed = missed_rosters(conn, office, drawn.as_of)
        told = {
            "rule": f"{_said(counts)}{paragraph(drawn.campaign, county_names(conn, office.settings.area))}",
            "followed": {"list": list_id, "back": counts.back, "reserve": counts.reserve},
            "drafted_by": [who.name],
            "run": "command",
            **({"freshness": {"missed": [one.as_json() for one in missed]}} if missed else {}),
        }
        passport = {**passport_of(conn, office, drawn, judged), **told}
        stored, _ = lists.store_draft(conn, office.settings, drawn, snapshot_id, judged, passport)
        two_people(approvers(conn, stored.list_id), who.name, f"approved list {stored.list_id} and cannot draft it")
        remember(conn, followed, "follow", who.name, CITY_OFFICER)
        audit(
            conn, "decision", f"list:{list_id}", actor=who.name, reason=followed.passport["purpose"],
            details={"list": "follow", "draft": stored.list_id, "back": counts.back, "reserve": counts.reserve},
        )  # fmt: skip
        return stored


def _judge(conn: sa.Connection, office: Office, drawn: Round) -> tuple[int, Judged]:
    of = pool_snapshot.c
    newest = sa.select(of.snapshot_id).where(of.as_of == drawn.as_of, ~of.void).order_by(of.version.desc())
    snapshot_id = conn.scalars(newest.limit(1)).one()
    return snapshot_id, judge_snapshot(conn, office.keys, drawn, snapshot_id)


def _counts(conn: sa.Connection, drawn: Round, judged: Judged) -> Counts:
    of, word = DRAWN_ROW.c, COMING_BACK.c
    joined = sa.join(DRAWN_ROW, COMING_BACK, word.person_id == of.person_id)
    query = sa.select(word.word, of.selected, of.reason, of.county, sa.func.count()).select_from(joined)
    reached: Counter[str] = Counter()
    kept_off: Counter[str] = Counter()
    counties: Counter[str] = Counter()
    for said, selected, reason, county, people in conn.execute(
        query.group_by(word.word, of.selected, of.reason, of.county)
    ):
        if selected:
            reached[said] += people
            counties[county or ""] += people
        elif said != RESERVE:
            kept_off[reason] += people
    first = drawn.follows[0]
    stored, whole = lists.find(conn, first.list_id), tally(conn, first.list_id).get(())
    return Counts(
        first.list_id, drawn.as_of, receipts_due(conn, with_dates(conn, drawn.campaign), stored), first.open_too,
        whole.open if whole else 0, {one.value: (whole.outcomes.get(one, 0) if whole else 0) for one in Outcome},
        reached[BACK], reached[RESERVE], dict(sorted(kept_off.items())), judged.content_hash,
        dict(sorted(counties.items())),
    )  # fmt: skip


def _said(counts: Counts) -> str:
    return (
        f"补发：先列名单 {counts.follows} 上没有领到、本人没有拒领的人，再以剩余的物资或名额按原次序后补"
        f"（其中没有领到的 {counts.back} 人，后补 {counts.reserve} 人）。条件照旧："
    )
