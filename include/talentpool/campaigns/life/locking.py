"""Freeze a draft as it stands, when nothing speaks against it. A locked list never changes."""

from __future__ import annotations

from collections.abc import Sequence

import sqlalchemy as sa

from talentpool.area import county_names
from talentpool.campaigns import lists
from talentpool.campaigns.following.rounds import since_received
from talentpool.campaigns.life.approving import ROLE_WORDS, remember
from talentpool.campaigns.life.steps import Step, approvers, missing
from talentpool.campaigns.lists import Stored
from talentpool.campaigns.planning.lawful import notices_for, say_not_yet_lawful
from talentpool.campaigns.round import Round
from talentpool.campaigns.selection.exceptions import changed_since, kept_off
from talentpool.campaigns.unasked import say_unasked, unasked
from talentpool.campaigns.withdrawn import is_withdrawn
from talentpool.declare.occasion import refuse_out_of_season
from talentpool.errors import UsageError, WaitingError
from talentpool.guard import audit
from talentpool.guard.duties import check_duty, two_people
from talentpool.model import (
    person_redirect,
    pool_snapshot,
    record_person,
    target_list,
    target_row,
)
from talentpool.office import Office
from talentpool.office_day import today_in_office


def lock_draft(
    conn: sa.Connection, office: Office, drawn: Round, stored: Stored, *, by: str, role: str = ""
) -> tuple[Stored, list[str]]:
    """Lock the draft of the round as it was approved; the list, and names of files of drafts that went with it.

    `role`: the one that entitles `by`, where the door knows it.

    Raises:
        WaitingError: an approval is missing, or a pair of two document numbers on it is not judged.
        UsageError: nobody is on it, as `refuse_lock` says, or what it was drawn from is no more: the declaration or the day
            changed, the pool is void, people were merged or split, somebody's consent ended, an exception was confirmed or ended,
            or its rows are not those that were approved. Drawn again it is right, and approved anew where a share changed.
        RefusedError: `by` has approved it, or drafts no lists.
    """
    check_duty(conn, by, "draft")
    two_people(approvers(conn, stored.list_id), by, f"approved list {stored.list_id} and cannot draft it")
    refuse_lock(conn, office, drawn)
    _still_true(conn, drawn, stored)
    lacking = missing(conn, stored.list_id)
    if lacking:
        raise WaitingError(_say_missing(conn, office, stored, lacking))
    pairs = unasked(conn, stored.list_id)
    if pairs:
        raise WaitingError(say_unasked(stored, pairs))
    locked, stale = lists.lock(conn, drawn, stored)
    fresh = {"freshness": stored.passport["freshness"]} if "freshness" in stored.passport else {}
    remember(conn, locked, "lock", by, role)
    audit(
        conn, "lock", f"list:{locked.list_id}", actor=by, reason=stored.passport["purpose"],
        details={"content_hash": locked.content_hash, "selected": locked.selected, **fresh},
    )  # fmt: skip
    return locked, stale


def refuse_lock(conn: sa.Connection, office: Office, drawn: Round) -> None:
    """UsageError when no list of the round may be locked: it is not its time, or no notice covers the purpose."""
    if not drawn.follows:  # a follow-up uses up no round: it is of the one that it follows
        refuse_out_of_season(drawn.campaign, drawn.as_of)
    if not notices_for(conn, drawn.campaign.purpose, today_in_office(office.settings)):
        raise UsageError(say_not_yet_lawful(drawn.campaign))


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
    if not stored.selected:
        raise UsageError(
            f"名单 {stored.list_id} 上没有人入选：锁定会用掉本轮（{stored.cycle}），不能再为任何人服务。"
            "请核对活动条件和库存；确实不办的，请取消本轮（talentpool target cancel）"
        )
    again = f"请重新拟定（talentpool target {stored.campaign} --as-of {stored.as_of}），有变动的区县再审批一次"
    changed = _changed(conn, drawn, stored)
    if stored.follows:
        again = f"请重新拟定补发名单（talentpool target follow {stored.follows}），有变动的区县再审批一次"
        changed = changed or since_received(conn, drawn, stored)
    if changed:
        raise UsageError(f"名单 {stored.list_id} {changed}，没有锁定；{again}")


def _changed(conn: sa.Connection, drawn: Round, stored: Stored) -> str:
    """What of that from which the draft was drawn is otherwise by now; empty where nothing is."""
    head = target_list.c
    found = conn.execute(
        sa.select(head.declaration_hash, head.made_at, pool_snapshot.c.void)
        .join(pool_snapshot, head.snapshot_id == pool_snapshot.c.snapshot_id)
        .where(head.list_id == stored.list_id)
        .with_for_update(read=True, of=pool_snapshot)
    ).one()
    if found.declaration_hash != drawn.campaign.hash:
        return "拟定之后活动声明改过"
    if stored.passport.get("occasion", drawn.occasion.isoformat()) != drawn.occasion.isoformat():
        return f"是按活动日 {stored.passport['occasion']} 拟定的，活动日已改为 {drawn.occasion}"
    if found.void:
        return "所依据的人才库已经作废"
    if told := _of_people(conn, stored):
        return told
    listed = sa.select(target_row.c.person_id).where(target_row.c.list_id == stored.list_id, target_row.c.selected)
    if changed_since(conn, drawn, found.made_at) or conn.scalar(sa.select(sa.exists(kept_off(drawn, listed)))):
        return "拟定之后登记的例外（列入或不列入）有变动"
    if lists.hash_stored(conn, stored) != stored.content_hash and lists.is_hashed_so(stored):
        return "的内容与审批时的内容指纹不一致，可能被改动过"
    return ""


def _of_people(conn: sa.Connection, stored: Stored) -> str:
    """Who on the draft is not who they were, or may not be used any more."""
    row, of = target_row.c, record_person.c
    merged = sa.exists().where(person_redirect.c.old_id == row.person_id)
    parted = sa.exists().where(of.record_id == row.record_id, of.person_id != row.person_id)
    kinds = {
        merged: "人被认定与另一人是同一人",
        parted: "人的记录被拆分，认定属于另一人",
        is_withdrawn(): "人的授权已中止，或本人要求停止使用",
    }
    counts = [sa.func.count().filter(condition) for condition in kinds]
    found = conn.execute(sa.select(*counts).where(row.list_id == stored.list_id, row.selected)).one()
    said = next(((many, words) for many, words in zip(found, kinds.values(), strict=True) if many), None)
    return f"拟定之后，其中 {said[0]} {said[1]}" if said else ""
