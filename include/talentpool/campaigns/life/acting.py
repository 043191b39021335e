"""Let the city's officer move lists: set waiting counties apart, cancel a round and take that back, close what is done."""

from __future__ import annotations

from collections.abc import Collection

import sqlalchemy as sa

from talentpool.campaigns import lists
from talentpool.campaigns.handout.ending import end_all
from talentpool.campaigns.life import steps as step_table
from talentpool.campaigns.life.apart import APART, BACK, apart
from talentpool.campaigns.life.approver import Approver
from talentpool.campaigns.life.approving import open_list, remember
from talentpool.campaigns.life.states import FROZEN, OPEN, STATE_WORDS, ListState
from talentpool.campaigns.lists import Stored
from talentpool.campaigns.selection.content import HASH_VERSION
from talentpool.campaigns.selection.rows import reasons_of
from talentpool.campaigns.sessions.line import forget_signups, keep_counts
from talentpool.declare import Campaign
from talentpool.declare.rules import COUNTY_WAITS, ELIGIBLE, MEETS_EVERY_RULE
from talentpool.errors import RefusedError, UsageError
from talentpool.guard import audit
from talentpool.model import cancelled_round, list_decision, list_step, target_list, target_row
from talentpool.office import Office
from talentpool.texts.redact import redact

CITY_OFFICER = "city_officer"
WITHDRAWN = "withdraw"
MOVED = {"cancel": (OPEN, ListState.CANCELLED), "resume": ((ListState.CANCELLED,), ListState.DRAFT)}
"""What is said of a round -> from which states its lists go to which."""


def set_apart(office: Office, list_id: int, who: Approver, *, reason: str, counties: Collection[str] = ()) -> Stored:
    """Go on without the counties that have not approved (`counties`; unset = all of them): their people wait for a supplement,
    also when the list is drawn anew.

    What the others approved stays approved. UsageError where nothing is missing of a county, or none would be left.
    """
    reason = _signed(who, reason)
    with office.engine.begin() as conn:
        stored = open_list(conn, list_id)
        every = [step for step in step_table.steps(conn, list_id) if step.county is not None]
        waiting = {step.county for step in every if step.approved_by is None and step.county}
        gone = set(counties) or waiting
        if not gone or not gone <= waiting:
            raise UsageError(f"名单 {list_id} 没有这些区县在等待审批；已审批的区县不能移出")
        if gone == {step.county for step in every}:
            raise UsageError("还没有一个区县审批过：全部移出后名单上没有人。请先等待区县审批，或取消本轮活动")
        of = target_row.c
        conn.execute(
            target_row.update()
            .where(of.list_id == list_id, of.selected, of.county.in_(gone))
            .values(selected=False, reason=COUNTY_WAITS)
        )
        conn.execute(list_step.delete().where(list_step.c.list_id == list_id, list_step.c.county.in_(gone)))
        _recount(conn, stored)
        step_table.advance(conn, list_id)
        for step in every:
            if step.county in gone:
                remember(conn, stored, APART, who.name, CITY_OFFICER, step, reason)
        audit(conn, "decision", f"list:{list_id}", actor=who.name, reason=reason,
              details={"list": "set_apart", "counties": sorted(gone)})  # fmt: skip
        return lists.find(conn, list_id)


def take_back(
    office: Office, list_id: int, who: Approver, *, reason: str, counties: Collection[str] = ()
) -> frozenset[str]:
    """Counties that the round goes on without (`counties`; unset = all of them) are on the next draft again; which they are."""
    reason = _signed(who, reason)
    with office.engine.begin() as conn:
        stored = open_list(conn, list_id)
        waits = apart(conn, stored.campaign, stored.cycle)
        back = frozenset(counties) or waits
        if not back or not back <= waits:
            raise UsageError(f"名单 {list_id} 没有移出这些区县，不必重新列入")
        for county in sorted(back):
            remember(conn, stored, BACK, who.name, CITY_OFFICER, county, reason)
        audit(conn, "decision", f"list:{list_id}", actor=who.name, reason=reason,
              details={"list": BACK, "counties": sorted(back)})  # fmt: skip
    return back


def _recount(conn: sa.Connection, stored: Stored) -> None:
    """Head and city steps of a draft say what its rows say by now."""
    of = target_list.c.list_id == stored.list_id
    hashed, excluded = lists.hash_stored(conn, stored), reasons_of(conn, lists.rows_of(stored.list_id))
    eligible = sum(excluded.get(reason, 0) for reason in MEETS_EVERY_RULE)
    reasons = dict(excluded)
    selected = excluded.pop(ELIGIBLE, 0)
    conn.execute(
        target_list.update().where(of).values(
            selected=selected, eligible=eligible, excluded=excluded, content_hash=hashed,
            passport={**stored.passport, "content_hash": hashed, "hash_version": HASH_VERSION, "reasons": reasons},
        )
    )  # fmt: skip
    whole = sa.and_(list_step.c.list_id == stored.list_id, list_step.c.county.is_(None))
    nobody = {"approved_by": None, "approved_as": None, "approved_at": None}
    conn.execute(list_step.update().where(whole).values(people=selected, share_hash=hashed, **nobody))


def cancel(office: Office, campaign: Campaign, cycle: str, who: Approver, *, reason: str) -> None:
    """The round does not take place: its drafts are cancelled, none is drawn.

    UsageError when it is cancelled already, or its list is locked: that one two people declare void.
    """
    reason = _signed(who, reason)
    with office.engine.begin() as conn:
        lists.serialize(conn, campaign.purpose, cycle)
        if lists.find_frozen(conn, campaign.code, cycle):
            raise UsageError(
                f"{campaign.name}（{cycle}）的名单已锁定，不能取消；名单有误的，由两人作废（talentpool void list）"
            )
        if is_cancelled(conn, campaign.code, cycle):
            raise UsageError(f"{campaign.name}（{cycle}）已经取消")
        conn.execute(
            cancelled_round.insert().values(campaign=campaign.code, cycle=cycle, cancelled_by=who.name, reason=reason)
        )
        _said_of_round(conn, (campaign.code, cycle), "cancel", who, reason)


def withdraw(office: Office, list_id: int, who: Approver, *, reason: str) -> Stored:
    """A draft beside the round's own list, of late names or after another list, is not wanted: nobody waits for it any more, and
    another one may be drawn. UsageError for the round's own draft, which ends with its round.
    """
    reason = _signed(who, reason)
    with office.engine.begin() as conn:
        stored = open_list(conn, list_id)
        if not stored.supplement:
            raise UsageError(
                f"名单 {list_id} 是本轮的名单，不能单独撤下；不办的，请取消本轮（talentpool target cancel）"
            )
        _set(conn, stored, ListState.CANCELLED)
        remember(conn, stored, WITHDRAWN, who.name, CITY_OFFICER, comment=reason)
        audit(conn, "decision", f"list:{list_id}", actor=who.name, reason=reason, details={"list": WITHDRAWN})
        return lists.find(conn, list_id)


def resume(office: Office, campaign: Campaign, cycle: str, who: Approver, *, reason: str) -> None:
    """A cancelled round takes place after all: its drafts are drafts again, with the approvals that they had."""
    reason = _signed(who, reason)
    with office.engine.begin() as conn:
        lists.serialize(conn, campaign.purpose, cycle)
        of = cancelled_round.c
        gone = conn.execute(cancelled_round.delete().where(of.campaign == campaign.code, of.cycle == cycle))
        if not gone.rowcount:
            raise UsageError(f"{campaign.name}（{cycle}）没有取消过")
        _said_of_round(conn, (campaign.code, cycle), "resume", who, reason)


def is_cancelled(conn: sa.Connection, campaign: str, cycle: str) -> bool:
    """Whether an officer said that the round does not take place."""
    of = cancelled_round.c
    return bool(conn.scalar(sa.select(sa.exists().where(of.campaign == campaign, of.cycle == cycle))))


def close(office: Office, list_id: int, who: Approver, *, reason: str) -> None:
    """What the list was for is done. UsageError unless it is locked and not closed yet."""
    reason = _signed(who, reason)
    with office.engine.begin() as conn:
        stored = lists.find(conn, list_id)
        lists.serialize(conn, stored.passport["purpose"], stored.cycle)
        stored = lists.find(conn, list_id)
        if stored.state not in FROZEN or stored.state == ListState.CLOSED:
            raise UsageError(f"名单 {list_id} {STATE_WORDS[stored.state]}，不能办结")
        end_all(conn, list_id, who.name)
        keep_counts(conn, list_id, who.name)
        _set(conn, stored, ListState.CLOSED)
        forget_signups(conn, list_id)
        remember(conn, stored, "close", who.name, CITY_OFFICER, comment=reason)
        audit(conn, "decision", f"list:{list_id}", actor=who.name, reason=reason, details={"list": "close"})


def note_release(conn: sa.Connection, stored: Stored, by: str) -> None:
    """Sheets of a locked list have left: it is released, if it was not before."""
    if lists.find(conn, stored.list_id).state == ListState.LOCKED:
        _set(conn, stored, ListState.RELEASED)
        remember(conn, stored, "release", by, "")


def _signed(who: Approver, reason: str) -> str:
    if CITY_OFFICER not in who.roles:
        raise RefusedError("role", f"这由市级专员决定（city_officer）；{who.name} 的职务不符")
    if not reason.strip():
        raise UsageError("请写明理由（--reason）")
    return redact(reason.strip())  # kept for ever, where no erasure reaches


def _said_of_round(conn: sa.Connection, named: tuple[str, str], word: str, who: Approver, reason: str) -> None:
    """Move the round's drafts as the word says, and put it on record; `named`: campaign and cycle."""
    before, after = MOVED[word]
    of = target_list.c
    said = list_decision.c
    unwanted = sa.exists().where(said.list_id == of.list_id, said.decision == WITHDRAWN)  # by itself, and for good
    query = sa.select(of.list_id).where(of.campaign == named[0], of.cycle == named[1], of.state.in_(before), ~unwanted)
    for stored in [lists.find(conn, number) for number in conn.scalars(query.order_by(of.list_id))]:
        _set(conn, stored, after)
        step_table.advance(conn, stored.list_id)
        remember(conn, stored, word, who.name, CITY_OFFICER, comment=reason)
    audit(conn, "decision", f"round:{' '.join(named)}", actor=who.name, reason=reason, details={"list": word})


def _set(conn: sa.Connection, stored: Stored, state: ListState) -> None:
    conn.execute(target_list.update().where(target_list.c.list_id == stored.list_id).values(state=state))
