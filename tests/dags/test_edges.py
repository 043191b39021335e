"""Every edge between DAGs leads somewhere: Airflow loses an event whose key, consumer or start does not fit, and says nothing.

Looked at is what the scheduler reads: the DAGs stored and read back. Wrong ones stand below, each with what is said of it.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from talentpool_airflow import assets
from talentpool_airflow.defaults import BEFORE_ALL

WRONG = {
    "hears_keyed_events_without_a_key": ("schedule=[assets.POOL], is_paused_upon_creation=False", "keyed"),
    "hears_what_nobody_tells": (
        "schedule=assets.schedule_on([Asset('nobody_tells')]), is_paused_upon_creation=False", "nobody produces"
    ),
    "hears_events_without_a_key_as_keyed": (
        "schedule=assets.schedule_on([PLAIN]), is_paused_upon_creation=False", "without a key"
    ),
    "comes_paused": ("schedule=assets.schedule_on([assets.POOL])", "starts paused"),
    "hears_from_next_year_on": (
        "schedule=assets.schedule_on([assets.POOL]), is_paused_upon_creation=False, start_date=LATE", "starts on"
    ),
    "begins_after_its_first_day": (
        "schedule=EventsTimetable([LATE.subtract(days=9)], description='once'), catchup=True, start_date=LATE",
        "starts on",
    ),
    "starts_a_dag_that_is_not_there": ("schedule=None", "starts nowhere__dag"),
}  # fmt: skip
FILE = """
import pendulum
from airflow.providers.standard.operators.trigger_dagrun import TriggerDagRunOperator
from airflow.sdk import DAG, Asset, task
from airflow.timetables.events import EventsTimetable
from talentpool_airflow import assets

LATE = pendulum.datetime(2027, 1, 1, tz="Asia/Shanghai")
PLAIN = Asset("tells_without_a_key")
with DAG("tells_plainly", schedule=None):

    @task(outlets=[PLAIN])
    def tell():
        return 1

    tell()
with DAG("hears_plainly", schedule=[PLAIN], is_paused_upon_creation=False):

    @task
    def hear():
        return 1

    hear()
with DAG("{dag_id}", {given}):
    {task}
"""
HEAR = "task(task_id='hear')(lambda: 1)()"
START = "TriggerDagRunOperator(task_id='start', trigger_dag_id='nowhere__dag')"


def wrong_edges(dags: dict[str, Any]) -> list[str]:
    """What no event, run or day would ever reach, in words. `dags`: id -> DAG as its file made it."""
    stored = {dag_id: _stored(dag) for dag_id, dag in dags.items()}
    keyed = dict(_produced(dags.values()))
    found = []
    for dag_id, dag in stored.items():
        found += [f"{dag_id} {said}" for said in _misheard(dag, keyed)]
        first = _first_day(dag)
        if dag.start_date is not None and first is not None and dag.start_date > first:
            found.append(f"{dag_id} starts on {dag.start_date:%Y-%m-%d}, after its first day {first:%Y-%m-%d}")
        for task in dag.tasks:
            to = getattr(task, "trigger_dag_id", None)
            if isinstance(to, str) and to not in stored:
                found.append(f"{dag_id} starts {to}, which is not there")
    return found


def _stored(dag: Any) -> Any:
    from airflow.serialization.serialized_objects import DagSerialization

    return DagSerialization.from_dict(DagSerialization.to_dict(dag))


def _produced(dags: Any) -> Iterator[tuple[str, bool]]:
    """URI of each asset that a task produces, and whether it gives the event a key: it does so by `announce` alone."""
    for dag in dags:
        for task in dag.tasks:
            code = getattr(getattr(task, "python_callable", None), "__code__", None)
            for asset in task.outlets:
                yield asset.uri, code is not None and "announce" in code.co_names


def _misheard(dag: Any, keyed: dict[str, bool]) -> Iterator[str]:
    """What is wrong with what the DAG hears. What no asset starts hears nothing."""
    heard = [asset.uri for _, asset in dag.timetable.asset_condition.iter_assets()] if _hears(dag) else []
    for uri in heard:
        if uri not in keyed:
            yield f"hears {uri}, which nobody produces"
        elif keyed[uri] and not dag.timetable.partitioned:
            yield f"hears {uri}, whose events are keyed, and takes none with a key"
        elif not keyed[uri] and dag.timetable.partitioned:
            yield f"hears {uri}, whose events come without a key, and takes none without"
    if heard and dag.is_paused_upon_creation is not False:
        yield "hears others and starts paused: what it is told by then is lost"


def _hears(dag: Any) -> bool:
    return any(True for _ in dag.timetable.asset_condition.iter_assets())


def _first_day(dag: Any) -> Any:
    """The first day for which a run may come; None where only people start one."""
    from airflow.timetables.base import TimeRestriction

    if _hears(dag):
        return BEFORE_ALL  # a roster may be of any day
    info = dag.timetable.next_dagrun_info(
        last_automated_data_interval=None, restriction=TimeRestriction(BEFORE_ALL, None, True)
    )
    return info.logical_date if info else None


def test_every_edge_of_the_deployed_dags_leads_somewhere(bag: Any) -> None:
    assert not bag.import_errors and wrong_edges(bag.dags) == []
    heard = {dag_id for dag_id, dag in bag.dags.items() if _hears(_stored(dag))}
    assert heard == {"pool__people", "quality__report"}
    keyed = dict(_produced(bag.dags.values()))
    assert len(keyed) > 20 and all(keyed.values()), "every event of ours has its as-of for a key"
    assert sum(_first_day(_stored(dag)) is not None for dag in bag.dags.values()) > 15


@pytest.mark.parametrize("dag_id", WRONG)
def test_an_edge_that_is_made_wrong_is_named(bag: Any, tmp_path: Path, dag_id: str) -> None:
    from airflow.dag_processing.dagbag import DagBag

    given, said = WRONG[dag_id]
    task = START if dag_id == "starts_a_dag_that_is_not_there" else HEAR
    (tmp_path / "wrong.py").write_text(FILE.format(dag_id=dag_id, given=given, task=task), encoding="utf-8")
    wrong = DagBag(str(tmp_path))
    assert not wrong.import_errors and dag_id in wrong.dags
    found = wrong_edges({**bag.dags, **wrong.dags})
    assert len(found) == 1 and found[0].startswith(dag_id) and said in found[0], found


def test_what_is_announced_has_its_date_for_a_key_and_nothing_else_does() -> None:
    from airflow.sdk.execution_time.context import OutletEventAccessors

    events = OutletEventAccessors()
    assets.announce(events, assets.POOL, "2026-10-31", people=3)
    assert list(events[assets.POOL].partition_keys) == ["2026-10-31"]
    assert list(events[assets.roster("postal")].partition_keys) == []
    with pytest.raises(ValueError, match="isoformat"):
        assets.announce(events, assets.POOL, "October")
