"""Run by api_servers.py in a process of its own: the real Airflow API server with our plugins, users and tokens made.

Its arguments are the numbers of a listening socket and of a pipe, into which it says, as JSON, what tokens there are by user
and which routes every plugin app has. From then on it is told line by line: at `open`, which more of an environment follows
as JSON, a copy of it serves on the socket, as it was at that moment; at `shut` that copy ends. Each is answered by a line.
It ends when its standard input does.
"""

from __future__ import annotations

import json
import os
import signal
import socket
import sys
from contextlib import suppress
from typing import Any, TextIO

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
    answers = os.fdopen(int(sys.argv[2]), "w", buffering=1)
    initdb()
    make_users()
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
    let_go_of_databases()
    print(json.dumps({"tokens": tokens, "routes": routes}), file=answers)
    copy = 0
    try:
        for line in sys.stdin:
            word, _, more = line.partition(" ")
            if word == "open":
                copy = os.fork() or serve(app, answers, json.loads(more))
            else:
                copy = end(copy)
                print("shut", file=answers)
    finally:
        end(copy)


def let_go_of_databases() -> None:
    """No connection is open: copies do not share any, and the databases can be copied as well."""
    from airflow import settings

    from talentpool_airflow.console import state

    settings.engine.dispose()
    if settings.async_engine is not None:
        settings.async_engine.sync_engine.dispose()
    state.pipeline().dispose()
    state.console().dispose()


def serve(app: Any, answers: TextIO, more: dict[str, str]) -> int:
    """Serve until told to end, with `more` in the environment; never returns."""
    import uvicorn

    from talentpool_airflow.console import state

    os.environ.update(more)
    state.settings.cache_clear()

    class Server(uvicorn.Server):
        async def startup(self, sockets: list[socket.socket] | None = None) -> None:
            await super().startup(sockets)
            print("open", file=answers)

    try:
        Server(uvicorn.Config(app, log_level="warning", timeout_graceful_shutdown=10)).run(
            [socket.socket(fileno=int(sys.argv[1]))]
        )
    finally:
        os._exit(0)


def end(copy: int) -> int:
    if copy:
        with suppress(ProcessLookupError):
            os.kill(copy, signal.SIGTERM)
        os.waitpid(copy, 0)
    return 0


main()
