"""Build one DAG for each declaration; a broken declaration becomes a DAG that only says what is wrong.

Without that, one bad YAML would turn every DAG of the file stale, good partners included.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from airflow.sdk import DAG, task
from croniter import croniter  # type: ignore[import-untyped]

from talentpool.errors import DeclarationError
from talentpool_airflow.defaults import OWNER, default_args
from talentpool_airflow.notes import stopped


def dags_of(codes: Iterable[str], prefix: str, build: Callable[[str], DAG]) -> dict[str, DAG]:
    """`build` of every code, by DAG id `<prefix>__<code>`; a placeholder where its declaration is wrong."""
    made = {}
    for code in codes:
        dag_id = f"{prefix}__{code}"
        try:
            made[dag_id] = build(code)
        except DeclarationError as error:
            made[dag_id] = broken(dag_id, str(error))
    return made


def check_cron(code: str, cron: str) -> str:
    """`cron`, or DeclarationError: Airflow would drop the whole file over it."""
    if len(cron.split()) != 5 or not croniter.is_valid(cron):
        raise DeclarationError(f"partner {code}: field cadence.cron: {cron!r} is not a cron expression of five fields")
    return cron


def broken(dag_id: str, message: str) -> DAG:
    """A DAG under the same id that fails with `message`."""
    with DAG(
        dag_id,
        dag_display_name=f"声明有误 · {dag_id}",
        schedule=None,
        catchup=False,
        doc_md=f"### 声明文件有误，此流程已停用\n\n`{message}`\n\n改正后约半分钟自动恢复，其他流程不受影响。",
        default_args=default_args(OWNER) | {"retries": 0},
        tags=["声明有误"],
    ) as dag:

        @task(task_display_name="查看错误")
        def say_what_is_wrong() -> None:
            raise stopped(message)

        say_what_is_wrong()
    return dag


def check_frozen(declared: Any, frozen: str) -> None:
    """A run keeps the declaration that its first task saw; another one would mix two sets of rules."""
    if declared.hash != frozen:
        raise DeclarationError(
            f"the declaration of {declared.code} changed while this run was on its way; run it again from the start"
        )
