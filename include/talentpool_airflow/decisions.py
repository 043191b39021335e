"""Ask a person about a held delivery, and do what the answer says.

The question shows counts and rules, no person. What counts is the row in delivery_decision, which the server writes when
the answer arrives (answers.py). The tasks here read it: a forged XCom, or a waiting task marked as done, changes nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from airflow.providers.standard.operators.hitl import HITLOperator
from airflow.sdk import Param, conf, timezone
from airflow.sdk.exceptions import TaskAwaitingInput
from airflow.sdk.execution_time.hitl import HITLUser, upsert_hitl_detail

from talentpool.deliveries.delivery_state import State
from talentpool_airflow import given
from talentpool_airflow.alerts import Alert
from talentpool_airflow.border import opened
from talentpool_airflow.notes import put_off, skipped, stopped

if TYPE_CHECKING:
    from talentpool.office import Office
    from talentpool.services.desk.held import Effect, Told

OPTIONS = {"全部入库": "all", "只入新增与变更": "no-removals", "整份拒收": "reject"}
ROLE = "city_officer"
OFFICERS: list[HITLUser] = [{"id": f"role:{ROLE}", "name": "市级数据专员"}]
REASON_LENGTH = 200
PATIENCE = timedelta(days=30)
"""After that the run fails and the delivery stays held; the command line can still decide."""
LOOK = timedelta(seconds=conf.getint("talentpool", "question_pause", fallback=900))
"""How often a waiting question looks whether another door has decided; in between it holds no worker."""
COLUMNS = (
    "**列名待确认**：请先在控制台“列名待确认”页面逐列回答（就是该列 / 不是，忽略），全部回答后名册自动重新校验。"
    "未回答之前，此处选择“全部入库”或“只入新增与变更”不被采纳：名册仍然搁置，任何列都不会被当作无关列丢弃。"
)
"""What is said of a delivery held for columns: these answers are no yes or no to the whole."""


class Waiting(Alert):
    """A line among the alerts: somebody is asked."""

    def message(self, context: Any) -> str:
        return f"名册被搁置，等市级专员决定（见“待响应”）：交付 {context['params'].get('delivery_id')}"

    def about(self, context: Any) -> dict[str, str]:
        """The same matter as that of the daily look at what is held for long."""
        partner, delivery = context["ti"].dag_id.removeprefix("decision__"), context["params"].get("delivery_id")
        return {"kind": "roster_held", "subject": partner, "about": str(delivery)}


class Question(HITLOperator):
    """Puts a held delivery to the officers, and ends when it is decided, by whichever door.

    An attempt that follows a killed one asks again only what nobody has answered. Every LOOK it wakes up: a delivery
    that was decided elsewhere closes the question, one that stands differently by now is shown anew.
    """

    template_fields = ()

    def __init__(self, *, code: str, **named: Any) -> None:
        """`code`: the partner whose deliveries it is about."""
        super().__init__(**named)
        self.code = code

    def execute(self, context: Any) -> dict[str, Any]:
        from talentpool.questions import asking

        delivery_id = given.number(context["params"].get("delivery_id"), "交付编号")
        run_id = context["dag_run"].run_id
        with opened() as room, asking(room.engine, self.dag_id, run_id, self.code, delivery_id) as where:
            if where == "held":
                upsert_hitl_detail(
                    ti_id=context["ti"].id, subject=f"{self.subject}，交付 {delivery_id}",
                    body=question(room, self.code, delivery_id), options=self.options,
                    params=self.serialized_params, assigned_users=self.assigned_users,
                )  # fmt: skip
        if where == "decided":
            return {"delivery_id": delivery_id}
        if where == "over":
            raise skipped(f"交付 {delivery_id} 并未搁置，无需决定")
        if where == "busy":
            raise put_off(f"交付 {delivery_id} 正在重新校验，稍后再看是否需要决定")
        for notifier in self.notifiers:
            notifier(context)
        return self._wait()

    def execute_complete(self, context: Any, event: dict[str, Any]) -> dict[str, Any]:
        """Somebody answered, or LOOK has passed. What came with the event is not read: our own tables say what holds."""
        from talentpool.questions import asked

        run = context["dag_run"]
        with opened() as room:
            found = asked(room.engine, self.dag_id, run.run_id)
        if found is not None and found.where == "decided":
            return {"delivery_id": found.delivery_id}
        if found is not None and found.where == "over":
            raise skipped(f"交付 {found.delivery_id} 已不再搁置，此问题随之关闭")
        if timezone.utcnow() - run.start_date > PATIENCE:
            raise stopped(f"{PATIENCE.days} 天内无人回答；名册仍然搁置，可用命令行 talentpool delivery decide 决定")
        looked = event.get("error_type") == "timeout"
        if found is not None and looked and (found.where == "busy" or found.as_shown):
            return self._wait()
        return self.execute(context)

    def _wait(self) -> dict[str, Any]:
        raise TaskAwaitingInput(method_name="execute_complete", timeout=self.response_timeout)


def ask_officers(code: str, name: str) -> Question:
    """The task that asks, of the DAG it is called in; `name`: the partner's."""
    return Question(
        code=code, task_id="decide", task_display_name="请决定", subject=f"{name}名册被搁置", options=list(OPTIONS),
        params={"reason": Param("", type="string", maxLength=REASON_LENGTH, title="理由")}, assigned_users=OFFICERS,
        response_timeout=LOOK, execution_timeout=None, notifiers=[Waiting()],
    )  # fmt: skip


def question(room: Office, code: str, delivery_id: int) -> str:
    """What the person reads: counts and rules in words, each with its history, and whom each answer moves (Markdown)."""
    from talentpool.acquire import load_partner
    from talentpool.decide import show
    from talentpool.services.desk.held import outlook_of
    from talentpool.texts.labels import ROSTER_KINDS

    facts = show(room.engine, delivery_id)
    partner = load_partner(room.settings.partner_dirs, code)
    name = partner.name
    with room.engine.connect() as conn:
        outlook = outlook_of(conn, delivery_id, learned_from=partner.bounds.learned.deliveries)
    page = f"{urlsplit(conf.get('api', 'base_url', fallback='')).path.rstrip('/')}/console/held/{delivery_id}"
    lines = [
        f"**{name}** 名册，交付 {delivery_id}，数据日期 {facts['as_of']}（{ROSTER_KINDS[facts['kind']]}）",
        f"共 {facts['rows']:,} 行：可入库 {facts['accepted']:,}，隔离 {facts['quarantined']:,}，拒收 {facts['refused']:,}",
        "搁置原因：",
        *(_line(one, f"{page}/chart/{at}.svg") for at, one in enumerate(outlook.told)),
        *([COLUMNS] if facts["columns"] else []),
        *([_table(outlook.effects)] if outlook.effects else []),
        f"同样的内容也在[名册待决定]({page})页。选择“只入新增与变更”时，不据这份名册减员。"
        "请填写理由；理由会永久留存，请勿写入个人信息。",
    ]
    return "\n\n".join(lines)


def _line(told: Told, chart: str) -> str:
    """A finding, and its history as a chart: a picture of our own page, for Airflow shows no HTML; its words say the same."""
    return f"* {told.text}" + (f"\n\n  ![{told.trail.sentence}]({chart})" if told.trail else "")


def _table(effects: Mapping[Any, Effect]) -> str:
    """Whom each answer moves."""
    words = {choice: option for option, choice in OPTIONS.items()}
    rows = [
        f"| {words[choice]} | {one.added:,} | {one.leave:,} | {one.change:,} | {one.stay:,} |"
        for choice, one in effects.items()
    ]
    return "\n".join(["| 回答（在册人员，人） | 新增 | 离开 | 变更 | 不变 |", "|---|---|---|---|---|", *rows])


def carry_out(code: str, dag_run: Any) -> dict[str, Any]:
    """Go on with the delivery that the run asked about, as it was decided; returns verdict and counts.

    Fails when nobody has decided: the task before was marked as done by hand. Skipped when there is nothing to do.
    """
    from talentpool import flow
    from talentpool.acquire import load_partner
    from talentpool.decide import STANDS, partner_of
    from talentpool.questions import asked

    with opened() as room:
        found = asked(room.engine, dag_run.dag_id, dag_run.run_id)
        if found is None or partner_of(room.engine, found.delivery_id) != code:
            raise stopped("这次运行没有提出过问题，因此没有可执行的决定；人才库未受影响")
        delivery_id = found.delivery_id
        if found.where in ("over", "busy"):
            raise skipped(f"交付 {delivery_id} 无需决定")
        if found.where == "held":
            raise stopped(
                f"交付 {delivery_id} 尚无决定，未执行任何操作：把任务标记为成功不等于决定。清除本次运行可重新提问"
            )
        if flow.outcome(room.engine, delivery_id).status in flow.ON_ITS_WAY:
            partner = load_partner(room.settings.partner_dirs, code)
            flow.finish(room, partner, delivery_id)
        outcome = flow.outcome(room.engine, delivery_id)
    if outcome.status == State.PUBLISHED:
        return outcome.as_json()
    if outcome.status == State.HELD:
        raise stopped(f"交付 {delivery_id} 又被搁置（{outcome.message or '原因见数据质量页'}）；清除本次运行可重新提问")
    raise skipped(f"交付 {delivery_id} 已按决定处理：{outcome.message or STANDS[State(outcome.status)]}")
