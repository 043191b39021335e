"""Serve 退出 and 帮助 on every page's bar: low screens cut Airflow's own menu, and its help leads outside."""

from __future__ import annotations

import base64
import hashlib
from typing import Any

from fastapi import Request, Response
from fastapi.responses import RedirectResponse

from talentpool_airflow.console.access import SIGNED_IN, Door
from talentpool_airflow.console.forms import Posted
from talentpool_airflow.console.frame import opened_to, show
from talentpool_airflow.console.security import POLICY
from talentpool_airflow.console.user import SignedIn

door = Door()
STYLE = (
    "body { margin: 0; background: #f4f6f9; color: #1c2733; font: 16px/1.7 'Noto Sans CJK SC', 'Microsoft YaHei', sans-serif; } "
    "main { max-width: 32em; margin: 12vh auto; padding: 16px 24px; background: #fff; border-left: 5px solid #14713d; } "
    "h1 { font-size: 22px; margin: 0; }"
)
DIGEST = base64.b64encode(hashlib.sha256(STYLE.encode()).digest()).decode()


@door.acts("/logout", access=(SIGNED_IN,))
def leave(request: Request, user: SignedIn, form: Posted) -> Response:  # noqa: ARG001 - whoever is signed in may leave
    """End every session of the user, here and elsewhere, and forget the browser's token.

    The page stays in Airflow's frame, so it neither leads to the login page, which would show Airflow inside itself, nor
    takes its style from a file, which is only for who is signed in.
    """
    from airflow.api_fastapi.app import get_auth_manager, get_cookie_path
    from airflow.api_fastapi.auth.managers.base_auth_manager import COOKIE_NAME_JWT_TOKEN

    manager: Any = get_auth_manager()
    manager.sign_out(request)
    answer = show(request, "left.html", style=STYLE)
    answer.headers["Content-Security-Policy"] = POLICY.replace("style-src 'self'", f"style-src 'sha256-{DIGEST}'")
    answer.delete_cookie(COOKIE_NAME_JWT_TOKEN, path=get_cookie_path(), httponly=True)
    return answer


@door.looks("/logout", access=(SIGNED_IN,))
def after_leaving(request: Request) -> Response:
    """Where a browser comes back to that was refreshed after the way out, and signed in again."""
    return RedirectResponse(f"{request.scope.get('root_path', '')}/pool", 303)


@door.looks("/help", access=(SIGNED_IN,))
def help_page(request: Request, user: SignedIn) -> Response:
    """The guide for officers: what each page is for, and what to do when something stands still."""
    return show(request, "help.html", opens=[entry.path for entry in opened_to(user)])
