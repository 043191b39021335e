"""Check how people sign in: cookies leave by TLS alone, and no password is an obvious one."""

from __future__ import annotations

import json
import os
import shlex
import subprocess
from collections.abc import Iterator, Sequence

import sqlalchemy as sa

from talentpool.model import second_factor
from talentpool.services.doctor.finding import Finding, Patient, ok

URL = "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN"
TRIED_FIRST = ("admin", "airflow", "password")
"""With a user's own name: what comes with a product, or stands in every guide."""
_USERS = sa.text("select username, password from ab_user where active and password is not null order by username")
_REVEALERS = sa.text(
    "select distinct u.username from ab_user u join ab_user_role ur on ur.user_id = u.id join ab_role r on r.id = ur.role_id"
    " where u.active and (r.name in ('city_officer', 'city_approver') or starts_with(r.name, 'county_officer_'))"
)
SEEN_FROM = "run doctor where the api-server runs, and look whether Airflow's database does"


def cookies(patient: Patient) -> Iterator[Finding]:
    """A site that is served by TLS hands out its cookies for TLS alone."""
    told = os.environ
    if not told.get("AIRFLOW__API__BASE_URL", "").startswith("https://"):
        yield Finding(
            "cookies", "demo" if patient.settings.embedded else "warn",
            "no address with https is set where doctor runs", "run doctor where the api-server runs; put TLS in front",
        )  # fmt: skip
    elif told.get("AIRFLOW__FAB__COOKIE_SECURE", "").lower() not in ("true", "1", "t"):
        yield Finding(
            "cookies", "fail", "[fab] cookie_secure is not set although the site is served by TLS",
            "AIRFLOW__FAB__COOKIE_SECURE=True, and start the api-server again",
        )  # fmt: skip
    else:
        yield ok("cookies", "leave by TLS alone")


def factors(patient: Patient) -> Iterator[Finding]:
    """Who may see people in plain shows a second factor beside the password."""
    settings = patient.settings
    if not settings.second_factor_to_reveal:
        yield Finding(
            "second_factor", "demo" if settings.embedded else "fail",
            "the second factor is off for roles that may reveal: people are shown in plain for a password alone",
            "unset TALENTPOOL_SECOND_FACTOR, or set it to reveal",
        )  # fmt: skip
        return
    officers = _asked(_REVEALERS)
    if officers is None:
        yield Finding("second_factor", "warn", "who has none yet cannot be seen from here", SEEN_FROM)
        return
    with patient.engine.connect() as conn:
        bound = set(conn.scalars(sa.select(second_factor.c.user_name).where(second_factor.c.bound_at.is_not(None))))
    without = sorted({one.username for one in officers if one.username.casefold() not in bound})
    single = "AIRFLOW__TALENTPOOL__OIDC_ISSUER" in os.environ
    if without and not single:
        yield Finding(
            "second_factor", "warn", f"{len(without)} officers who may reveal have bound none: {_some(without)}",
            "python -m talentpool_airflow.officers admit NAME --by ...; until they bind one they see nobody in plain",
        )  # fmt: skip
    else:
        yield ok("second_factor", "asked of whoever sees people in plain" + (", by the provider" if single else ""))


def passwords(patient: Patient) -> Iterator[Finding]:
    """No user of the UI has a password of a demo, of a guide, or the user's own name."""
    users = _asked(_USERS)
    if users is None:
        yield Finding(
            "passwords",
            "demo" if patient.settings.embedded else "warn",
            "Airflow's users cannot be seen from here",
            SEEN_FROM,
        )
        return
    demo = _demo_passwords(patient)
    weak = [user.username for user in users if _known(user.password, [user.username, *TRIED_FIRST, *demo])]
    if weak:
        yield Finding(
            "passwords", "demo" if patient.settings.embedded else "fail",
            f"{len(weak)} users have a password of the demo, of a guide, or their own name: {_some(weak)}",
            "give each a new one (重置密码), delete run/passwords.json; look at the audit page for who signed in",
        )  # fmt: skip
    else:
        yield ok("passwords", f"{len(users)} users of the UI, none with a password that comes with the product")


def _asked(query: sa.TextClause) -> Sequence[sa.Row] | None:
    """Rows of Airflow's own database; None where it is out of reach."""
    url = airflow_url()
    if url is None:
        return None
    engine = sa.create_engine(url, poolclass=sa.NullPool, hide_parameters=True)
    try:
        with engine.connect() as conn:
            return conn.execute(query).all()
    except sa.exc.SQLAlchemyError:
        return None
    finally:
        engine.dispose()


def _some(names: list[str]) -> str:
    return ", ".join(names[:5]) + (", ..." if len(names) > 5 else "")


def airflow_url() -> str | None:
    """Of Airflow's own database, as the environment says or as the command says that it names."""
    url, command = os.environ.get(URL), os.environ.get(f"{URL}_CMD")
    if not url and command:
        told = subprocess.run(shlex.split(command), capture_output=True, text=True, timeout=30, check=False)
        url = told.stdout.strip() if told.returncode == 0 else None
    return url if url and url.startswith("postgresql") else None


def _demo_passwords(patient: Patient) -> list[str]:
    path = patient.settings.home / "run" / "passwords.json"
    try:
        return [str(password) for password in json.loads(path.read_text(encoding="utf-8")).values()]
    except (OSError, ValueError, AttributeError):
        return []


def _known(hashed: str, tried: list[str]) -> bool:
    from werkzeug.security import check_password_hash

    return any(check_password_hash(hashed, password) for password in dict.fromkeys(tried))
