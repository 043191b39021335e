"""Rosters of the postal bureau inside a running Airflow: handed over, thinned out, held, asked about, answered."""

from __future__ import annotations

import csv
import io
from datetime import date
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from deployments import Running
from talentpool.model import delivery

SEPTEMBER = date(2026, 9, 30)
QUESTION = "/api/v2/dags/{dag}/dagRuns/{run}/taskInstances/decide/-1/hitlDetails"


def drop(running: Running, as_of: date, keep: float = 1.0) -> Path:
    """The bureau hands over the roster of September, under another date, thinned out when asked."""
    from simulators.postal import deliver

    (roster,) = (r for r in running.city.rosters if r.partner == "postal" and r.as_of == SEPTEMBER)
    rows = list(csv.reader(io.StringIO(roster.path.read_bytes().decode("gb18030"))))
    kept = [rows[0], *rows[1 : 1 + round(keep * (len(rows) - 1))]]
    out = io.StringIO()
    csv.writer(out, lineterminator="\r\n").writerows(kept)
    thin = running.layout.run / f"thin_{as_of}.csv"
    thin.write_bytes(out.getvalue().encode("gb18030"))
    return deliver(running.layout.sftp_root, thin, as_of=as_of)


def take(running: Running, dag_id: str = "roster__postal") -> str:
    return running.finished(dag_id, running.city.airflow.trigger(dag_id))


def facts(running: Running, as_of: date) -> Any:
    """The delivery of a date; None when there is none."""
    with running.city.engine.connect() as conn:
        return conn.execute(
            sa.select(delivery).where(delivery.c.partner == "postal", delivery.c.as_of == as_of)
        ).one_or_none()


def asks(running: Running, run: str) -> bool:
    """Whether a run waits for an answer."""
    return bool(running.city.airflow.task_states("decision__postal", run).get("decide") == "awaiting_input")


def still_asks(running: Running, run: str) -> bool:
    """Whether a run comes back to its question: it looks about now and then, and waits in no state while it does."""
    return bool(running.until("the run to wait for its answer", lambda: asks(running, run)))


def waiting(running: Running, as_of: date) -> str:
    """The run in which somebody is asked about the held delivery of a date."""
    number = facts(running, as_of).delivery_id

    def asked() -> str | None:
        runs = [str(run["dag_run_id"]) for run in running.city.airflow.runs("decision__postal")]
        return next((run for run in runs if run.startswith(f"delivery_{number}_") and asks(running, run)), None)

    return str(running.until("the question about a held delivery", asked))


def held(running: Running, as_of: date, keep: float = 0.4) -> str:
    """A thin roster, handed over and held: the run that asks about it."""
    drop(running, as_of, keep=keep)
    assert take(running) == "failed", "a held delivery shows"
    assert facts(running, as_of).state == "held"
    return waiting(running, as_of)


def answer(
    running: Running, user: str, run: str, choice: str, reason: str = "与市邮政管理局核实", **more: Any
) -> tuple[int, str]:
    """Status and words of the server."""
    body = {"chosen_options": [choice], "params_input": {"reason": reason}} | more
    with running.as_user(user) as http:
        said = http.patch(QUESTION.format(dag="decision__postal", run=run), json=body)
    return said.status_code, said.text


def ask_anew(running: Running, run: str) -> None:
    """What an operator may do with any run."""
    with running.as_user("operator") as http:
        http.post(f"/api/v2/dags/decision__postal/dagRuns/{run}/clear", json={"dry_run": False}).raise_for_status()


def said(running: Running, run: str) -> str:
    """What the newest attempt at asking has said so far."""
    folder = running.layout.logs / "tasks" / "dag_id=decision__postal" / f"run_id={run}" / "task_id=decide"
    logs = sorted(folder.glob("attempt=*.log"), key=lambda path: int(path.stem.split("=")[1]))
    return logs[-1].read_text(encoding="utf-8") if logs else ""
