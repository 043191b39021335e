"""Freeze a draft as it stands, when nothing speaks against it. A locked list never changes."""

from __future__ import annotations

from collections.abc import Sequence

import sqlalchemy as sa

from talentpool.area import county_names
from talentpool.campaigns import lists
from talentpool.campaigns.life.approving import ROLE_WORDS, remember
from talentpool.campaigns.life.steps import Step, approvers, missing
from talentpool.campaigns.lists import Stored
from talentpool.campaigns.round import Round
from talentpool.campaigns.unasked import say_unasked, unasked
from talentpool.errors import UsageError, WaitingError
from talentpool.guard import audit
from talentpool.guard.duties import two_people
from talentpool.model import person_redirect, pool_snapshot, target_list, target_row
from talentpool.office import Office


def lock_draft(
    conn: sa.Connection, office: Office, drawn: Round, stored: Stored, *, by: str
) -> tuple[Stored, list[str]]:
    """Lock the draft of the round as it was approved; the list, and names of files of drafts that went with it.

    Raises:
        WaitingError: an approval is missing, or a pair of two document numbers on it is not judged.
        UsageError: what it was drawn from is no more: the declaration changed, the pool is void, two of its people were found
            to be one; or nobody is in it. Drawn again it is right, and approved anew where a share changed.
        RefusedError: `by` has approved it.
    """
    two_people(approvers(conn, stored.list_id), by, f"approved list {stored.list_id} and cannot draft it")
    _still_true(conn, drawn, stored)
    lacking = missing(conn, stored.list_id)
    if lacking:
        raise WaitingError(_say_missing(conn, office, stored, lacking))
    pairs = unasked(conn, stored.list_id)
    if pairs:
        raise WaitingError(say_unasked(stored, pairs))
    locked, stale = lists.lock(conn, drawn, stored)
    fresh = {"freshness": stored.passport["freshness"]} if "freshness" in stored.passport else {}
    remember(conn, locked, "lock", by, "city_officer")
    audit(
        conn, "lock", f"list:{locked.list_id}", actor=by, reason=stored.passport["purpose"],
        details={"content_hash": locked.content_hash, "selected": locked.selected, **fresh},
    )  # fmt: skip
    return locked, stale


def waits_for(conn: sa.Connection, office: Office, drawn: Round) -> list[str] | None:
    """What the draft of the round waits for before it may be locked, in words: empty when for nothing, or when it is locked.
    None where there is neither. Changes nothing."""
    draft = lists.open_draft(conn, drawn)
    if draft is None:
        return [] if lists.find_locked(conn, drawn.campaign.code, drawn.cycle) is not None else None
    lacking, pairs = missing(conn, draft.list_id), unasked(conn, draft.list_id)
    return [
        *([_say_missing(conn, office, draft, lacking)] if lacking else []),
        *([say_unasked(draft, pairs)] if pairs else []),
    ]


def _say_missing(conn: sa.Connection, office: Office, stored: Stored, lacking: Sequence[Step]) -> str:
    names = county_names(conn, office.settings.area)
    waits = "、".join(names.get(step.county or "", ROLE_WORDS[step.role]) for step in lacking)
    return (
        f"list {stored.list_id} of {stored.campaign} {stored.cycle} needs {len(lacking)} more approval(s) before it is "
        f"locked（等待审批：{waits}）: talentpool target approve {stored.list_id} --by NAME, then lock again"
    )


def _still_true(conn: sa.Connection, drawn: Round, stored: Stored) -> None:
    again = f"请重新拟定（talentpool target {stored.campaign} --as-of {stored.as_of}），有变动的区县再审批一次"
    of = target_row.c
    if not conn.scalar(sa.select(sa.exists().where(of.list_id == stored.list_id))):
        raise UsageError(
            f"the pool of {stored.as_of} holds nobody; an empty list would use up the cycle {stored.cycle}"
        )
    if not stored.selected:
        raise UsageError(
            f"名单 {stored.list_id} 上没有人入选：锁定会用掉本轮（{stored.cycle}），不能再为任何人服务。"
            "请核对活动条件和库存；确实不办的，请取消本轮（talentpool target cancel）"
        )
    declared = conn.scalar(sa.select(target_list.c.declaration_hash).where(target_list.c.list_id == stored.list_id))
    if declared != drawn.campaign.hash:
        raise UsageError(f"名单 {stored.list_id} 拟定之后活动声明改过，没有锁定；{again}")
    void = sa.select(pool_snapshot.c.void).join(target_list, target_list.c.snapshot_id == pool_snapshot.c.snapshot_id)
    if conn.scalar(void.where(target_list.c.list_id == stored.list_id).with_for_update(read=True, of=pool_snapshot)):
        raise UsageError(f"名单 {stored.list_id} 所依据的人才库已经作废，没有锁定；{again}")
    merged = (
        sa.select(sa.func.count())
        .select_from(target_row)
        .join(person_redirect, person_redirect.c.old_id == of.person_id)
        .where(of.list_id == stored.list_id, of.selected)
    )
    if one := conn.scalar(merged):
        raise UsageError(f"名单 {stored.list_id} 拟定之后，其中 {one} 人被认定与另一人是同一人，没有锁定；{again}")
