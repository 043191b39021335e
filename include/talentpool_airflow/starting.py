"""Start a run of another DAG, or another of the same, from within a run: the task before names it, or skips."""

from __future__ import annotations

from typing import Any

from airflow.providers.standard.operators.trigger_dagrun import TriggerDagRunOperator


def start(dag_id: str, task_id: str, name: str, *, run_id: Any, conf: Any = None) -> None:
    """The task that starts run `run_id` of `dag_id`; id and conf are what the task before returned (XComArg).

    Where that run is there already, as at another try, it is skipped. The run has no logical date, as one by hand has none.
    """
    TriggerDagRunOperator(
        task_id=task_id, task_display_name=name, trigger_dag_id=dag_id, trigger_run_id=run_id, conf=conf,
        logical_date=None, skip_when_already_exists=True,
    )  # fmt: skip


def start_each(task_id: str, name: str, runs: Any) -> None:
    """The same for several at once: `runs` is a list of trigger_dag_id, trigger_run_id and conf (XComArg)."""
    TriggerDagRunOperator.partial(
        task_id=task_id, task_display_name=name, logical_date=None, skip_when_already_exists=True
    ).expand_kwargs(runs)
