"""Serve 上传: an officer brings a roster; it is tried with masked errors first, then handed on into the inbox."""

from __future__ import annotations

from contextlib import suppress
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from uuid import UUID

from fastapi import HTTPException, Request, Response

from talentpool.acquire import Overlooked, inbox_folder, load_partner
from talentpool.declare import Partner, partner_files
from talentpool.errors import DeclarationError, UnavailableError, UsageError
from talentpool.expect import value_codes
from talentpool.office_day import today_in_office
from talentpool.services.desk.upload import (
    FORMS,
    Tried,
    hand_on,
    overlooked_files,
    read_overlooked,
    takes_uploads,
    try_upload,
)
from talentpool.texts.reasons import reasons
from talentpool_airflow.connections import connection
from talentpool_airflow.console import limits, state
from talentpool_airflow.console.access import Door
from talentpool_airflow.console.forms import MOST_UPLOAD, Posted, file_of, text
from talentpool_airflow.console.frame import scope_name, show
from talentpool_airflow.console.trial_words import dated_words, words_of
from talentpool_airflow.console.user import SignedIn, User

door = Door()
BRINGERS = ("city_officer", "county_officer")
SHOWN = 200


@door.looks("/upload", access=BRINGERS)
def upload_page(request: Request, user: SignedIn) -> Response:
    """The form, and what may be brought."""
    return _page(request, user)


@door.looks("/upload/template.xlsx", access=BRINGERS)
def template_file() -> Response:
    """The standard template with explanations and drop-downs."""
    from talentpool.template import write_template

    with TemporaryDirectory() as folder:
        path = Path(folder) / "template.xlsx"
        write_template(path, state.settings())
        content = path.read_bytes()
    return Response(
        content,
        media_type="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        headers={"Content-Disposition": 'attachment; filename="roster_template.xlsx"'},
    )


@door.acts("/upload/check", access=BRINGERS, rate=limits.UPLOADS, files=True)
def check_file(request: Request, user: SignedIn, form: Posted) -> Response:
    """The verdict the file would get; nothing reaches the pool."""
    partner = _partners(user).get(text(form, "partner"))
    given = file_of(form, "file")
    if partner is None or given is None:
        return _page(request, user, fault="请选择合作单位和文件。")
    name, content = given
    suffix = name.rpartition(".")[2].lower()
    if suffix not in FORMS:
        return _page(request, user, fault="只接受 .xlsx 或 .csv 文件（标准名册模板）。")
    if not content or len(content) > MOST_UPLOAD:
        return _page(request, user, fault=f"文件为空，或超过 {MOST_UPLOAD // 1024 // 1024} MB。")
    as_of = _day(text(form, "as_of"))
    if as_of is None or as_of > today_in_office():
        return _page(request, user, fault="请填写名册日期，不得晚于今天。")
    return _tried(request, user, partner, content, suffix, as_of, name)


@door.acts("/upload/check-waiting", access=("city_officer",), rate=limits.UPLOADS)
def check_waiting(request: Request, user: SignedIn, form: Posted) -> Response:
    """The same of a file that lies in the inbox under a name that no run takes."""
    partner = _partners(user).get(text(form, "partner"))
    as_of = _day(text(form, "as_of"))
    name = text(form, "name")
    suffix = name.rpartition(".")[2].lower()
    if partner is None or as_of is None or as_of > today_in_office():
        return _page(request, user, fault="请填写名册日期，不得晚于今天。")
    if suffix not in FORMS:
        return _page(request, user, fault="只接受 .xlsx 或 .csv 文件：请先用表格软件另存，再上传。")
    try:
        content = read_overlooked(state.settings(), partner, inbox_of(partner), user.scope, name, MOST_UPLOAD)
    except UsageError as error:
        return _page(request, user, fault=f"{error}。")
    return _tried(request, user, partner, content, suffix, as_of, "")


def _tried(
    request: Request, user: User, partner: Partner, content: bytes, suffix: str, as_of: date, name: str
) -> Response:
    try:
        tried = try_upload(state.office(), partner, content, suffix, as_of, user.scope, name=name)
    except UsageError as error:
        return _page(request, user, fault=f"{error}。")
    return _page(request, user, tried=tried, partner=partner, asked=as_of)


@door.acts("/upload/submit", access=BRINGERS, rate=limits.UPLOADS)
def submit_file(request: Request, user: SignedIn, form: Posted) -> Response:
    """Hand the tried file on to the partner's inbox, from where the next run takes it."""
    try:
        number = UUID(text(form, "upload"))
    except ValueError:
        raise HTTPException(422) from None
    settings = state.settings()
    try:
        name = hand_on(
            state.office(), lambda code: load_partner(settings.partner_dirs, code), inbox_of,
            number, user.scope,
        )  # fmt: skip
    except UsageError as error:
        return _page(request, user, fault=f"{error}。")
    return _page(request, user, sent=name)


def inbox_of(partner: Partner) -> Path:
    """The inbox's folder, as the Airflow connection says; UnavailableError when nobody has made either, or it is none."""
    return inbox_folder(state.settings(), connection(partner.transport.connection))  # type: ignore[attr-defined]


def _partners(user: User) -> dict[str, Partner]:
    """Partners whose rosters this user may bring, by code; a broken declaration takes none."""
    found = {}
    for code in partner_files(state.settings().partner_dirs):
        try:
            partner = load_partner(state.settings().partner_dirs, code)
        except DeclarationError:
            continue
        if takes_uploads(partner, user.scope):
            found[code] = partner
    return found


def _left_alone(user: User) -> list[tuple[str, Partner, Overlooked]]:
    """(partner's code, partner, file) of what lies in the inboxes and is not taken; an inbox out of reach has none."""
    found, settings = [], state.settings()
    for code, partner in _partners(user).items() if user.scope.city else ():
        with suppress(UnavailableError):
            found += [
                (code, partner, each) for each in overlooked_files(settings, partner, inbox_of(partner), user.scope)
            ]
    return found


def _day(value: str) -> date | None:
    try:
        return date.fromisoformat(value)
    except ValueError:
        return None


def _page(
    request: Request, user: User, *, fault: str = "", tried: Tried | None = None, partner: Partner | None = None,
    asked: date | None = None, sent: str = "",
) -> Response:  # fmt: skip
    said: dict[str, Any] = {}
    if tried is not None and partner is not None and asked is not None:
        said = {"verdict": words_of(tried, scope_name(user)), "dated": dated_words(tried, asked, partner.name)}
    return show(
        request, "upload.html", 422 if fault else 200, partners=_partners(user), today=today_in_office(), fault=fault,
        tried=tried, partner=partner, sent=sent, left_alone=_left_alone(user),
        shown=SHOWN, most=MOST_UPLOAD // 1024 // 1024,
        REASONS=reasons(), VALUES=value_codes(), **said,
    )  # fmt: skip
