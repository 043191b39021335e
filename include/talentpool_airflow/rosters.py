"""Run the tasks of a roster run: one call of a stage each. They take and return ids and counts, never rows.

A delivery that is held or rejected fails its run at the audit, without retries: red in the UI, with the reason in the
log and in the alerts. It blocks nothing: it is on record, the next delivery is the next run's, and a person is asked
about the held one (decisions.py).

Each body holds the partner's lock and looks at the delivery's state first: the command line, a decision or a second
run may work on the same delivery at the same time. Shares of one delivery hold it together, on whatever machines.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from talentpool.deliveries.delivery_state import State
from talentpool_airflow import given
from talentpool_airflow.alerts import say_alert
from talentpool_airflow.border import opened
from talentpool_airflow.declared import check_frozen
from talentpool_airflow.notes import skipped, stopped

if TYPE_CHECKING:
    from talentpool.office import Office

MAX_DUPLICATES = 50


def wanted_as_of(params: Any, dag_run: Any) -> str | None:
    """The as-of a run is for: the one given by hand; of a backfilled date the day before; else whatever waits.

    A roster due on the 1st speaks of the last day of the month before.
    """
    if params.get("as_of") is not None:
        return given.roster_day(params["as_of"]).isoformat()
    if dag_run.run_type == "backfill":
        return (given.day_of_run(dag_run.logical_date) - timedelta(days=1)).isoformat()
    return None


def acquire(code: str, as_of: str | None) -> list[dict[str, Any]]:
    """Land the oldest waiting delivery (of `as_of`, when given); the run is skipped when none waits.

    Returns the shares it is to be staged in, at least one: number `share` of `of`. Each says what was taken; `more`:
    others wait behind it; `declaration`: hash of the declaration that the whole run keeps to.
    """
    from talentpool import flow
    from talentpool.acquire import Overlooked, backlog
    from talentpool.acquire import acquire as land

    with opened() as room:
        partner = _partner(room, code)
        connection = _connection(partner)
        left_alone: list[Overlooked] = []
        for _ in range(MAX_DUPLICATES):
            left_alone.clear()
            landed = land(
                room, partner,
                as_of=date.fromisoformat(as_of) if as_of else None, connection=connection, overlooked=left_alone,
            )  # fmt: skip
            if landed is None or not landed.duplicate:
                break
        for each in left_alone:
            say_alert({"dag_id": f"roster__{code}", "task_id": "acquire", "kind": "overlooked", "subject": code,
                       "message": f"{each.name}：{each.text_zh}"})  # fmt: skip
        if landed is None or landed.duplicate:
            raise skipped(f"{partner.name}没有{f'日期为 {as_of} 的' if as_of else ''}新名册等待处理，本次运行跳过")
        of = flow.divide(room, partner, landed.delivery_id)
        more = as_of is None and backlog(room, partner, connection=connection) > 0
    taken = {
        "partner": code,
        "delivery_id": landed.delivery_id,
        "as_of": landed.as_of.isoformat(),
        "kind": landed.kind,
        "declaration": partner.hash,
        "more": more,
    }
    return [{**taken, "share": share, "of": of} for share in range(of)]


def next_run(code: str, dag_run: Any, shares: Sequence[Any]) -> str:
    """The id of another run of the same DAG, when more deliveries wait; it begins when this one has ended.

    A run names the same one whenever it is asked: a retry starts no second run.
    """
    taken = given.share(code, shares[0])
    if not taken.more:
        raise skipped("没有其他名册等待处理")
    asked_by = hashlib.sha256(dag_run.run_id.encode()).hexdigest()[:8]
    return f"next__after_delivery_{taken.delivery_id}_{asked_by}"


def held(code: str, shares: Sequence[Any] | None) -> dict[str, Any]:
    """Conf and id of the run in which a person is asked about a delivery that is held: one a delivery and findings."""
    from talentpool import flow

    if not shares:
        raise skipped("本次没有取到名册，无需决定")
    taken = given.share(code, shares[0])
    with opened() as room:
        _partner(room, code, taken)
        outcome = flow.outcome(room.engine, taken.delivery_id)
    if outcome.status != State.HELD:
        raise skipped("名册没有被搁置，无需决定")
    seen = hashlib.sha256(repr(sorted(outcome.reasons.items())).encode()).hexdigest()[:8]
    return {"conf": {"delivery_id": taken.delivery_id}, "run_id": f"delivery_{taken.delivery_id}_{seen}"}


def conform(code: str, share: Any) -> dict[str, Any]:
    """Clean, seal and stage one share of a landed delivery. What it found is kept where it is staged, for `expect`."""
    from talentpool import flow

    one = given.share(code, share)
    with opened() as room:
        partner = _partner(room, code, one)
        staged = flow.conform_share(room, partner, one.delivery_id, one.share, one.of)
    return {**one.model_dump(), "changed": staged.changed if staged else None}


def expect(code: str, staged: Iterable[Any]) -> dict[str, Any]:
    """Make a whole of the shares and validate it; a held or rejected one ends the run here and leaves nothing staged."""
    from talentpool import flow

    shares = [given.share(code, one) for one in staged]
    if len({one.delivery_id for one in shares}) != 1:
        raise stopped(f"各份不属于同一次交付；{given.NOTHING_DONE}")
    taken, delivery_id = shares[0], shares[0].delivery_id
    with opened() as room:
        partner = _partner(room, code, taken)
        flow.expect_shares(room, partner, delivery_id)
        _stop_when_decided(room, delivery_id)
    return taken.model_dump()


def publish(code: str, audited: Any) -> dict[str, Any]:
    """Publish in one transaction; staged again when somebody published meanwhile. Returns verdict and counts."""
    from talentpool import flow
    from talentpool.errors import StaleStageError
    from talentpool.load import publish as make_live

    taken = given.share(code, audited)
    delivery_id = taken.delivery_id
    with opened() as room:
        partner = _partner(room, code, taken)
        with flow.one_at_a_time(room.engine, partner):
            stale = flow.state(room.engine, delivery_id) in (State.LANDED, State.STAGED)
            if flow.state(room.engine, delivery_id) == State.AUDITED:
                try:
                    make_live(room, partner, delivery_id)
                except StaleStageError:
                    stale = True
        if stale:
            flow.finish(room, partner, delivery_id)
        _stop_when_decided(room, delivery_id)
        return flow.outcome(room.engine, delivery_id).as_json()


def _partner(room: Office, code: str, taken: given.Share | None = None) -> Any:
    """The declaration that the run keeps to; a delivery that is none of this partner's ends the run."""
    from talentpool.acquire import load_partner
    from talentpool.decide import partner_of

    partner = load_partner(room.settings.partner_dirs, code)
    if taken is not None:
        if partner_of(room.engine, taken.delivery_id) != code:
            raise stopped(f"这次交付不是本合作方的；{given.NOTHING_DONE}")
        check_frozen(partner, taken.declaration)
    return partner


def _connection(partner: Any) -> Any:
    from talentpool_airflow.connections import connection

    return connection(partner.transport.connection)


def _stop_when_decided(room: Office, delivery_id: int) -> None:
    """End the run for good when the delivery is held or rejected; the reason stands in the message."""
    from talentpool import flow
    from talentpool.texts.reasons import reasons

    outcome = flow.outcome(room.engine, delivery_id)
    known = reasons()
    if outcome.status in (State.HELD, State.REJECTED):
        what = "已搁置，等市级专员决定（见“待响应”）" if outcome.status == State.HELD else "已退回，没有任何内容入库"
        why = outcome.message or "，".join(known[code].text_zh for code in outcome.reasons if code in known)
        raise stopped(f"交付 {delivery_id}（{outcome.as_of}）{what}：{why}")
