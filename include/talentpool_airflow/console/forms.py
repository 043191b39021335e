"""Read forms: only from our own pages, in memory, never written to disk on their way.

A cookie is sent along by any page of the same host, one on another port included. So the browser must say that the
form is ours (Sec-Fetch-Site, Origin), and the form must carry the token that a page of ours was given for this session.
"""

from __future__ import annotations

import hmac
from functools import cache
from typing import Annotated
from urllib.parse import urlsplit

from airflow.configuration import conf
from fastapi import Depends, HTTPException, Request
from starlette.datastructures import FormData, UploadFile
from starlette.formparsers import MultiPartException, MultiPartParser

from talentpool.texts.plain_text import holds_control
from talentpool_airflow.console.user import User

FIELD = "form_token"
MOST_BYTES = 64 * 1024
MOST_UPLOAD = 8 * 1024 * 1024
"""A roster of some 60,000 rows as CSV; larger ones come by the partner's own way."""
ENVELOPE = 16 * 1024
"""Of a multipart body beside the file."""
FOREIGN = "此请求不是从本系统的页面发出的，未执行任何操作。请回到页面重新操作。"


def token_of(user: User) -> str:
    """The token of this session's forms: good as long as the session is, worthless in any other."""
    return hmac.digest(_key(), b"talentpool console form|" + user.session.encode(), "sha256").hex()


def token_at_place(session: str) -> str:
    """The same for what the hand-out page sends."""
    return hmac.digest(_key(), b"talentpool handout|" + session.encode(), "sha256").hex()


@cache
def _key() -> bytes:
    """Asked once: Airflow runs a command for it where the deployment says so."""
    return conf.get_mandatory_value("api", "secret_key").encode()


async def posted_form(request: Request, user: User) -> FormData:
    """The form; HTTPException 403 when it is not ours."""
    check_our_page(request)
    form = await _read(request)
    given = form.get(FIELD)
    if not isinstance(given, str) or not hmac.compare_digest(given.encode(errors="replace"), token_of(user).encode()):
        raise HTTPException(403, "页面已过期（登录状态已变化），未执行任何操作。请刷新页面后重试。")
    return form


def check_our_page(request: Request) -> None:
    """HTTPException 403 for a request that another page sent; the headers say it, and nothing is read."""
    site, origin = request.headers.get("sec-fetch-site"), request.headers.get("origin")
    if site is None and origin is None:
        raise HTTPException(403, FOREIGN)
    if site is not None and site != "same-origin":
        raise HTTPException(403, FOREIGN)
    if origin is not None and urlsplit(origin).netloc not in _our_places(request):
        raise HTTPException(403, FOREIGN)


def _our_places(request: Request) -> set[str]:
    """host:port as the browser addressed it, and as the deployment calls itself."""
    told = urlsplit(conf.get("api", "base_url", fallback="")).netloc
    return {place for place in (request.headers.get("host", ""), told) if place}


class _InMemory(MultiPartParser):
    """A roster is personal data: no spool file, whatever its size (the body's is limited before)."""

    spool_max_size = MOST_UPLOAD + ENVELOPE


async def _read(request: Request) -> FormData:
    if not request.headers.get("content-type", "").startswith("multipart/form-data"):
        return await request.form(max_fields=50)
    try:
        return await _InMemory(request.headers, request.stream(), max_files=1, max_fields=50).parse()
    except (MultiPartException, UnicodeError):  # the body says itself in which encoding it is
        raise HTTPException(422, "上传内容不完整，请重新选择文件。") from None


def posted(request: Request) -> FormData:
    """The form that the guard has read and found ours."""
    form: FormData = request.state.form
    return form


def refuse_control(*texts: str) -> None:
    """HTTPException 422 when a control character stands in what was sent: the database takes none."""
    if any(map(holds_control, texts)):
        raise HTTPException(422, "填写的内容含有控制字符，未执行任何操作。请重新输入（不要从其他程序粘贴）。")


Posted = Annotated[FormData, Depends(posted)]


def text(form: FormData, name: str, *, most: int = 200) -> str:
    """A field without the blanks around it; '' when it is missing. HTTPException 422 when it is longer than it may be."""
    value = form.get(name)
    value = value.strip() if isinstance(value, str) else ""
    refuse_control(value)
    if len(value) > most:
        raise HTTPException(422, f"填写的内容过长（最多 {most} 个字）。")
    return value


def number(form: FormData, name: str) -> int | None:
    """A field as a number of at most six digits; None when it is missing or none."""
    value = text(form, name)
    return int(value) if value.isdecimal() and len(value) <= 6 else None


def file_of(form: FormData, name: str) -> tuple[str, bytes] | None:
    """(name, bytes) of an uploaded file; None when none was chosen."""
    given = form.get(name)
    if not isinstance(given, UploadFile) or not given.filename:
        return None
    refuse_control(given.filename)
    return given.filename, given.file.read()
