"""Let the people who are entitled approve a list or return it, in order: each county its share, then the city.

Who asks, and with which roles, is the door's to know: a signed-in user of the pages, or the office's table of officers on
the command line. Silence approves nothing; whoever drew a list approves none of it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

import sqlalchemy as sa

from talentpool.area import county_names
from talentpool.campaigns import lists
from talentpool.campaigns.life import steps as step_table
from talentpool.campaigns.life.approver import Approver
from talentpool.campaigns.life.deputies import stands_in_for
from talentpool.campaigns.life.states import OPEN, STATE_WORDS
from talentpool.campaigns.life.steps import APPROVE, RETURN, Step
from talentpool.campaigns.lists import Stored
from talentpool.errors import ConflictError, RefusedError, UsageError
from talentpool.guard import audit
from talentpool.guard.duties import spelt, two_people
from talentpool.model import list_decision
from talentpool.office import Office
from talentpool.texts.redact import redact

ROLE_WORDS = {"county_officer": "区县专员", "city_officer": "市级专员", "city_approver": "市级审批"}
LONGEST = 500
"""Characters of a comment."""


@dataclass(frozen=True)
class Approved:
    """What a decision came to: who has approved by now, and how many approvals are missing."""

    list_id: int
    state: str
    approved_by: tuple[str, ...]
    missing: int

    def as_json(self) -> dict[str, Any]:
        return {
            "list_id": self.list_id,
            "state": self.state,
            "approved_by": list(self.approved_by),
            "missing": self.missing,
        }


@dataclass(frozen=True)
class Word:
    """What somebody says of a list: approve it, or return it with a comment.

    `county`: which county's share, for who may speak for several; `number`: which step, where a question was about one; else it
    follows from the role. `seen`: content hash of the list that was looked at.
    """

    approve: bool = True
    county: str | None = None
    comment: str = ""
    seen: str | None = None
    number: int | None = None

    def about(self, step: Step) -> bool:
        return (self.county is None or step.county == self.county) and self.number in (None, step.number)


def decide(
    office: Office,
    list_id: int,
    who: Approver,
    *,
    today: date,
    approve: bool = True,
    county: str | None = None,
    comment: str = "",
    seen: str | None = None,
) -> Approved:
    """Approve the step that is `who`'s, or return it with a comment (Word), in a transaction of its own; as `say`."""
    with office.engine.begin() as conn:
        return say(conn, office, list_id, who, Word(approve, county, comment, seen), today)


def say(conn: sa.Connection, office: Office, list_id: int, who: Approver, said: Word, today: date) -> Approved:
    """The same in the caller's transaction: it holds once that is committed.

    Args:
        today: the office's day, by which deputies stand in.

    Raises:
        UsageError: there is no such list, nothing of it is `who`'s to approve now, or a return without a comment.
        ConflictError: it was drawn anew since it was looked at, or is locked or cancelled.
        RefusedError: whoever drew the list, or whose role does not go with what is missing.
    """
    if not who.name.strip():
        raise UsageError("an approval must name who approves")
    comment, approve = redact(said.comment.strip()), said.approve
    if not approve and not comment:
        raise UsageError("退回须写明意见：请说明哪里不对、希望怎样改")
    if len(comment) > LONGEST:
        raise UsageError(f"意见不超过 {LONGEST} 字")
    stored = open_list(conn, list_id)
    if said.seen is not None and said.seen != stored.content_hash:
        raise ConflictError("名单在您查看之后重新拟定过，没有记录您的决定；请刷新后再看")
    two_people(stored.passport.get("drafted_by", ()), who.name, f"drafted list {list_id}（本人拟定）")
    step, role = _step_of(conn, office, stored, who, said, today)
    if approve:
        step_table.mark(conn, list_id, step, who.name, role)
    else:
        step_table.take_back(conn, list_id, step)
    state = step_table.advance(conn, list_id)
    word = APPROVE if approve else RETURN
    remember(conn, stored, word, who.name, role, step, comment)
    audit(
        conn, "approval", f"list:{list_id}", actor=who.name, scope=step.county or "", reason=comment,
        details={"content_hash": stored.content_hash, "decision": word, "as": role, "county": step.county or ""},
    )  # fmt: skip
    return Approved(list_id, state, step_table.approvers(conn, list_id), len(step_table.missing(conn, list_id)))


def open_list(conn: sa.Connection, list_id: int) -> Stored:
    """The list, which nobody else changes until the transaction ends; ConflictError when it is open no more."""
    stored = lists.find(conn, list_id)
    lists.serialize(conn, stored.passport["purpose"], stored.cycle)
    stored = lists.find(conn, list_id)
    if stored.state not in OPEN:
        raise ConflictError(f"名单 {list_id} {STATE_WORDS[stored.state]}，不能再审批或变更")
    return stored


def remember(
    conn: sa.Connection,
    stored: Stored,
    decision: str,
    by: str,
    role: str,
    of: Step | str | None = None,
    comment: str = "",
) -> None:
    """Append to the history of the list. `of`: a step, or a county's code; None = the whole list."""
    county, share = (of.county, of.share_hash) if isinstance(of, Step) else (of, stored.content_hash)
    conn.execute(
        list_decision.insert().values(
            list_id=stored.list_id, campaign=stored.campaign, cycle=stored.cycle, decision=decision, decided_by=by,
            role=role, comment=comment, county=county, share_hash=share,
        )
    )  # fmt: skip


def history(conn: sa.Connection, list_id: int) -> list[dict[str, Any]]:
    """Who said what of the list, oldest first; what the session may see of it."""
    query = sa.select(list_decision).where(list_decision.c.list_id == list_id).order_by(list_decision.c.decision_id)
    return [dict(row) for row in conn.execute(query).mappings()]


def theirs(conn: sa.Connection, stored: Stored, who: Approver, today: date) -> list[tuple[Step, str]]:
    """The steps that `who` may decide at this moment, each with the role that entitles: given ones too, as long as the list
    is open. Counties before the city; the city when no county is missing. Empty for whoever drew the list."""
    if stored.state not in OPEN or spelt(who.name) in {spelt(name) for name in stored.passport.get("drafted_by", ())}:
        return []
    every = step_table.steps(conn, stored.list_id)
    counties_lack = any(step.county is not None and step.approved_by is None for step in every)
    found = []
    for step in every:
        if step.county is None and counties_lack:
            continue
        role = f"{step.role}_{step.county}" if step.county is not None else step.role
        acts_as = role if role in who.roles else stands_in_for(conn, role, who.name, who.roles, today)
        if acts_as is not None and not _elsewhere(every, step, who.name):
            found.append((step, acts_as))
    return found


def _elsewhere(every: list[Step], step: Step, name: str) -> bool:
    """Whether the same person has approved at the other level, or another of the city's steps."""
    return any(
        other.number != step.number and other.approved_by is not None and spelt(other.approved_by) == spelt(name)
        and (other.county is None or step.county is None)
        for other in every
    )  # fmt: skip


def _step_of(
    conn: sa.Connection, office: Office, stored: Stored, who: Approver, said: Word, today: date
) -> tuple[Step, str]:
    approve, county = said.approve, said.county
    may = [(step, role) for step, role in theirs(conn, stored, who, today) if said.about(step)]
    if not may:
        raise _nothing_theirs(conn, office, stored, who, county)
    lacking = [(step, role) for step, role in may if step.approved_by is None]
    if approve and not lacking:
        if county is None and any(step.role in who.roles for step in step_table.missing(conn, stored.list_id)):
            raise _at_another_level(stored, who)
        mine = [one for one in may if spelt(one[0].approved_by or "") == spelt(who.name)]
        if mine:  # said twice is said once
            return mine[0]
        raise UsageError(f"名单 {stored.list_id} 中由您审批的部分已经审批过，无需再批")
    if len({step.county for step, _ in lacking or may}) > 1:
        codes = "、".join(step.county or "" for step, _ in lacking or may)
        raise UsageError(f"您可以审批多个区县的部分，请写明区县（--county）：{codes}")
    return (lacking or may)[0]


def _at_another_level(stored: Stored, who: Approver) -> RefusedError:
    said = f"{redact(who.name)} 已在另一环节审批过名单 {stored.list_id}; somebody else must approve"
    return RefusedError("same_person", said)


def _nothing_theirs(
    conn: sa.Connection, office: Office, stored: Stored, who: Approver, county: str | None
) -> UsageError:
    lacking = step_table.missing(conn, stored.list_id)
    if not step_table.steps(conn, stored.list_id):
        return UsageError(f"名单 {stored.list_id} 按声明不需要审批（approvals: none）")
    every = step_table.steps(conn, stored.list_id)
    if any(_elsewhere(every, step, who.name) for step in every):
        return RefusedError(
            "same_person", f"{who.name} 已在另一环节审批过名单 {stored.list_id}; somebody else must approve"
        )
    counties = [step for step in lacking if step.county is not None]
    city_role = {step.role for step in every if step.county is None}
    if counties and county is None and who.roles & city_role:
        names = county_names(conn, office.settings.area)
        waits = "、".join(names.get(step.county or "", step.county or "") for step in counties)
        return UsageError(f"还有区县没有审批：{waits}。区县都审批后再由市级审批；也可以先把这些区县移到补充名单")
    needed = "、".join(
        sorted({ROLE_WORDS[step.role] + (f"（{step.county}）" if step.county else "") for step in lacking or every})
    )
    return RefusedError(
        "role",
        f"{redact(who.name)} is {', '.join(sorted(who.roles)) or 'nobody'}; list {stored.list_id} 等待的是：{needed}",
    )
