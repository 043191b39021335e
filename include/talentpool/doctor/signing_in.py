"""Checks of how people sign in: cookies that leave by TLS alone, and no password that a stranger would try first."""

from __future__ import annotations

import json
import os
import shlex
import subprocess
from collections.abc import Iterator

import sqlalchemy as sa

from talentpool.doctor.finding import Finding, Patient, ok

URL = "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN"
TRIED_FIRST = ("admin", "airflow", "password")
"""With a user's own name: what comes with a product, or stands in every guide."""
_USERS = sa.text("select username, password from ab_user where active and password is not null order by username")


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


def passwords(patient: Patient) -> Iterator[Finding]:
    """No user of the UI has a password of a demo, of a guide, or the own name."""
    url = airflow_url()
    if url is None:
        yield Finding(
            "passwords", "demo" if patient.settings.embedded else "warn",
            "Airflow's database cannot be seen from here", "run doctor where the api-server runs",
        )  # fmt: skip
        return
    demo = _demo_passwords(patient)
    engine = sa.create_engine(url, poolclass=sa.NullPool, hide_parameters=True)
    try:
        with engine.connect() as conn:
            users = list(conn.execute(_USERS))
    except sa.exc.SQLAlchemyError as error:
        yield Finding(
            "passwords", "warn", f"Airflow's database could not be asked ({type(error).__name__})", "try again later"
        )
        return
    finally:
        engine.dispose()
    weak = [user.username for user in users if _known(user.password, [user.username, *TRIED_FIRST, *demo])]
    if weak:
        names = ", ".join(weak[:5]) + (", ..." if len(weak) > 5 else "")
        yield Finding(
            "passwords", "demo" if patient.settings.embedded else "fail",
            f"{len(weak)} users have a password of the demo, of a guide, or their own name: {names}",
            "give each a new one (重置密码), delete run/passwords.json; look at the audit page for who signed in",
        )  # fmt: skip
    else:
        yield ok("passwords", f"{len(users)} users of the UI, none with a password that comes with the product")


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
