"""Ask the people who approve a list, each in a task of their own: every county for its share, then the city.

A question shows counts, no person. What counts is the row in list_step, which the server writes when the answer arrives
(answers.py), or a page, or the command line. The tasks here read it, and the lock asks again: a forged XCom, or a waiting
task marked as done, approves nothing.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from airflow.providers.standard.operators.hitl import HITLOperator
from airflow.sdk import Param, TriggerRule, timezone
from airflow.sdk.exceptions import TaskAwaitingInput
from airflow.sdk.execution_time.hitl import upsert_hitl_detail

from talentpool_airflow import people
from talentpool_airflow.border import opened
from talentpool_airflow.decisions import LOOK, PATIENCE, REASON_LENGTH
from talentpool_airflow.notes import skipped, stopped

if TYPE_CHECKING:
    from talentpool.campaigns.life.asking import Place, Standing
    from talentpool.declare import Campaign

OPTIONS = {"批准": True, "退回": False}
COUNTY, CITY = "county", "city"
"""Ids of the tasks that ask."""
AFTER_SKIPPED = TriggerRule.NONE_FAILED_MIN_ONE_SUCCESS
"""Of what follows questions: those of a list that needs no such approval are skipped, and it goes on; where nothing was drawn
it does not."""
FOR_THEM = "内容只向被提问的人显示（区县份额：该区县专员或其代理人；市级专员与市级审批均可看）。"
"""What Airflow itself keeps as the text, which it never renews; the server puts the real one into its place (shown.py)."""


class Approval(HITLOperator):
    """Puts a share of the run's list to whoever approves it, and ends when it is approved, by whichever door.

    Every LOOK it wakes up: a share that was approved elsewhere, or is on the list no more, closes the question; one that was
    returned, or drawn anew, is asked about anew, with a text of its own.
    """

    template_fields = ()

    def __init__(self, *, code: str, place: str = "", county: str | None = None, nth: int = 0, **named: Any) -> None:
        """`code`: the campaign; `county`: whose share, unset = the city's approval `nth`; `place`: how the grid calls it."""
        super().__init__(subject=f"名单待审批：{place}", options=list(OPTIONS), response_timeout=LOOK, **named)
        self.code, self.place, self.county, self.nth = code, place, county, nth

    def execute(self, context: Any) -> dict[str, Any]:
        from talentpool.campaigns.life.asking import asking

        with self._at(context) as (conn, *asks), asking(conn, *asks) as found:
            if found.step is not None:
                role = found.step.role if found.step.county is None else f"{found.step.role}_{found.step.county}"
                reason = Param("", type=["null", "string"], maxLength=REASON_LENGTH, title="意见（退回时必填）")
                upsert_hitl_detail(
                    ti_id=context["ti"].id, subject=f"名单待审批：{found.place}", body=FOR_THEM,
                    options=self.options, params={"reason": reason.serialize()},
                    assigned_users=[{"id": f"role:{role}", "name": found.place}],
                )  # fmt: skip
        return self._ended(found) or self._wait()

    def execute_complete(self, context: Any, event: dict[str, Any]) -> dict[str, Any]:
        """Somebody answered, or LOOK has passed. What came with the event is not read: our own tables say what holds."""
        from talentpool.campaigns.life.asking import asked

        with self._at(context) as (conn, *asks):
            found, as_shown = asked(conn, *asks)
        if ended := self._ended(found):
            return ended
        if timezone.utcnow() - context["dag_run"].start_date > PATIENCE:
            raise stopped(
                f"{PATIENCE.days} 天内无人审批；草稿仍在，可在“名单”页或用 talentpool target approve 审批后重新运行"
            )
        if event.get("error_type") == "timeout" and as_shown:
            return self._wait()
        return self.execute(context)

    @contextmanager
    def _at(self, context: Any) -> Iterator[tuple[Any, ...]]:
        """The open transaction, and what is asked about by which task, of which round."""
        from talentpool.campaigns.life.asking import Place, Share

        run, ti = context["dag_run"], context["ti"]
        place: Place = Place(self.dag_id, run.run_id, self.task_id, ti.map_index if ti.map_index is not None else -1)
        with opened() as room, room.engine.begin() as conn:
            drawn = people.round_of(room, self.code, context["params"], run)
            yield conn, room, place, drawn, Share(self.county, self.nth)

    def _ended(self, found: Standing) -> dict[str, Any] | None:
        """What is handed on where nobody has to approve any more; None where somebody has."""
        if found.where == "not_needed":
            raise skipped("名单不需要这一审批：名单上没有（或已移出）这个区县的人，或本轮已锁定另一份名单")
        if found.where == "cancelled":
            raise skipped("本轮已由市级专员取消，不再审批、不锁定名单；恢复后请重新运行")
        if found.where == "gone":
            raise stopped("草稿已不在（名单中有人停止使用，或活动改期）；需要时请以同一数据日期重新运行")
        return {"list_id": found.list_id} if found.where == "approved" else None

    def _wait(self) -> dict[str, Any]:
        raise TaskAwaitingInput(method_name="execute_complete", timeout=self.response_timeout)


def ask_counties(code: str, shares: Any) -> Any:
    """The mapped task that asks each county, of the DAG it is called in. `shares`: of `shares_of`."""
    asks = Approval.partial(
        task_id=COUNTY, task_display_name="区县审批", code=code, map_index_template="{{ task.place }}",
        execution_timeout=None,
    )  # fmt: skip
    return asks.expand_kwargs(shares)


def ask_city(campaign: Campaign) -> Any:
    """The mapped task that asks the city, once for each approval that the largest list needs of it."""
    from talentpool.campaigns.life.approving import ROLE_WORDS

    roles = [role for role in campaign.approvers_of(10**9) if role != "county_officer"]
    asks = Approval.partial(
        task_id=CITY, task_display_name="市级审批", code=campaign.code, map_index_template="{{ task.place }}",
        execution_timeout=None, trigger_rule=AFTER_SKIPPED,
    )  # fmt: skip
    return asks.expand_kwargs([{"place": ROLE_WORDS[role], "nth": nth} for nth, role in enumerate(roles)])


def shares_of(code: str, params: Any, dag_run: Any) -> list[dict[str, str]]:
    """One entry for each county on the run's list that approves its share. It says who is asked, and nothing of what is."""
    from talentpool.campaigns.life.asking import counties_on

    with opened() as room, room.engine.connect() as conn:
        found = counties_on(conn, room, people.round_of(room, code, params, dag_run))
    return [{"county": county, "place": name} for county, name in found]
