"""Run by test_console.py in a process of its own: the real Airflow API server with our plugins, users and tokens made.

It serves on the listening socket whose number is its second argument. When it does, it writes tokens by user and routes
of every plugin app into the file named as its first.
It ends when its stdin does.
"""

from __future__ import annotations

import json
import socket
import sys
import threading
import time
from pathlib import Path
from typing import Any

from airflow.providers.fab.auth_manager.cli_commands.utils import get_application_builder
from airflow.utils.db import initdb

PASSWORD = "probe-only-password"
ROLES = {
    "city": "city_officer", "approver": "city_approver", "county": "county_officer_140425",
    "other_county": "county_officer_140403", "auditor": "auditor", "operator": "operator", "admin": "Admin",
    "nobody": "Public", "gone": "city_officer",
}  # fmt: skip


def make_users() -> None:
    """A user a role, with the permissions that a deployment gives."""
    from talentpool.settings import Settings
    from talentpool_airflow import users

    with get_application_builder() as builder:
        users._ensure_roles(builder.sm, Settings())
        for user, role in ROLES.items():
            builder.sm.add_user(
                username=user, first_name=user, last_name="-", email=f"{user}@example.invalid",
                role=[builder.sm.find_role(role)], password=PASSWORD,
            )  # fmt: skip


def make_tokens(manager: Any) -> dict[str, str]:
    """Of every user; `gone` is deleted when the token is made. And four that are none."""
    with get_application_builder() as builder:
        made = {user: manager.generate_jwt(builder.sm.find_user(username=user)) for user in ROLES}
        made["expired"] = manager.generate_jwt(builder.sm.find_user(username="admin"), expiration_time_in_seconds=-60)
        session = builder.sm.session
        session.delete(builder.sm.find_user(username="gone"))
        session.commit()
    head, body, signature = made["admin"].split(".")
    return made | {
        "garbage": "not-a-token",
        "forged": f"{head}.{body}.{signature[::-1]}",
        "unsigned": f"{head}.{body}.",
    }


def main() -> None:
    initdb()
    make_users()
    import uvicorn
    from airflow import plugins_manager
    from airflow.api_fastapi.app import create_app, get_auth_manager

    from talentpool_airflow.console.access import routes as declared_routes

    app = create_app()
    tokens = make_tokens(get_auth_manager())
    mounted, _ = plugins_manager.get_fastapi_plugins()
    routes = [
        [plugin["url_prefix"], method, path, list(access.to) if access else None]
        for plugin in mounted
        for method, path, access in declared_routes(plugin["app"])
    ]
    server = uvicorn.Server(uvicorn.Config(app, log_level="warning"))
    serving = threading.Thread(target=server.run, args=([socket.socket(fileno=int(sys.argv[2]))],))
    serving.start()
    while not server.started and serving.is_alive():
        time.sleep(0.05)
    told = Path(sys.argv[1])
    told.with_suffix(".part").write_text(json.dumps({"tokens": tokens, "routes": routes}))
    told.with_suffix(".part").rename(told)
    sys.stdin.read()
    server.should_exit = True
    serving.join(10)


main()
