"""Count who must be asked about before a list is locked: on it twice, perhaps, under two document numbers.

Matching never unites two document numbers, and a number may be mistyped. Where name and mobile agree, and the station or the
hire date besides, somebody judges first: that they are two, or that nobody can say yet (put off). Then both may stand on a
locked list, and as long as nobody said that they are two each is marked with the other (twins.py).
"""

from __future__ import annotations

import sqlalchemy as sa

from talentpool.campaigns.lists import Stored
from talentpool.model import record_person, review_pair, target_row


def unasked(conn: sa.Connection, list_id: int) -> int:
    """How many pairs of people selected on the list wait for that judgement; their ids are those of today."""
    from talentpool.match.waiting import in_use

    of = record_person
    listed = (
        sa.select(of.c.person_id)
        .join(target_row, target_row.c.record_id == of.c.record_id)
        .where(target_row.c.list_id == list_id, target_row.c.selected)
    )
    pair = review_pair.c
    both = (pair.left_person.in_(listed), pair.right_person.in_(listed))
    waits = sa.select(sa.func.count()).select_from(review_pair).where(pair.urgent, in_use(pair), *both)
    return conn.scalar(waits) or 0


def say_unasked(stored: Stored, pairs: int) -> str:
    """In Chinese, with what to do."""
    return (
        f"{stored.passport['name']}（{stored.cycle}）的名单 {stored.list_id} 暂不能锁定：其中有 {pairs} 对人同名同手机号、"
        "同站点或同入职日期，但证件号不同，还没有人判定。请先在“复核”页处理（排在最前；或用 talentpool review list 查看）："
        "确是两人的，判为不是同一人；确是同一人的，证件号有一处写错，请该合作企业更正名册后再合并，更正之前先暂缓；一时无法核实的"
        "也先暂缓。都处理之后再锁定"
    )
