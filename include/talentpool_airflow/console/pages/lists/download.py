"""Hand out a locked list on record: its workbooks where plain files may leave, elsewhere the sealed files that were released."""

from __future__ import annotations

import io
import zipfile
from urllib.parse import quote

from fastapi import Request, Response

from talentpool.campaigns.life.states import FROZEN
from talentpool.campaigns.lists import Stored, find
from talentpool.campaigns.release.files import ListFile, Part, list_files
from talentpool.campaigns.release.handing_on import hand_on, released
from talentpool.errors import RefusedError, UsageError
from talentpool.guard import audit, scoped
from talentpool.guard.duties import check_duty
from talentpool.office_day import today_in_office
from talentpool_airflow.console import limits, record, state
from talentpool_airflow.console.access import JUDGES, Door
from talentpool_airflow.console.entitled import REFUSED, visible_list
from talentpool_airflow.console.forms import Posted, text
from talentpool_airflow.console.pages.lists.one import show_list
from talentpool_airflow.console.plain import NEEDS_FACTOR, by_password_alone
from talentpool_airflow.console.user import SignedIn, User

door = Door()
SHEET = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
ENCRYPTED = "正式环境不提供明文下载。请由市级专员加密后导出给登记的接收方。"
NOT_LOCKED = "名单还没有锁定，或已作废，没有下载。"
NOBODY = "名单上没有您管理范围内的人员，没有可以下载的表格。"


@door.acts("/lists/{list_id}/download", access=JUDGES, rate=limits.UPLOADS)
def download(request: Request, user: SignedIn, form: Posted, list_id: int) -> Response:
    """The workbook of the user's county; of the city's officer every county's and station's. Never where an office's rules want
    files encrypted (docs/adr/0027)."""
    stored = visible_list(user, list_id)
    if not state.settings().embedded:
        record.refused(user, f"list:{list_id}", "plain")
        return show_list(request, user, list_id, fault=ENCRYPTED, status=403)
    if text(form, "sure") != "yes":
        return show_list(request, user, list_id, fault="请先勾选“仅用于本次活动”。")
    if stored.state not in FROZEN:
        return show_list(request, user, list_id, fault=NOT_LOCKED, status=409)
    if by_password_alone(user, f"list:{list_id}"):
        return show_list(request, user, list_id, fault=NEEDS_FACTOR, status=403)
    try:
        files = _made(user, stored)
    except RefusedError as refusal:
        record.refused(user, f"list:{list_id}", refusal.code)
        return show_list(request, user, list_id, fault=REFUSED["role"], status=403)
    if not files:
        return show_list(request, user, list_id, fault=NOBODY)
    name, content = (files[0].name, files[0].content) if len(files) == 1 else (f"{_stem(stored)}.zip", _zipped(files))
    kind = SHEET if name.endswith(".xlsx") else "application/zip"
    said = f"attachment; filename*=UTF-8''{quote(name)}"
    return Response(content, media_type=kind, headers={"Content-Disposition": said})


@door.acts("/lists/{list_id}/released", access=JUDGES, rate=limits.UPLOADS)
def download_released(request: Request, user: SignedIn, form: Posted, list_id: int) -> Response:
    """The sealed files of one export, as they left: of a county's officer one that holds people of that county alone."""
    visible_list(user, list_id)
    number = text(form, "export", most=18)
    if text(form, "sure") != "yes" or not number.isdecimal():
        return show_list(request, user, list_id, fault="请先勾选“仅转交给登记的接收方”。")
    with scoped(state.console(), user.scope) as conn:
        theirs = {one.export_id for one in released(conn, list_id, today_in_office(state.settings()))}
    if int(number) not in theirs:
        record.refused(user, f"list:{list_id}", "scope")
        return show_list(
            request, user, list_id, fault="没有这次导出，或者不在您的管理范围内、已过使用期限。", status=404
        )
    try:
        files = hand_on(state.office(), int(number), user.name, today_in_office(state.settings()))
    except UsageError as error:
        return show_list(request, user, list_id, fault=f"{error}。", status=409)
    if len(files) == 1:
        name, content = files[0]
    else:
        name, content = f"export-{int(number):05d}.zip", _stored(files)
    said = f"attachment; filename*=UTF-8''{quote(name)}"
    return Response(content, media_type="application/octet-stream", headers={"Content-Disposition": said})


def _stored(files: list[tuple[str, bytes]]) -> bytes:
    """One file of several sealed ones, which nothing makes smaller."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_STORED) as archive:
        for name, content in files:
            archive.writestr(name, content)
    return packed.getvalue()


def _made(user: User, stored: Stored) -> list[ListFile]:
    """The workbooks, when that they leave is on record."""
    with state.pipeline().begin() as conn:
        if user.scope.city:
            check_duty(conn, user.name, "export")
        stored = find(conn, stored.list_id)
        made = list_files(conn, state.keys(), state.settings(), stored, Part(user.scope.counties), pdf=False)
        files = [file for file in made if user.scope.city or file.recipient.startswith("county:")]
        if files and stored.state in FROZEN:
            audit(
                conn, "export", f"list:{stored.list_id}", actor=user.name, reason=stored.passport["purpose"],
                scope=record.area_of(user),
                details={"files": len(files), "content_hash": stored.content_hash, "fields": ["name", "mobile (masked)"],
                         "people": sum(file.rows for file in files if file.recipient.startswith("county:"))},
            )  # fmt: skip
            return files
    return []


def _stem(stored: Stored) -> str:
    return f"{stored.campaign}_{stored.cycle}_{stored.as_of}"


def _zipped(files: list[ListFile]) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for file in files:
            archive.writestr(file.name, file.content)
    return packed.getvalue()
