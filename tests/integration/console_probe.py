"""Run by test_console.py in a process of its own: the real Airflow API app with our plugins, asked as every visitor.

Prints one JSON object: what each route answers to whom. The environment names the databases and the plugins folder.
"""

from __future__ import annotations

import json
import sys
import time
from typing import Any

from airflow.providers.fab.auth_manager.cli_commands.utils import get_application_builder
from airflow.utils.db import initdb

PASSWORD = "probe-only-password"
ROLES = {"city": "city_officer", "county": "county_officer_140425", "nobody": "Public", "admin": "Admin"}


def make_users() -> None:
    """A user a role."""
    with get_application_builder() as builder:
        for user, role in ROLES.items():
            found = builder.sm.add_role(role) or builder.sm.find_role(role)
            builder.sm.add_user(
                username=user, first_name=user, last_name="-", email=f"{user}@example.invalid", role=[found],
                password=PASSWORD,
            )  # fmt: skip


def ask(client: Any, path: str, **headers: str) -> dict[str, Any]:
    answer = client.get(path, headers=headers, follow_redirects=False)
    return {"status": answer.status_code, "headers": dict(answer.headers), "text": answer.text}


def main() -> None:
    initdb()
    make_users()
    from airflow import plugins_manager
    from airflow.api_fastapi.app import create_app, get_auth_manager
    from fastapi.testclient import TestClient

    app = create_app()
    manager = get_auth_manager()
    tokens = {}
    with get_application_builder() as builder:
        for user in ROLES:
            tokens[user] = manager.generate_jwt(builder.sm.find_user(username=user))
        old = manager.generate_jwt(builder.sm.find_user(username="admin"), expiration_time_in_seconds=-60)
    mounted, _ = plugins_manager.get_fastapi_plugins()
    routes = [
        [plugin["url_prefix"], route.path, sorted(getattr(route, "methods", None) or [])]
        for plugin in mounted
        for route in plugin["app"].routes
    ]
    head, body, signature = tokens["admin"].split(".")
    bad = {
        "expired": old,
        "garbage": "not-a-token",
        "forged": f"{head}.{body}.{signature[::-1]}",
        "unsigned": f"{head}.{body}.",
    }
    said: dict[str, Any] = {"routes": routes, "anonymous": {}, "bad": {}, "users": {}}
    with TestClient(app, base_url="http://127.0.0.1") as client:
        for prefix, path, _ in routes:
            place = prefix + path
            said["anonymous"][place] = {
                "program": ask(client, place, accept="application/json"),
                "browser": ask(client, place + "?as_of=2026-10-31", accept="text/html,*/*"),
                **{
                    method: client.request(method, place, follow_redirects=False).status_code
                    for method in ("POST", "PUT", "PATCH", "DELETE", "HEAD")
                },
            }
            said["bad"][place] = {
                name: [ask(client, place, authorization=f"Bearer {token}")["status"],
                       ask(client, place, cookie=f"_token={token}")["status"]]
                for name, token in bad.items()
            }  # fmt: skip
        for user, token in tokens.items():
            said["users"][user] = ask(client, "/console/quality", cookie=f"_token={token}", accept="text/html")
        said["icon"] = ask(client, "/console/quality.svg", cookie=f"_token={tokens['county']}")
        for user, token in tokens.items():
            said.setdefault("home", {})[user] = ask(client, "/", cookie=f"_token={token}", accept="text/html")
        said["stranger"] = ask(client, "/", accept="text/html")
        said["login"] = ask(client, "/auth/login/", accept="text/html")
        for path in ("/console/docs", "/console/redoc", "/console/openapi.json"):
            said.setdefault("closed", {})[path] = ask(client, path)["status"]
        started = time.perf_counter()
        for _ in range(10):
            ask(client, "/console/quality", cookie=f"_token={tokens['city']}")
        said["seconds"] = (time.perf_counter() - started) / 10
    json.dump(said, sys.stdout, ensure_ascii=False)


main()
