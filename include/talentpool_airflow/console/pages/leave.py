"""退出 and 帮助, on the bar of every page: Airflow's own menu is cut off on low screens, and its help leads out of the office."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

from airflow.configuration import conf
from fastapi import Request, Response
from fastapi.responses import RedirectResponse

from talentpool_airflow.console.access import SIGNED_IN, Door
from talentpool_airflow.console.forms import Posted
from talentpool_airflow.console.frame import opened_to, show
from talentpool_airflow.console.user import SignedIn

door = Door()


@door.acts("/logout", access=(SIGNED_IN,))
def leave(request: Request, user: SignedIn, form: Posted) -> Response:  # noqa: ARG001 - whoever is signed in may leave
    """End every session of the user, here and elsewhere, forget the browser's token, and show the login page.

    A page of ours could not be shown: its style is for who is signed in.
    """
    from airflow.api_fastapi.app import get_auth_manager, get_cookie_path
    from airflow.api_fastapi.auth.managers.base_auth_manager import COOKIE_NAME_JWT_TOKEN

    manager: Any = get_auth_manager()
    manager.sign_out(request)
    home = conf.get("api", "base_url", fallback="").rstrip("/")
    answer = RedirectResponse(
        f"{home}/auth/login/?next={quote(request.scope.get('root_path', '') + '/pool', safe='')}", 303
    )
    answer.delete_cookie(COOKIE_NAME_JWT_TOKEN, path=get_cookie_path(), httponly=True)
    return answer


@door.looks("/help", access=(SIGNED_IN,))
def help_page(request: Request, user: SignedIn) -> Response:
    """The guide for officers: what each page is for, and what to do when something stands still."""
    return show(request, "help.html", opens=[entry.path for entry in opened_to(user)])
