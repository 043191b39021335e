"""Write why a task was skipped or stopped, in Chinese, as a note on task and run: the grid shows it without a log.

A task may not write notes. It leaves the words beside its results (XCom); when the run has ended, the scheduler, which
has the run in hand, makes notes of them: this module is a listener of the plugin (plugins/console_pages.py).
"""

from __future__ import annotations

from contextlib import suppress
from typing import Any

from airflow.listeners import hookimpl
from airflow.sdk.exceptions import AirflowException, AirflowFailException, AirflowSkipException

from talentpool.texts.redact import redact

KEY = "note"
LONGEST = 1000
"""Characters of Airflow's notes."""


def skipped(words: str) -> AirflowSkipException:
    """To be raised: there is nothing to do, and why."""
    _leave(words)
    return AirflowSkipException(words)


def stopped(words: str) -> AirflowFailException:
    """To be raised: no second try mends it, and why."""
    _leave(words)
    return AirflowFailException(words)


def put_off(words: str) -> AirflowException:
    """To be raised: it may go better at the next try; the words stand where none did."""
    _leave(words)
    return AirflowException(words)


def _leave(words: str) -> None:
    from airflow.sdk import get_current_context

    with suppress(RuntimeError):  # not inside a task
        get_current_context()["ti"].xcom_push(key=KEY, value=redact(words))


@hookimpl
def on_dag_run_success(dag_run: Any, msg: str) -> None:  # noqa: ARG001 -- Airflow's
    _take_down(dag_run)


@hookimpl
def on_dag_run_failed(dag_run: Any, msg: str) -> None:  # noqa: ARG001 -- Airflow's
    _take_down(dag_run)


def _take_down(dag_run: Any) -> None:
    """Notes of the tasks that left words, redacted here, too: any task may write an XCom. The run has the first word of a task
    that failed, or of a run all skipped."""
    from airflow.models.dagrun import DagRunNote
    from airflow.models.taskinstance import TaskInstance, TaskInstanceNote
    from airflow.models.xcom import XComModel
    from sqlalchemy import select
    from sqlalchemy.orm import object_session

    session = object_session(dag_run)
    if session is None:
        return
    of_run = (XComModel.dag_id == dag_run.dag_id, XComModel.run_id == dag_run.run_id, XComModel.key == KEY)
    left = session.scalars(select(XComModel).where(*of_run).order_by(XComModel.timestamp)).all()
    of_tasks = (TaskInstance.dag_id == dag_run.dag_id, TaskInstance.run_id == dag_run.run_id)
    tasks = {(one.task_id, one.map_index): one for one in session.scalars(select(TaskInstance).where(*of_tasks))}
    said: dict[str, list[str]] = {"failed": [], "skipped": []}
    for word in left:
        task, words = (
            tasks.get((word.task_id, word.map_index)),
            redact(str(XComModel.deserialize_value(word)))[:LONGEST],
        )
        if task is not None and task.state in said:
            said[task.state].append(words)
            _put(task, "task_instance_note", TaskInstanceNote, words)
    nothing_done = all(task.state != "success" for task in tasks.values())
    whole = [*said["failed"], *(said["skipped"] if nothing_done else [])]
    _put(dag_run, "dag_run_note", DagRunNote, whole[0] if whole else None)


def _put(owner: Any, name: str, made: Any, words: str | None) -> None:
    """A note that a person wrote stays; ours is replaced, or emptied when the run went otherwise this time."""
    note = getattr(owner, name)
    if note is None and words is not None:
        setattr(owner, name, made(content=words))
    elif note is not None and note.user_id is None and note.content != words:
        note.content = words
