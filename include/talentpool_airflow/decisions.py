"""The question to a person about a held delivery, and what its answer does.

The question shows counts and rules, no person. What counts is the row in delivery_decision that the answer writes
through talentpool.decide; marking the waiting task as done writes none, so it changes nothing.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from airflow.sdk.exceptions import AirflowFailException, AirflowSkipException

from talentpool_airflow.alerts import Alert
from talentpool_airflow.border import opened

OPTIONS = {"全部入库": "all", "只入新增与变更": "no-removals", "整批拒收": "reject"}
OFFICERS = [{"id": "role:city_officer", "name": "市级数据专员"}]
PATIENCE = timedelta(days=30)
"""After that the run fails and the delivery stays held; the command line can still decide."""
COLUMNS = (
    "**列名待确认**：请先在控制台“列名待确认”页面逐列回答（就是该列 / 不是，忽略），全部回答后本批自动重新校验。"
    "未回答之前，此处选择“全部入库”或“只入新增与变更”不会入库：本批仍然搁置，任何列都不会被当作无关列丢弃。"
)
"""What is said of a delivery held for columns: these answers are no yes or no to the whole."""


class Waiting(Alert):
    """A line among the alerts: somebody is asked."""

    def message(self, context: Any) -> str:
        return f"a held delivery waits for a decision: {context['params'].get('delivery_id')}"


def question(code: str, delivery_id: int | None) -> str:
    """What the person reads: counts and rules in words (Markdown). The run is skipped when nothing is to be decided."""
    from talentpool.decide import partner_of, show
    from talentpool.declare import load_partner

    if delivery_id is None:
        raise AirflowFailException("say which delivery: 触发时填写批次号")
    with opened() as room:
        if partner_of(room.engine, delivery_id) != code:
            raise AirflowFailException(f"delivery {delivery_id} is not one of {code}")
        facts = show(room.engine, delivery_id)
        name = load_partner(room.settings.partner_dirs, code).name
    if facts["state"] != "held":
        raise AirflowSkipException(f"delivery {delivery_id} is {facts['state']}; there is nothing to decide")
    kind = {"full": "全量", "delta": "增量"}[facts["kind"]]
    lines = [
        f"**{name}** 名册，批次 {delivery_id}，数据日期 {facts['as_of']}（{kind}）",
        f"共 {facts['rows']:,} 行：可入库 {facts['accepted']:,}，隔离 {facts['quarantined']:,}，拒收 {facts['refused']:,}",
        "搁置原因：",
        *(f"* {finding['text']}" for finding in facts["findings"]),
        *([COLUMNS] if facts["columns"] else []),
        "选择“只入新增与变更”时，本批不据以减员。请填写理由；理由会永久留存，请勿写入个人信息。",
    ]
    return "\n\n".join(lines)


def carry_out(code: str, delivery_id: int, answer: dict[str, Any]) -> dict[str, Any]:
    """Record the answer as a decision of ours and carry it out; returns verdict and counts.

    Skipped when a later delivery or another door was faster, or when the answer was to reject.
    """
    from talentpool import flow
    from talentpool.decide import decide
    from talentpool.declare import load_partner
    from talentpool.errors import UsageError

    choice = OPTIONS[answer["chosen_options"][0]]
    person = answer.get("responded_by_user") or {}
    if not person.get("name"):
        raise AirflowFailException("nobody answered the question; a decision needs a person")
    with opened() as room:
        outcome = flow.outcome(room.engine, delivery_id)
        partner = load_partner(room.settings.partner_dirs, code)
        if outcome.status != "held" and outcome.status not in flow.ON_ITS_WAY:
            raise AirflowSkipException(
                f"delivery {delivery_id} is {outcome.status} already; the answer changes nothing"
            )
        try:
            found = decide(
                room.engine, room.keys, room.settings, partner, delivery_id, choice,  # type: ignore[arg-type]
                by=f"{person['name']}（Airflow）", reason=_reason(answer),
            )  # fmt: skip
        except UsageError as error:  # held for columns that nobody answered yet, or decided by another door meanwhile
            raise AirflowFailException(
                f"{error}; answer on 列名待确认, then clear this run to be asked again"
            ) from None
    if found.status == "published":
        return found.as_json()
    if choice == "reject":
        raise AirflowSkipException(f"delivery {delivery_id} was rejected as decided")
    raise AirflowFailException(f"delivery {delivery_id} is {found.status}: {found.message or ''} {found.reasons}")


def _reason(answer: dict[str, Any]) -> str:
    """What was filled in. Airflow checks a form's limits before it asks too, so that the field cannot be required."""
    given = str((answer.get("params_input") or {}).get("reason") or "").strip()
    return given or "（未填写理由）"
