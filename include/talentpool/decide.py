"""A held delivery's way out: a person says all, no-removals or reject; who, when and why is on record.

The decision is a row of our own (delivery_decision), never a state of Airflow: the CLI and the question in Airflow are
two doors to `decide`. It covers the findings that the person saw; a new one holds the delivery again. A delivery that
was published meanwhile supersedes what is held of its date and before (load.publish).
"""

from __future__ import annotations

from typing import Any, Literal, get_args

import sqlalchemy as sa

from talentpool import flow
from talentpool.declare import Partner
from talentpool.errors import UsageError
from talentpool.expect import in_words
from talentpool.guard import KeyRing, audit
from talentpool.model import delivery, delivery_decision
from talentpool.reasons import reasons
from talentpool.settings import Settings

Choice = Literal["all", "no-removals", "reject"]
CHOICES: tuple[Choice, ...] = get_args(Choice)
SHOWN = (
    "delivery_id", "partner", "as_of", "kind", "since", "state", "effect", "rows", "accepted", "quarantined", "refused",
    "reasons", "notes", "message", "decided", "landed_at", "published_at",
)  # fmt: skip


def decide(
    engine: sa.Engine,
    keys: KeyRing,
    settings: Settings,
    partner: Partner,
    delivery_id: int,
    choice: Choice,
    *,
    by: str,
    reason: str,
) -> flow.Outcome:
    """Record the decision and carry it out; returns the outcome, `held` again when something new speaks against it.

    The same decision again, on a delivery that a killed run left half-way, goes on with it. UsageError when the
    delivery is not held, or when `by` or `reason` is empty.
    """
    record(engine, partner, delivery_id, choice, by=by, reason=reason)
    if choice != "reject":
        flow.finish(engine, keys, settings, partner, delivery_id)
    return flow.outcome(engine, delivery_id)


def record(engine: sa.Engine, partner: Partner, delivery_id: int, choice: Choice, *, by: str, reason: str) -> None:
    """Write the decision down and let the delivery go on (or end); nothing is staged or published here."""
    if choice not in CHOICES:
        raise UsageError(f"a decision is one of {', '.join(CHOICES)}")
    if not by.strip() or not reason.strip():
        raise UsageError("a decision says who decided (--by) and why (--reason)")
    with engine.begin() as conn:
        facts = conn.execute(
            sa.select(delivery).where(delivery.c.delivery_id == delivery_id).with_for_update()
        ).one_or_none()
        if facts is None or facts.partner != partner.code:
            raise UsageError(f"there is no delivery {delivery_id} of {partner.code}; see `talentpool delivery list`")
        if facts.decided == choice and facts.state in flow.ON_ITS_WAY:
            return
        if facts.state != "held":
            raise UsageError(f"delivery {delivery_id} is {facts.state}; only a held one can be decided")
        conn.execute(
            delivery_decision.insert().values(
                delivery_id=delivery_id, choice=choice, decided_by=by, reason=reason, findings=facts.findings
            )
        )
        values: dict[str, Any] = {"state": "landed", "decided": choice}
        if choice == "reject":
            values = {
                "state": "rejected",
                "decided": choice,
                "reasons": {**facts.reasons, "decided_reject": 1},
                "message": f"{facts.message}；{reasons()['decided_reject'].text_zh}",
            }
        conn.execute(delivery.update().where(delivery.c.delivery_id == delivery_id).values(values))
        audit(conn, "decision", f"delivery:{delivery_id}", actor=by, reason=reason, details={"choice": choice})


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
            raise UsageError(f"there is no delivery {delivery_id}; see `talentpool delivery list`")
        decisions = conn.execute(
            sa.select(log.c.choice, log.c.decided_by, log.c.reason, log.c.made_at)
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
        "choices": list(CHOICES) if facts["state"] == "held" else [],
    }


def partner_of(engine: sa.Engine, delivery_id: int) -> str:
    """Code of the partner that a delivery is of; UsageError when there is no such delivery."""
    with engine.connect() as conn:
        code = conn.scalar(sa.select(delivery.c.partner).where(delivery.c.delivery_id == delivery_id))
    if code is None:
        raise UsageError(f"there is no delivery {delivery_id}; see `talentpool delivery list`")
    return str(code)
