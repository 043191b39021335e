"""What users, roles and groups of Airflow hold, read from its own tables, so that no way of writing them is missed."""

from __future__ import annotations

import hashlib

import sqlalchemy as sa

from talentpool.database import engine_of
from talentpool.errors import UnavailableError
from talentpool.redact import redact
from talentpool.settings import Settings

QUERY = """
select 'user:' || u.username as subject, 'account' as fact from ab_user u
union all select 'user:' || u.username, 'active' from ab_user u where u.active
union all select 'user:' || u.username, 'role ' || r.name
  from ab_user_role a join ab_user u on u.id = a.user_id join ab_role r on r.id = a.role_id
union all select 'user:' || u.username, 'group ' || g.name
  from ab_user_group a join ab_user u on u.id = a.user_id join ab_group g on g.id = a.group_id
union all select 'group:' || g.name, 'role ' || r.name
  from ab_group_role a join ab_group g on g.id = a.group_id join ab_role r on r.id = a.role_id
union all select 'role:' || r.name, 'role' from ab_role r
union all select 'role:' || r.name, p.name || ' on ' || v.name
  from ab_permission_view_role a join ab_role r on r.id = a.role_id
  join ab_permission_view pv on pv.id = a.permission_view_id
  join ab_permission p on p.id = pv.permission_id join ab_view_menu v on v.id = pv.view_menu_id
"""


LONGEST = 200
"""Characters of a name that are written down."""


def airflow_engine(settings: Settings) -> sa.Engine:
    """Airflow's own database, which a task is not given by Airflow itself; UnavailableError where no URL is set."""
    if settings.airflow_database_url is None:
        raise UnavailableError(
            "nobody looks at the users and roles of Airflow; set TALENTPOOL_AIRFLOW_DATABASE_URL (or its file under "
            "/run/secrets) on the workers to the URL of Airflow's own database; a login that reads the tables ab_* is enough"
        )
    url = sa.make_url(settings.airflow_database_url.strip()).set(drivername="postgresql+psycopg")
    return engine_of(url.render_as_string(hide_password=False))


def held(engine: sa.Engine) -> dict[str, frozenset[str]]:
    """Subject -> what it holds (talentpool.guard.role_changes), as committed. Names go through redaction."""
    found: dict[str, set[str]] = {}
    with engine.connect() as conn:
        for subject, fact in conn.execute(sa.text(QUERY)):
            found.setdefault(_on_record(subject), set()).add(_on_record(fact))
    return {subject: frozenset(facts) for subject, facts in found.items()}


def _on_record(name: str) -> str:
    """As the log can hold it: a name that is a personal number, or longer than a subject may be, by a mark of its own, so
    that no two of them are one."""
    clean = redact(name)
    if clean == name and len(name) <= LONGEST:
        return name
    return f"{clean[:LONGEST]}（{hashlib.sha256(name.encode()).hexdigest()[:12]}）"
