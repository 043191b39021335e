"""Apply our rules wherever FAB takes or sets a password: form, API and command line."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from airflow.providers.fab.auth_manager.security_manager.override import FabAirflowSecurityManagerOverride
from fastapi import HTTPException
from flask import current_app, g, has_request_context, request
from flask import session as page_session
from flask_login import LoginManager, user_logged_in
from jinja2 import ChoiceLoader, FileSystemLoader
from werkzeug.exceptions import TooManyRequests

from talentpool.guard.attempts import Attempt, begin_attempt, succeeded
from talentpool.guard.second_factor import factor_state, shows_factor
from talentpool_airflow.console import state
from talentpool_airflow.sign_in import passwords, sessions, views
from talentpool_airflow.sign_in.record import alarm, on_record
from talentpool_airflow.sign_in.visit import here

LONGEST_GIVEN = 1024
"""Characters of a password that are still looked at."""
OWN_BY_FORM = "自己的密码请在“修改密码”页面修改，需要输入现在的密码。"
SHUT = {"account": "账号", "address": "来源地址"}


class TooManyTriesError(TooManyRequests):
    """The door is shut. `wait`: seconds."""

    def __init__(self, wait: int) -> None:
        super().__init__(waiting(wait), retry_after=wait)
        self.wait = wait


class WeakPasswordError(HTTPException):
    """A password that the rules refuse; 422 where an API answers."""

    def __init__(self, why: str) -> None:
        super().__init__(422, why)

    def __str__(self) -> str:
        return str(self.detail)


def waiting(seconds: int) -> str:
    """How long to wait, in words."""
    told = f"{seconds} 秒" if seconds < 60 else f"{-(-seconds // 60)} 分钟"
    return f"登录失败次数过多，暂时不能登录。请在 {told}后再试；忘记密码请联系系统管理员。"


class TalentpoolSecurityManager(FabAirflowSecurityManagerOverride):
    """FAB_SECURITY_MANAGER_CLASS of every deployment (login_page.py)."""

    security_api = views.NoTokens
    authdbview = views.LoginView
    resetmypasswordview = views.OwnPasswordView
    resetpasswordview = views.OthersPasswordView

    # --- who comes in ----------------------------------------------------------------------------------------------

    def auth_user_db(self, username: str, password: str, rotate_session_id: bool = True) -> Any:
        """The user, or None; TooManyTriesError while the account or the address has to wait, right password or not. Who has
        a second factor shows it in the same breath: nothing tells a stranger which of the two was wrong."""
        given = request.form.get("code", "") if has_request_context() else g.get("factor_given", "")
        return self._tried(username, password, lambda user: self._factor(user, given), rotate_session_id)

    def knows_own_password(self, user: Any, password: str) -> bool:
        """Of somebody who is signed in; failures count as at the door."""
        return self._tried(user.username, password, lambda _: True, False) is not None

    def _tried(self, username: str, password: str, more: Callable[[Any], bool], rotate_session_id: bool) -> Any:
        user = self.find_user(username=username) or self.find_user(email=username)
        account = user.username if user else username
        attempt = begin_attempt(state.pipeline(), state.keys(), account, here().address)
        if attempt.wait:
            raise TooManyTriesError(attempt.wait)
        found = super().auth_user_db(username, password, rotate_session_id) if len(password) <= LONGEST_GIVEN else None
        if found is None or not more(found):
            _failed(attempt, user.username if user else "")
            return None
        succeeded(state.pipeline(), state.keys(), attempt)
        return found

    def _factor(self, user: Any, given: str) -> bool:
        with state.pipeline().begin() as conn:
            if factor_state(conn, user.username) != "bound":
                return True
            g.factor_shown = shows_factor(conn, state.keys(), user.username, given, now=datetime.now(UTC))
        return bool(g.factor_shown)

    def create_login_manager(self) -> LoginManager:
        """FAB's; and whoever logs in on a page gets a session of ours."""
        app: Any = current_app
        user_logged_in.connect_via(app._get_current_object(), weak=False)(_begin_on_page)
        app.jinja_loader = ChoiceLoader([FileSystemLoader(views.TEMPLATES), app.jinja_loader])
        return super().create_login_manager()

    def load_user(self, pk: int) -> Any:
        """The user behind a page's cookie, as long as our session holds."""
        user = super().load_user(pk)
        if user is None or not has_request_context():
            return user
        return user if sessions.held(str(page_session.get(sessions.COOKIE_KEY) or ""), user.id) else None

    def load_user_jwt(self, _jwt_header: Any, jwt_data: Any) -> None:  # noqa: ARG002 -- FAB's
        """Nobody: tokens of FAB's own API know no session of ours, so they open nothing."""
        return None

    # --- what a password must be -----------------------------------------------------------------------------------

    def add_user(self, username: str, *args: Any, **kwargs: Any) -> Any:
        """WeakPasswordError, before anything is made. A user without a password signs in elsewhere (single sign-on)."""
        if (password := kwargs.get("password")) and not kwargs.get("hashed_password"):
            self.check_new_password(password, username)
        return super().add_user(username, *args, **kwargs)

    def check_new_password(self, password: str, *names: str) -> None:
        """WeakPasswordError when it is made of any user's name, or too short, or what everybody tries."""
        known = [user.username for user in self.get_all_users()]
        if why := passwords.fault(password, [*known, *names]):
            raise WeakPasswordError(why)

    def _hash_password(self, password: str) -> str:
        """Every door comes through here; nothing is kept of a password that will not do."""
        if password:
            self.check_new_password(password)
        visit = here()
        if visit.method == "PATCH" and any(
            visit.path.rstrip("/").lower().endswith(f"/users/{name}".lower()) for name, _ in visit.signed_in
        ):
            raise HTTPException(403, OWN_BY_FORM)
        return super()._hash_password(password)

    def reset_user_sessions(self, user: Any) -> None:
        """Put down who changed whose password. Sessions need no help: they are bound to the old one."""
        on_record("password_change", user.username, actor=views.who_acts())


def _begin_on_page(sender: Any, user: Any, **_: Any) -> None:  # noqa: ARG001 -- flask's
    if has_request_context():
        page_session[sessions.COOKIE_KEY] = sessions.begin(user.id, "page")
        on_record("sign_in", user.username, actor=user.username, door="page",
                  second_factor=sessions.second_factor_shown())  # fmt: skip


def _failed(attempt: Attempt, name: str) -> None:
    on_record("sign_in_failed", name)
    for what in attempt.shut:
        on_record("sign_in_lock", name, reason=f"登录失败次数过多，锁定{SHUT[what]}")
        alarm(f"signing in failed often: the door is shut for the {what}; ask its owner, look at the audit page",
              user=name or "unknown", address=here().address)  # fmt: skip
    if attempt.alarm:
        alarm(
            "many failures to sign in all over the office within an hour; look at the audit page, look out for guessing"
        )
