"""Bring an empty folder to a healthy Airflow with its database, users, connections and simulated partners."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from talentpool.in_airflow import DAILY, MATCHING, MATCHING_FOR, MATCHING_SLOTS
from talentpool.settings import Settings
from talentpool_airflow.demo_run import partners, steps
from talentpool_airflow.demo_run.api import Airflow
from talentpool_airflow.demo_run.environment import environment
from talentpool_airflow.demo_run.layout import Layout
from talentpool_airflow.demo_run.processes import Processes, free_port

COMPONENTS = {
    "api-server": ["api-server"],
    "scheduler": ["scheduler", "--skip-serve-logs"],
    "dag-processor": ["dag-processor"],
    "triggerer": ["triggerer", "--skip-serve-logs"],
}
"""Words of the airflow command. Without --skip-serve-logs scheduler, triggerer and workers listen on every interface."""


@dataclass(frozen=True)
class Component:
    """A process of Airflow: the words of its command and what it runs with."""

    name: str
    words: list[str]
    env: dict[str, str]


def on_one_machine(env: dict[str, str], airflow_url: str) -> list[Component]:  # noqa: ARG001 - a cluster needs it
    """Airflow's four components; the scheduler runs the tasks."""
    return [Component(name, words, env) for name, words in COMPONENTS.items()]


@dataclass(frozen=True)
class City:
    """A deployment that is up. `env` is what its components run with; `airflow_url` Airflow's own database;
    `connections` the partners' by id, as Airflow got them."""

    airflow: Airflow
    engine: sa.Engine
    settings: Settings
    rosters: list[partners.Roster]
    env: dict[str, str]
    airflow_url: str
    connections: dict[str, dict[str, Any]]


def start(
    layout: Layout,
    processes: Processes,
    port: int,
    say: Callable[[str], None],
    *,
    people: int | None = None,
    components: Callable[[dict[str, str], str], list[Component]] = on_one_machine,
) -> City:
    """Start everything, Airflow as `components` says; returns when it is healthy and knows all DAGs.

    The caller stops `processes`.
    """
    from talentpool.database import connect, embedded_url, initialise
    from talentpool.database.roles import TASKS
    from talentpool.guard import first_head, open_keys

    say("准备 Airflow 的数据库与账号……")
    owner, airflow_url = embedded_url(layout.home), embedded_url(layout.home, "airflow")
    url = sa.make_url(owner).set(username=TASKS).render_as_string(hide_password=False)
    settings = Settings(home=layout.home, database_url=url, owner_database_url=owner, profile="demo")
    initialise(settings).dispose()
    engine = connect(settings)
    with engine.connect() as conn:
        first_head(conn, open_keys(settings, engine), settings.audit_heads_file)
    port = free_port(port)
    env = environment(layout, database_url=url, airflow_database_url=airflow_url, port=port)
    processes.run("migrate", [*_python("airflow"), "db", "migrate"], env)
    processes.run("users", [*_python("talentpool_airflow.users"), str(layout.passwords)], env)
    say("启动 Airflow……")
    for component in components(env, airflow_url):
        processes.start(component.name, [*_python("airflow"), *component.words], component.env)
    say("生成合成数据……")
    rosters = partners.make_city(layout, people)
    connections = partners.serve(layout, processes)
    say("等待 Airflow 就绪……")
    airflow = Airflow(f"http://127.0.0.1:{port}", processes.check)
    airflow.wait_until_healthy()
    passwords = json.loads(layout.passwords.read_text(encoding="utf-8"))
    airflow.log_in("operator", passwords["operator"])
    for conn_id, facts in connections.items():
        airflow.put_connection(conn_id, facts)
    airflow.put_pool(MATCHING, MATCHING_SLOTS, MATCHING_FOR)
    airflow.wait_for_dags([*steps.CONSUMERS_FIRST, *DAILY])
    for dag_id in steps.CONSUMERS_FIRST:
        airflow.unpause(dag_id)
    return City(airflow, engine, settings, rosters, env, airflow_url, connections)


def _python(module: str) -> list[str]:
    return [sys.executable, "-m", module]
