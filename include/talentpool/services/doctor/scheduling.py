"""Check in Airflow's own database that what should run by itself can: the pool for matching, and the nightly DAGs."""

from __future__ import annotations

from collections.abc import Iterator

import sqlalchemy as sa

from talentpool.database import engine_of
from talentpool.errors import UnavailableError
from talentpool.in_airflow import DAILY, MATCHING, MATCHING_FOR, MATCHING_SLOTS
from talentpool.services.doctor.finding import Finding, Patient, ok

_SLOTS = sa.text("select slots from slot_pool where pool = :pool")
_AWAKE = sa.text("select dag_id from dag where dag_id = any(:night) and not is_paused and not is_stale")


def scheduling(patient: Patient) -> Iterator[Finding]:
    """Airflow starts no task of a pool that is not there, and no run of a paused DAG; it tells nobody about either."""
    url = patient.settings.airflow_database_url
    if url is None:
        yield Finding(
            "scheduling", "demo" if patient.settings.embedded else "warn", "Airflow's database cannot be seen from here",
            "run doctor on a worker, with TALENTPOOL_AIRFLOW_DATABASE_URL",
        )  # fmt: skip
        return
    try:
        engine = engine_of(url.strip())
    except (UnavailableError, sa.exc.ArgumentError):
        yield Finding(
            "scheduling", "warn", "TALENTPOOL_AIRFLOW_DATABASE_URL is no URL of a PostgreSQL database", "set it right"
        )
        return
    try:
        with engine.connect() as conn:
            slots = conn.scalar(_SLOTS, {"pool": MATCHING})
            awake = set(conn.scalars(_AWAKE, {"night": list(DAILY)}))
    except sa.exc.DBAPIError as error:
        yield Finding(
            "scheduling", "warn", f"Airflow's database cannot be read ({type(error.orig).__name__})",
            "look at TALENTPOOL_AIRFLOW_DATABASE_URL; its login reads slot_pool, dag, dag_run, task_instance, job and ab_*",
        )  # fmt: skip
        return
    finally:
        engine.dispose()
    asleep = [dag_id for dag_id in DAILY if dag_id not in awake]
    if slots != MATCHING_SLOTS:
        yield Finding(
            "scheduling", "fail" if not slots else "warn",
            f"Airflow's pool {MATCHING} has {slots} slots" if slots else f"no match ever starts: Airflow has no pool {MATCHING}",
            f"airflow pools set {MATCHING} {MATCHING_SLOTS} '{MATCHING_FOR}'",
        )  # fmt: skip
    if asleep:
        yield Finding(
            "scheduling", "warn", f"paused, or not known to Airflow: {', '.join(asleep)}",
            f"unpause what runs every day, on the page Dags or with `airflow dags unpause {asleep[0]}`",
        )  # fmt: skip
    if slots == MATCHING_SLOTS and not asleep:
        yield ok("scheduling", f"pool {MATCHING} is there, {len(DAILY)} daily DAGs run")
