"""Read what users, roles and groups of Airflow hold from its own tables, so that no way of writing them is missed."""

from __future__ import annotations

import sqlalchemy as sa

from talentpool.database import engine_of
from talentpool.errors import UnavailableError
from talentpool.settings import Settings
from talentpool.texts.redact import redact

QUERY = """
select 'user:' || u.username, u.id, 'account', 0 from ab_user u
union all select 'user:' || u.username, u.id, 'active', 0 from ab_user u where u.active
union all select 'user:' || u.username, u.id, 'role ' || r.name, r.id
  from ab_user_role a join ab_user u on u.id = a.user_id join ab_role r on r.id = a.role_id
union all select 'user:' || u.username, u.id, 'group ' || g.name, g.id
  from ab_user_group a join ab_user u on u.id = a.user_id join ab_group g on g.id = a.group_id
union all select 'group:' || g.name, g.id, 'role ' || r.name, r.id
  from ab_group_role a join ab_group g on g.id = a.group_id join ab_role r on r.id = a.role_id
union all select 'role:' || r.name, r.id, 'role', 0 from ab_role r
union all select 'role:' || r.name, r.id, p.name || ' on ' || v.name, pv.id
  from ab_permission_view_role a join ab_role r on r.id = a.role_id
  join ab_permission_view pv on pv.id = a.permission_view_id
  join ab_permission p on p.id = pv.permission_id join ab_view_menu v on v.id = pv.view_menu_id
"""
"""Subject and its row's number, what it holds and that one's number."""


LONGEST = 200
"""Characters of a name that are written down."""


def airflow_engine(settings: Settings) -> sa.Engine:
    """Airflow's own database, which a task is not given by Airflow itself; UnavailableError where no URL is set."""
    if settings.airflow_database_url is None:
        raise UnavailableError(
            "the users and roles of Airflow are not checked; set TALENTPOOL_AIRFLOW_DATABASE_URL (or its file under "
            "/run/secrets) on the workers to the URL of Airflow's own database; a login that reads "
            "the tables ab_*, and for doctor and alarms dag, dag_run, task_instance, job and slot_pool, is enough"
        )
    url = sa.make_url(settings.airflow_database_url.strip()).set(drivername="postgresql+psycopg")
    return engine_of(url.render_as_string(hide_password=False))


def held(engine: sa.Engine) -> dict[str, frozenset[str]]:
    """Subject -> what it holds (talentpool.guard.role_changes), as committed. Names go through redaction."""
    found: dict[str, set[str]] = {}
    with engine.connect() as conn:
        for subject, row, fact, its_row in conn.execute(sa.text(QUERY)):
            found.setdefault(_on_record(subject, row), set()).add(_on_record(fact, its_row))
    return {subject: frozenset(facts) for subject, facts in found.items()}


def _on_record(name: str, row: int) -> str:
    """As the log can hold it: a name that is a personal number, or longer than a subject may be, goes by the number of its
    row in Airflow's table, so that no two of them are one and nothing of it can be found out.
    """
    clean = redact(name)
    return name if clean == name and len(name) <= LONGEST else f"{clean[:LONGEST]}（编号 {row}）"
