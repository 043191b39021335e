"""Adapt FAB's pages for signing in and passwords, in Chinese where ours differ: waits, rules, the old password."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from airflow.providers.fab.auth_manager.views.user_edit import CustomResetMyPasswordView, CustomResetPasswordView
from flask import flash, g, has_request_context, make_response
from flask_appbuilder import expose
from flask_appbuilder.fieldwidgets import BS3PasswordFieldWidget
from flask_appbuilder.forms import DynamicForm
from flask_appbuilder.security.api import SecurityApi
from flask_appbuilder.security.decorators import no_cache
from flask_appbuilder.security.forms import LoginForm_db
from flask_appbuilder.security.views import AuthDBView
from werkzeug.exceptions import TooManyRequests
from wtforms import PasswordField
from wtforms.validators import DataRequired, EqualTo, ValidationError

from talentpool_airflow.sign_in.passwords import RULES
from talentpool_airflow.sign_in.visit import here

TEMPLATES = Path(__file__).parent / "templates"


class LoginView(AuthDBView):
    """One page for password and second factor; while the door is shut, it says for how long."""

    login_template = "talentpool_login.html"
    title = "登录"
    invalid_login_message = "用户名、密码或动态口令不正确，请重试。"

    @expose("/login/", methods=["GET", "POST"])
    @no_cache
    def login(self) -> Any:
        try:
            return AuthDBView.login(self)
        except TooManyRequests as error:
            flash(str(error.description), "warning")
            page = self.render_template(
                self.login_template, title=self.title, form=LoginForm_db(), appbuilder=self.appbuilder
            )
            return make_response(page, 429, {"Retry-After": str(error.retry_after)})


class NoTokens(SecurityApi):
    """FAB's own API for tokens: they would know no session of ours. Programs ask /auth/token."""

    @expose("/login", methods=["POST"])
    def login(self) -> Any:
        return self.response(404, message="tokens are made at /auth/token")


def _own(form: Any, field: Any) -> None:  # noqa: ARG001 -- wtforms'
    """Whoever holds a browser that somebody left open does not know the password. Failures count as they do at the door."""
    manager = g.user and g.user.is_authenticated and _manager()
    try:
        right = manager and manager.knows_own_password(g.user, field.data or "")
    except TooManyRequests as error:
        raise ValidationError(str(error.description)) from None
    if not right:
        raise ValidationError("您现在的密码不对。")


def _good(form: Any, field: Any) -> None:  # noqa: ARG001 -- wtforms'
    from talentpool_airflow.sign_in.manager import WeakPasswordError

    try:
        _manager().check_new_password(field.data or "")
    except WeakPasswordError as error:
        raise ValidationError(str(error)) from None


def _manager() -> Any:
    from flask import current_app

    return current_app.appbuilder.sm  # type: ignore[attr-defined]


class NewPasswordForm(DynamicForm):
    """One's own password first, whosoever's is to be changed."""

    own_password = PasswordField("您现在的密码", description="您本人登录用的密码", validators=[DataRequired(), _own],
                                 widget=BS3PasswordFieldWidget())  # fmt: skip
    password = PasswordField(
        "新密码", description=RULES, validators=[DataRequired(), _good], widget=BS3PasswordFieldWidget()
    )
    conf_password = PasswordField("再输入一次新密码", validators=[EqualTo("password", message="两次输入的新密码不一致。")],
                                  widget=BS3PasswordFieldWidget())  # fmt: skip


class OwnPasswordView(CustomResetMyPasswordView):
    """修改密码: everybody signs in anew afterwards."""

    form = NewPasswordForm
    form_title = "修改密码"
    message = "密码已修改，请重新登录。"


class OthersPasswordView(CustomResetPasswordView):
    """重置密码: an administrator's page."""

    form = NewPasswordForm
    form_title = "重置密码"
    message = "密码已重置，该用户的所有登录已结束。"


def who_acts() -> str:
    """The user behind this request, or the command line."""
    if has_request_context() and getattr(g, "user", None) is not None and g.user.is_authenticated:
        return str(g.user.username)
    return here().signed_in[-1][0] if here().signed_in else "command line"
