"""Run by test_single_sign_on.py in a process of its own: FAB's login app with the office's provider behind it.

Prints one JSON object: what became of each attempt to sign in.
"""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import sqlalchemy as sa

from oidc import SECRET, Provider

REFUSED = ("signature", "audience", "nonce", "expired")
ATTEMPTS = (("wang", ""), ("stranger", ""), ("", ""), *(("wang", how) for how in REFUSED))

FACTORS = ({}, {"amr": ["pwd"]}, {"amr": ["pwd", "otp"]}, {"amr": "mfa"}, {"acr": "hwk"}, {"acr": "1"}, {"amr": None})
"""What the provider says of how somebody has signed in there."""


def main() -> None:
    provider = Provider()
    secret = Path(sys.argv[1])
    secret.write_text(SECRET, encoding="utf-8")
    os.environ |= {
        "AIRFLOW__TALENTPOOL__OIDC_ISSUER": provider.issuer, "AIRFLOW__TALENTPOOL__OIDC_CLIENT_ID": "talentpool",
        "AIRFLOW__TALENTPOOL__OIDC_CLIENT_SECRET_FILE": str(secret),
    }  # fmt: skip
    from airflow.utils.db import initdb

    initdb()
    from airflow.providers.fab.auth_manager.cli_commands.utils import get_application_builder

    with get_application_builder() as builder:
        role = builder.sm.add_role("city_officer")
        builder.sm.add_user(username="wang", first_name="王", last_name="-", email="wang@example.invalid", role=[role])
    from airflow.providers.fab.www.app import create_app

    app = create_app(enable_plugins=False)
    from talentpool_airflow.console import state

    said, factors = {}, []
    for name, misbehave in ATTEMPTS:
        provider.says, provider.misbehave = name, misbehave
        visitor = app.test_client()
        to_provider = visitor.get("/login/office")
        back = urlsplit(httpx.get(to_provider.headers["Location"], trust_env=False, timeout=60).headers["Location"])
        done = visitor.get(f"{back.path}?{back.query}")
        with visitor.session_transaction() as session:
            said[f"{name}|{misbehave}"] = [done.status_code, session.get("_user_id") is not None]
        replayed = app.test_client().get(f"{back.path}?{back.query}")
        with app.test_client() as other, other.session_transaction() as session:
            said[f"{name}|{misbehave}|elsewhere"] = [replayed.status_code, session.get("_user_id") is not None]
    for told in FACTORS:
        provider.says, provider.misbehave, provider.more = "wang", "", told
        visitor = app.test_client()
        to_provider = visitor.get("/login/office")
        back = urlsplit(httpx.get(to_provider.headers["Location"], trust_env=False, timeout=60).headers["Location"])
        visitor.get(f"{back.path}?{back.query}")
        with state.pipeline().connect() as conn:
            newest = sa.text("select second_factor from sign_in_session order by began_at desc limit 1")
            factors.append(conn.scalar(newest))
    said["factors"] = factors
    page = app.test_client().get("/login/").get_data(as_text=True)
    said["page"] = ["office" in page, "password" in page]
    provider.close()
    print(json.dumps(said))


if __name__ == "__main__":
    main()
