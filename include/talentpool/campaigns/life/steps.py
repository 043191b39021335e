"""Work out whose approvals a list needs, and which of them are missing.

A step is one approval: of a county's officer for the county's share, or of a city role for the whole list. A share that
was approved before, row for row, stays approved when its list is drawn anew.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import BYTEA, aggregate_order_by

from talentpool.area import level
from talentpool.campaigns.life.states import OPEN, ListState
from talentpool.campaigns.selection.rows import DRAWN_ROW
from talentpool.guard.duties import spelt
from talentpool.model import list_decision, list_step, target_list
from talentpool.settings import Settings

COUNTY, APPROVER = "county_officer", "city_approver"
APPROVE, RETURN, VOIDED = "approve", "return", "void"


@dataclass(frozen=True)
class Step:
    """An approval that a list needs. `county`: whose share, None = the whole list; `people`: on it; `approved_by` None while
    it is missing; `returned_by`, `comment`: the last word on it, where that was to return it."""

    number: int
    role: str
    county: str | None
    people: int
    share_hash: str
    approved_by: str | None
    approved_as: str | None
    approved_at: datetime | None
    returned_by: str | None = None
    comment: str = ""


def make_steps(
    conn: sa.Connection, settings: Settings, list_id: int, roles: Sequence[str], drafters: Collection[str]
) -> None:
    """Write the steps of a new draft, of which drawn_row (rows.py) still holds the rows: a county's officer for each county with
    people on it, then the city's `roles`.

    Where the area is one county the levels are one: no share is approved apart, but the whole list is by somebody. A share is its
    rows and the declaration: what is given to whom.
    """
    whole = conn.execute(
        sa.select(target_list.c.selected, target_list.c.content_hash, target_list.c.declaration_hash).where(
            target_list.c.list_id == list_id
        )
    ).one()
    of = DRAWN_ROW.c
    rows = sa.func.string_agg(of.digest, aggregate_order_by(sa.literal(b"", BYTEA), of.person_id))
    share = sa.func.sha256(sa.func.convert_to(whole.declaration_hash, "UTF8").op("||")(rows))
    shares = (
        sa.select(of.county, sa.func.count(), sa.func.encode(share, "hex"))
        .where(of.selected)
        .group_by(of.county)
        .order_by(of.county)
    )
    needed: list[tuple[str, str | None, int, str]] = []
    city = [role for role in roles if role != COUNTY]
    if COUNTY in roles and level(settings.area) != "county":
        needed += [(COUNTY, county, people, digest) for county, people, digest in conn.execute(shares) if county]
    elif COUNTY in roles and not city:
        city = [APPROVER]
    needed += [(role, None, whole.selected, whole.content_hash) for role in city]
    if not needed:
        return
    conn.execute(
        list_step.insert(),
        [
            {
                "list_id": list_id,
                "number": number,
                "role": role,
                "county": county,
                "people": people,
                "share_hash": digest,
            }
            for number, (role, county, people, digest) in enumerate(needed, start=1)
        ],
    )
    _carry_over(conn, list_id, drafters)


def _carry_over(conn: sa.Connection, list_id: int, drafters: Collection[str]) -> None:
    """A county's word on the very rows of its share still stands, unless who gave it draws the list now, or it was void since."""
    said, of = list_decision.c, target_list.c
    for step in steps(conn, list_id):
        if step.county is None:
            continue
        last = conn.execute(
            sa.select(said.decision_id, said.decision, said.decided_by, said.role, said.made_at, said.share_hash)
            .join(target_list, sa.and_(of.campaign == said.campaign, of.cycle == said.cycle, of.list_id == list_id))
            .where(said.county == step.county, said.decision.in_((APPROVE, RETURN)))
            .order_by(said.decision_id.desc())
            .limit(1)
        ).one_or_none()
        if last is None or last.decision != APPROVE or last.share_hash != step.share_hash:
            continue
        if spelt(last.decided_by) in {spelt(name) for name in drafters}:
            continue
        if _voided_since(conn, list_id, last.decision_id):
            continue
        values = {"approved_by": last.decided_by, "approved_as": last.role, "approved_at": last.made_at}
        conn.execute(_step(list_id, step.number).values(**values))
    advance(conn, list_id)


def _voided_since(conn: sa.Connection, list_id: int, decision_id: int) -> bool:
    """Whether two people said since that a list of the round was wrong: what was approved then is looked at again."""
    said, of = list_decision.c, target_list.c
    query = sa.select(said.decision_id).join(
        target_list, sa.and_(of.campaign == said.campaign, of.cycle == said.cycle, of.list_id == list_id)
    )
    return bool(conn.scalar(sa.select(query.where(said.decision == VOIDED, said.decision_id > decision_id).exists())))


def _step(list_id: int, number: int) -> sa.Update:
    return list_step.update().where(list_step.c.list_id == list_id, list_step.c.number == number)


def steps(conn: sa.Connection, list_id: int) -> list[Step]:
    """Every approval that the list needs, in order, given or missing; with the last word where that was to return it."""
    names = [name for name in Step.__dataclass_fields__ if name in list_step.c]
    query = sa.select(*(list_step.c[name] for name in names)).where(list_step.c.list_id == list_id)
    found = [Step(*row) for row in conn.execute(query.order_by(list_step.c.number))]
    said = list_decision.c
    words = sa.select(said.county, said.decision, said.decided_by, said.comment).where(
        said.list_id == list_id, said.decision.in_((APPROVE, RETURN))
    )
    last = {row.county: row for row in conn.execute(words.order_by(said.decision_id))}
    return [
        replace(step, returned_by=last[step.county].decided_by, comment=last[step.county].comment)
        if step.approved_by is None and step.county in last and last[step.county].decision == RETURN
        else step
        for step in found
    ]


def approvers(conn: sa.Connection, list_id: int) -> tuple[str, ...]:
    """Who has approved, each once."""
    names = {step.approved_by for step in steps(conn, list_id) if step.approved_by is not None}
    return tuple(sorted(names))


def missing(conn: sa.Connection, list_id: int) -> list[Step]:
    """The approvals that are still missing."""
    return [step for step in steps(conn, list_id) if step.approved_by is None]


def mark(conn: sa.Connection, list_id: int, step: Step, by: str, role: str) -> None:
    """The approval of a step is given."""
    given = {"approved_by": by, "approved_as": role, "approved_at": sa.func.now()}
    conn.execute(_step(list_id, step.number).values(**given))


def take_back(conn: sa.Connection, list_id: int, step: Step) -> None:
    """The approval of a step, if it was given, holds no more."""
    conn.execute(_step(list_id, step.number).values(approved_by=None, approved_as=None, approved_at=None))


def advance(conn: sa.Connection, list_id: int) -> ListState:
    """Bring the state of an open list into line with its approvals; the state it has then."""
    of_list = target_list.c.list_id == list_id
    state = ListState(conn.execute(sa.select(target_list.c.state).where(of_list)).scalar_one())
    every = steps(conn, list_id)
    if state not in OPEN or not every:
        return state
    shares = [step for step in every if step.county is not None]
    whole = [step for step in every if step.county is None]
    shares_lack, whole_lacks = (any(step.approved_by is None for step in level) for level in (shares, whole))
    if shares_lack or (whole_lacks and not shares):
        then = ListState.DRAFT
    elif whole_lacks or not whole:
        then = ListState.COUNTY_APPROVED
    else:
        then = ListState.CITY_APPROVED
    if then != state:
        conn.execute(target_list.update().where(of_list).values(state=then))
    return then
