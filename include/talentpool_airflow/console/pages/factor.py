"""Serve 动态口令: an administrator admits, the user binds a device; who lost it is admitted again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from fastapi import Request, Response

from talentpool.errors import UsageError
from talentpool.guard.second_factor import address_of, admit, begin_binding, factor_state, finish_binding
from talentpool_airflow.console import limits, state
from talentpool_airflow.console.access import OFFICERS, Door
from talentpool_airflow.console.forms import Posted, text
from talentpool_airflow.console.frame import show
from talentpool_airflow.console.record import area_of
from talentpool_airflow.console.user import SignedIn, User

door = Door()
EVERYBODY = (*OFFICERS, "auditor", "operator", "Admin")
NOT_ADMITTED = "绑定码不对、已过期（一天）或已用过。请向系统管理员要新的绑定码。"
NOT_SHOWN = "动态口令不对。请核对手机时间，再输入验证器当前显示的 6 位数字；需要从绑定码重新开始。"
NOBODY = "没有这个在用的用户。"
NOT_ONESELF = "绑定动态口令需要两个人：请由另一位系统管理员为您开通。"


@dataclass(frozen=True, repr=False)
class Once:
    """What a step made, shown once: a user with their code, one's own secret with its picture, the printed codes."""

    admitted: tuple[str, str] | None = None
    code: str = ""
    secret: str = ""
    picture: str = ""
    printed: Sequence[str] = ()


@door.looks("/factor", access=EVERYBODY)
def factor_page(request: Request, user: SignedIn) -> Response:
    """How far one has got, and the form for the next step."""
    return _page(request, user)


@door.acts("/factor/admit", access=("Admin",), rate=limits.SEARCHES)
def admit_user(request: Request, user: SignedIn, form: Posted) -> Response:
    """A code for one user, shown once; what they had bound counts no more."""
    from talentpool_airflow.sign_in.sessions import find

    found = find(text(form, "user"))
    if found is None:
        return _page(request, user, fault=NOBODY)
    user_id, facts = found
    try:
        with state.pipeline().begin() as conn:
            code = admit(conn, state.keys(), facts.name, user_id, by=user.name, area=area_of(user))
    except UsageError:
        return _page(request, user, fault=NOT_ONESELF)
    return _page(request, user, once=Once(admitted=(facts.name, code)))


@door.acts("/factor/begin", access=EVERYBODY, rate=limits.SEARCHES)
def begin(request: Request, user: SignedIn, form: Posted) -> Response:
    """The secret, as a picture to scan and as letters, shown once."""
    code = text(form, "code", most=40)
    with state.pipeline().begin() as conn:
        secret = begin_binding(conn, state.keys(), user.name, code)
    if secret is None:
        return _page(request, user, fault=NOT_ADMITTED)
    picture = _picture(address_of(user.name, secret))
    return _page(request, user, once=Once(code=code, secret=secret, picture=picture))


@door.acts("/factor/finish", access=EVERYBODY, rate=limits.SEARCHES)
def finish(request: Request, user: SignedIn, form: Posted) -> Response:
    """The device has shown a code: the printed ones, shown once."""
    code, digits = text(form, "code", most=40), text(form, "digits", most=20)
    with state.pipeline().begin() as conn:
        printed = finish_binding(
            conn, state.keys(), user.name, code, "".join(digits.split()), now=datetime.now(UTC), area=area_of(user)
        )
    return _page(request, user, fault="" if printed else NOT_SHOWN, once=Once(printed=printed or ()))


def _page(request: Request, user: User, *, fault: str = "", once: Once | None = None) -> Response:
    made = once or Once()
    with state.pipeline().connect() as conn:
        at = factor_state(conn, user.name)
    return show(
        request, "factor.html", 422 if fault else 200, at=at, fault=fault, admitted=made.admitted, code=made.code,
        secret=made.secret, picture=made.picture, printed=made.printed, may_admit="Admin" in user.kinds, shown=user.second_factor,
        required=state.settings().second_factor_to_reveal,
    )  # fmt: skip


def _picture(address: str) -> str:
    """An SVG to stand in the page: no picture is fetched, and none is kept."""
    import qrcode
    from qrcode.image.svg import SvgPathImage

    return str(qrcode.make(address, image_factory=SvgPathImage, box_size=12).to_string(encoding="unicode"))
