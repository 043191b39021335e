"""Ask Airflow's own tables whether an officer is who they were when a code was issued: name, password, roles, in office."""

from __future__ import annotations

from collections.abc import Callable

import sqlalchemy as sa
from sqlalchemy.exc import InterfaceError, OperationalError

from talentpool.campaigns.handout.passes import Holder
from talentpool.database import engine_of
from talentpool.errors import UnavailableError
from talentpool.guard.officers import standing
from talentpool.guard.sessions import bound_to
from talentpool.office import Office

_ROLES = sa.text("""
select r.name from ab_role r where r.id in (
    select role_id from ab_user_role where user_id = :user
    union select g.role_id from ab_group_role g join ab_user_group u on u.group_id = g.group_id where u.user_id = :user)
""")
_USER = sa.text("select username, password from ab_user where id = :user and active")


def by_airflow(office: Office) -> Callable[[Holder], bool]:
    """What tells of a holder; UnavailableError where Airflow's own database is not named or not there."""

    def still(holder: Holder) -> bool:
        url = office.settings.airflow_database_url
        if url is None:
            raise UnavailableError("an officer's account is not checked: set TALENTPOOL_AIRFLOW_DATABASE_URL")
        plain = sa.make_url(url.strip()).set(drivername="postgresql+psycopg").render_as_string(hide_password=False)
        engine = engine_of(plain)
        try:
            with engine.connect() as conn:
                user = conn.execute(_USER, {"user": holder.user_id}).one_or_none()
                roles = sorted(conn.scalars(_ROLES, {"user": holder.user_id}))
        except (OperationalError, InterfaceError) as error:
            raise UnavailableError("an officer's account is not checked: Airflow's own database is away") from error
        finally:
            engine.dispose()
        if user is None:
            return False
        with office.engine.connect() as conn:
            _, in_office = standing(conn, user.username)
        if not in_office:
            return False
        return bound_to(office.keys, user.username, user.password or "", roles) == holder.bound_to

    return still
