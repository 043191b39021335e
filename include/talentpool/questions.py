"""Keep questions about held deliveries that Airflow asks: which delivery, what was shown, and the one answer.

A run of Airflow asks; that it does, and what it shows, is a row of ours (delivery_question). Its answer becomes a row in
delivery_decision on the server at the moment it arrives, before the person hears that it was taken. Whatever a task
finds out later it reads here, never in what Airflow carries from task to task.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Literal

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from talentpool import flow
from talentpool.conform import unanswered
from talentpool.decide import Choice, Decision, deciding, locked
from talentpool.deliveries.delivery_state import State
from talentpool.errors import ConflictError
from talentpool.model import delivery, delivery_decision, delivery_question

Where = Literal["held", "busy", "decided", "over"]
"""Waiting for a person; on its way without one; on its way, or ended, as somebody decided; ended without anybody."""
WAIT = "30s"
"""How long an answer waits for whoever has the delivery in hand."""


@dataclass(frozen=True)
class Asked:
    """A question: its delivery, how it stands, and whether the delivery is still as it was shown."""

    delivery_id: int
    where: Where
    as_shown: bool


@contextmanager
def asking(engine: sa.Engine, dag_id: str, run_id: str, partner: str, delivery_id: int) -> Iterator[Where]:
    """How the delivery stands. When it is held, the question is on record once the block, which puts it to the person,
    has ended well; no answer comes between. UsageError when it is none of the partner's."""
    with engine.begin() as conn:
        facts = locked(conn, partner, delivery_id)
        where = _where(facts)
        shown = {"delivery_id": delivery_id, "findings": facts.findings, "asked_at": sa.func.now()}
        row = insert(delivery_question).values(dag_id=dag_id, run_id=run_id, **shown)
        conn.execute(row.on_conflict_do_update(index_elements=["dag_id", "run_id"], set_=shown))
        yield where


def asked(engine: sa.Engine, dag_id: str, run_id: str) -> Asked | None:
    """The question of a run; None when it has put none. Waits for an answer that is just being taken."""
    with engine.begin() as conn:
        question = _question(conn, dag_id, run_id)
        if question is None:
            return None
        facts = conn.execute(
            sa.select(delivery).where(delivery.c.delivery_id == question.delivery_id).with_for_update(read=True)
        ).one()
        return Asked(facts.delivery_id, _where(facts), facts.findings == question.findings)


def open_questions(conn: sa.Connection) -> dict[int, tuple[str, str]]:
    """Held delivery -> DAG and run of the newest question about it."""
    table = delivery_question
    query = (
        sa.select(table.c.delivery_id, table.c.dag_id, table.c.run_id)
        .join(delivery, delivery.c.delivery_id == table.c.delivery_id)
        .where(delivery.c.state == State.HELD)
        .order_by(table.c.asked_at)
    )
    return {row.delivery_id: (row.dag_id, row.run_id) for row in conn.execute(query)}


@contextmanager
def answering(
    engine: sa.Engine, dag_id: str, run_id: str, choice: Choice, *, by: str, role: str, reason: str
) -> Iterator[None]:
    """Take the answer to a run's question: checked first, written when the block, which tells Airflow, has ended well.

    ConflictError, in Chinese, when it comes too late or to something else than is there; RefusedError when `by` is
    somebody whose duty it is not; else UsageError.
    """
    with engine.begin() as conn:
        conn.execute(sa.select(sa.func.set_config("lock_timeout", WAIT, True)))
        question = _question(conn, dag_id, run_id)
        if question is None:
            raise ConflictError("这次运行没有提出过问题，回答未被采纳；请从“待响应的任务实例”中进入")
        facts = conn.execute(
            sa.select(delivery).where(delivery.c.delivery_id == question.delivery_id).with_for_update()
        ).one()
        question = _question(conn, dag_id, run_id)  # asked anew meanwhile, perhaps
        if question is None or question.delivery_id != facts.delivery_id or question.findings != facts.findings:
            raise ConflictError("这次交付的情况与提问时不同，回答未被采纳；请刷新页面，稍后按新的提问重新回答")
        if facts.state != State.HELD:
            raise ConflictError(_too_late(conn, facts))
        if choice != "reject" and unanswered(facts.findings, {}):
            raise ConflictError(
                "名册有列名待确认，回答未被采纳；请先在控制台“列名待确认”页面逐列回答，或选择“整份拒收”"
            )
        with deciding(conn, facts, Decision(choice, by, reason, role=role)):
            yield


def _question(conn: sa.Connection, dag_id: str, run_id: str) -> sa.Row | None:
    table = delivery_question
    return conn.execute(sa.select(table).where(table.c.dag_id == dag_id, table.c.run_id == run_id)).one_or_none()


def _where(facts: sa.Row) -> Where:
    if facts.state == State.HELD:
        return "held"
    if facts.decided is not None and facts.decided != "superseded":
        return "decided"
    return "busy" if facts.state in flow.ON_ITS_WAY else "over"


def _too_late(conn: sa.Connection, facts: sa.Row) -> str:
    log = delivery_decision
    last = conn.execute(
        sa.select(log.c.decided_by, log.c.choice)
        .where(log.c.delivery_id == facts.delivery_id)
        .order_by(log.c.decision_id.desc())
        .limit(1)
    ).one_or_none()
    if last is None or last.choice == "superseded":
        return f"交付 {facts.delivery_id} 已不再搁置，回答未被采纳；无需再处理"
    return f"交付 {facts.delivery_id} 已由 {last.decided_by} 决定，回答未被采纳；无需再处理"
