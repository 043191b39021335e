"""Decide on a held delivery: a person says all, no-removals or reject; who, when and why is on record.

The decision is a row of our own (delivery_decision), never a state of Airflow: the CLI and the question in Airflow are
two doors to `decide`. It covers the findings that the person saw; a new one holds the delivery again. A delivery that
was published meanwhile supersedes what is held of its date and before (load.publish).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Literal, get_args

import sqlalchemy as sa

from talentpool import flow
from talentpool.conform import IGNORE, answered, asked, is_place, remember, unanswered
from talentpool.declare import Partner
from talentpool.deliveries.delivery_state import State
from talentpool.errors import UsageError
from talentpool.expect import in_words
from talentpool.guard import audit
from talentpool.guard.duties import check_duty
from talentpool.model import delivery, delivery_decision
from talentpool.office import Office
from talentpool.texts.reasons import reasons

Choice = Literal["all", "no-removals", "reject"]
Answers = Mapping[str, str | None]
"""A column's name as compared -> the field it is; None = no field's."""
LACKING = frozenset({"header_missing", "header_unknown"})
CHOICES: tuple[Choice, ...] = get_args(Choice)
STANDS = {
    State.LANDED: "正在处理", State.STAGED: "正在处理", State.AUDITED: "正在处理", State.PUBLISHED: "已入库",
    State.HELD: "正搁置", State.REJECTED: "已退回",
}  # fmt: skip
"""How a delivery stands, in words."""
SHOWN = (
    "delivery_id", "partner", "as_of", "kind", "since", "state", "effect", "rows", "accepted", "quarantined", "refused",
    "reasons", "notes", "dropped_columns", "message", "decided", "landed_at", "published_at",
)  # fmt: skip


@dataclass(frozen=True)
class Decision:
    """A person's word on a held delivery. `columns`: what they say of columns that nobody knew; `role`: the one that
    entitles `by`, as the server knows it."""

    choice: Choice
    by: str
    reason: str
    columns: Answers | None = None
    role: str | None = None


def decide(
    office: Office,
    partner: Partner,
    delivery_id: int,
    choice: Choice,
    *,
    by: str,
    reason: str,
    columns: Answers | None = None,
) -> flow.Outcome:
    """Record the decision and carry it out; returns the outcome, `held` again when something new speaks against it.

    `columns`: what the person says of columns that nobody knew, remembered for the partner; a delivery held for
    columns needs a word on each. The same decision again, on a delivery that a killed run left half-way, goes on with
    it. UsageError when the delivery is not held, or when `by` or `reason` is empty.
    """
    record(office.engine, partner, delivery_id, Decision(choice, by, reason, columns))
    if choice != "reject":
        flow.finish(office, partner, delivery_id)
    return flow.outcome(office.engine, delivery_id)


def answer_columns(
    office: Office, partner: Partner, delivery_id: int, columns: Answers, *, by: str,
    reason: str,
) -> flow.Outcome:  # fmt: skip
    """Say what held columns are and nothing else: the delivery is staged with it, and what else held it holds it again."""
    _signed(by, reason)
    with office.engine.begin() as conn:
        facts = locked(conn, partner.code, delivery_id)
        if facts.state != State.HELD or not columns:
            raise UsageError(f"交付 {delivery_id} {STANDS[facts.state]}；只有搁置的名册可以确认列名，请刷新后再看")
        _name_columns(conn, facts, columns, by=by, reason=reason)
        conn.execute(delivery.update().where(delivery.c.delivery_id == delivery_id).values(state=State.LANDED))
        _log(conn, f"delivery:{delivery_id}", {"choice": "columns"}, columns, by=by, reason=reason)
    flow.finish(office, partner, delivery_id)
    return flow.outcome(office.engine, delivery_id)


def record(engine: sa.Engine, partner: Partner, delivery_id: int, decision: Decision) -> None:
    """Write the decision down and let the delivery go on (or end); nothing is staged or published here."""
    with engine.begin() as conn:
        facts = locked(conn, partner.code, delivery_id)
        if facts.decided == decision.choice and facts.state in flow.ON_ITS_WAY:
            _signed(decision.by, decision.reason)
            return
        with deciding(conn, facts, decision):
            pass


@contextmanager
def deciding(conn: sa.Connection, facts: sa.Row, decision: Decision) -> Iterator[None]:
    """Everything that speaks against the decision is said first (UsageError); it is written when the block ends well.

    `facts`: the delivery, locked in the transaction of `conn`, so that of two doors one is first.
    """
    choice, by, reason, columns = decision.choice, decision.by, decision.reason, decision.columns or {}
    if choice not in CHOICES:
        raise UsageError(f"决定只能是 {'、'.join(CHOICES)} 之一")
    _signed(by, reason)
    check_duty(conn, by, "decide on a delivery")
    number = facts.delivery_id
    if facts.state != State.HELD and not (columns and choice == "all" and _lacks_a_header(facts)):
        raise UsageError(f"交付 {number} {STANDS[facts.state]}；只有搁置的名册可以决定，请刷新后再看")
    if choice != "reject" and (left := unanswered(facts.findings, columns)):
        raise UsageError(
            f"交付 {number} 还有列名待确认：{left}请逐列答复（--column 列名=约定的列，或 列名=ignore 忽略）"
        )
    yield
    _name_columns(conn, facts, columns, by=by, reason=reason)
    conn.execute(
        delivery_decision.insert().values(
            delivery_id=facts.delivery_id, choice=choice, decided_by=by, role=decision.role, reason=reason,
            findings=facts.findings,
        )
    )  # fmt: skip
    values: dict[str, Any] = {"state": State.LANDED, "decided": choice}
    if choice == "reject":
        values = {
            "state": State.REJECTED,
            "decided": choice,
            "reasons": {**facts.reasons, "decided_reject": 1},
            "message": f"{facts.message}；{reasons()['decided_reject'].text_zh}",
        }
    conn.execute(delivery.update().where(delivery.c.delivery_id == facts.delivery_id).values(values))
    known = {"choice": choice} | ({"role": decision.role} if decision.role else {})
    _log(conn, f"delivery:{facts.delivery_id}", known, columns, by=by, reason=reason)


def change_columns(engine: sa.Engine, partner: Partner, columns: Answers, *, by: str, reason: str) -> None:
    """Say what columns of a partner are, for every later delivery; none is staged. UsageError for a column without a
    name, which only its delivery knows."""
    _signed(by, reason)
    if placed := sorted(filter(is_place, columns)):
        raise UsageError(f"{'、'.join(placed)} 是位置，不是列名，只能在决定这次交付时答复")
    with engine.begin() as conn:
        remember(conn, partner.code, None, columns, by=by, reason=reason)
        _log(conn, f"partner:{partner.code}", {"choice": "columns"}, columns, by=by, reason=reason)


def _signed(by: str, reason: str) -> None:
    if not by.strip() or not reason.strip():
        raise UsageError("请写明决定人（--by）和理由（--reason）")


def locked(conn: sa.Connection, partner: str, delivery_id: int) -> sa.Row:
    """The delivery of `partner`, nobody else's until the transaction ends; UsageError when it is none of the partner's."""
    facts = conn.execute(
        sa.select(delivery).where(delivery.c.delivery_id == delivery_id).with_for_update()
    ).one_or_none()
    if facts is None or facts.partner != partner:
        raise UsageError(f"合作单位 {partner} 没有交付 {delivery_id}；请用 talentpool delivery list 查看交付编号")
    return facts


def _lacks_a_header(facts: sa.Row) -> bool:
    """Whether it was rejected for columns that a person may yet name; its file must still be there."""
    return facts.state == State.REJECTED and facts.landed_url and bool(LACKING & set(facts.reasons))


def _name_columns(conn: sa.Connection, facts: sa.Row, columns: Answers, *, by: str, reason: str) -> None:
    known = {row["header"] for row in answered(conn, facts.partner)}
    strange = sorted(set(columns) - set(asked(facts.findings)) - set(facts.dropped_columns) - known)
    if strange and facts.state == State.HELD:
        raise UsageError(
            f"交付 {facts.delivery_id} 没有待确认的列 {'、'.join(strange)}；请用 talentpool delivery show 查看待确认的列名"
        )
    remember(conn, facts.partner, facts.delivery_id, columns, by=by, reason=reason)


def _log(conn: sa.Connection, subject: str, details: dict[str, Any], columns: Answers, *, by: str, reason: str) -> None:
    """Last in the transaction, as the log wants it."""
    said = {"columns": {header: to or IGNORE for header, to in columns.items()}} if columns else {}
    audit(conn, "decision", subject, actor=by, reason=reason, details=details | said)


def deliveries(engine: sa.Engine, *, partner: str | None = None, state: str | None = None) -> list[dict[str, Any]]:
    """Deliveries, newest first: counts and codes, no person."""
    query = sa.select(*(delivery.c[name] for name in SHOWN)).order_by(delivery.c.delivery_id.desc())
    if partner:
        query = query.where(delivery.c.partner == partner)
    if state:
        query = query.where(delivery.c.state == state)
    with engine.connect() as conn:
        return [dict(row) for row in conn.execute(query).mappings()]


def show(engine: sa.Engine, delivery_id: int) -> dict[str, Any]:
    """One delivery with what was found (in words), how its codes read, and every decision on it."""
    log = delivery_decision
    with engine.connect() as conn:
        facts = (
            conn.execute(
                sa.select(*(delivery.c[name] for name in SHOWN), delivery.c.findings, delivery.c.profile).where(
                    delivery.c.delivery_id == delivery_id
                )
            )
            .mappings()
            .one_or_none()
        )
        if facts is None:
            raise UsageError(f"没有交付 {delivery_id}；请用 talentpool delivery list 查看交付编号")
        decisions = conn.execute(
            sa.select(log.c.choice, log.c.decided_by, log.c.role, log.c.reason, log.c.made_at)
            .where(log.c.delivery_id == delivery_id)
            .order_by(log.c.decision_id)
        ).mappings()
        decided = [dict(row) for row in decisions]
    known = reasons()
    return {
        **facts,
        "findings": [{**finding, "text": in_words(finding)} for finding in facts["findings"]],
        "texts": {c: known[c].text_zh for c in (*facts["reasons"], *facts["notes"]) if c in known},
        "decisions": decided,
        "columns": asked(facts["findings"]) if facts["state"] == State.HELD else {},
        "choices": list(CHOICES) if facts["state"] == State.HELD else [],
    }


def held_for_columns(engine: sa.Engine) -> list[dict[str, Any]]:
    """Deliveries that wait for a word on their columns, newest first, each with its questions (`columns`)."""
    query = (
        sa.select(*(delivery.c[name] for name in SHOWN), delivery.c.findings)
        .where(delivery.c.state == State.HELD, delivery.c.reasons.has_key("column_unclear"))
        .order_by(delivery.c.delivery_id.desc())
    )
    with engine.connect() as conn:
        return [{**row, "columns": asked(row["findings"])} for row in conn.execute(query).mappings()]


def partner_of(engine: sa.Engine, delivery_id: int) -> str:
    """Code of the partner that a delivery is of; UsageError when there is no such delivery."""
    with engine.connect() as conn:
        code = conn.scalar(sa.select(delivery.c.partner).where(delivery.c.delivery_id == delivery_id))
    if code is None:
        raise UsageError(f"没有交付 {delivery_id}；请用 talentpool delivery list 查看交付编号")
    return str(code)
