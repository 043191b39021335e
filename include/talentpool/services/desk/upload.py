"""Try a roster that an officer brings, storing only the sealed file; then hand it on into the inbox.

The trial is `check`'s. A county's officer may bring rows of their own county only, and changes only: a full roster from
one county would make everybody else in the city disappear. A trial knows nobody of another county, or it would tell whom they
have; whose the people are is decided where the file is staged (conform/rows/outside.py).
"""

from __future__ import annotations

import hashlib
import hmac
import os
import re
from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import sqlalchemy as sa
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from talentpool.acquire import (
    Connection,
    Facts,
    Overlooked,
    other_date,
    overlooked,
    placed,
    put_down,
    remove_exactly,
    take_back,
    within_inboxes,
)
from talentpool.check import Checked
from talentpool.declare import Partner
from talentpool.deliveries.delivery_state import HANDLED
from talentpool.deliveries.publications import newest_roster
from talentpool.errors import ConflictError, TalentpoolError, UnavailableError, UsageError
from talentpool.guard import KeyRing, Scope, audit
from talentpool.model import upload
from talentpool.office import Office
from talentpool.private_files import aside, create
from talentpool.services.desk.trial_apart import check_apart
from talentpool.services.retention.raw import forget_uploads
from talentpool.settings import Settings

KEPT = "1 day"
FORMS = ("csv", "xlsx")
"""Verdicts with which a file may be handed on; one that would be held waits for a person, as any other."""
MOST_A_DAY = 99
GONE = "没有等待提交的文件：可能已经提交过，或试检已超过一天；请重新上传"


@dataclass(frozen=True)
class Tried:
    """A trial's verdict; `upload_id` only where the file may be handed on; `as_of`: the date it is taken under."""

    upload_id: UUID | None
    checked: Checked
    as_of: date


def takes_uploads(partner: Partner, scope: Scope) -> bool:
    """Whether officers of this scope may bring rosters of the partner."""
    if getattr(partner.transport, "kind", "") != "inbox":
        return False
    return scope.city or partner.cadence.kind == "delta"


def try_upload(
    office: Office, partner: Partner, content: bytes, form: str, as_of: date,
    scope: Scope, *, name: str = "",
) -> Tried:  # fmt: skip
    """The verdict; a good file is kept sealed for a day, under a number of its own.

    UsageError when `name`, the file's own, says another date, or when the trial takes too
    long (services/desk/trial_apart.py).
    """
    number = uuid4()
    named = other_date(name, partner, as_of)
    if named:
        raise UsageError(f"文件名写的是 {named}，表单填的名册日期是 {as_of}；请核对后重新上传")
    if not scope.city:
        as_of = _no_newer_than_the_partner(office.engine, partner, as_of)
    facts = Facts(f"upload.{form}", as_of, _kind(partner, scope))
    checked = check_apart(office, partner, facts, content, scope.counties, scope.actor)
    forget_uploads(office)
    with office.engine.begin() as conn:
        audit(
            conn, "upload", f"trial:{partner.code}", actor=scope.actor, scope=_area_of(scope, office.settings),
            details={"rows": checked.outcome.rows, "foreign": checked.foreign},
        )  # fmt: skip
        if checked.foreign or checked.outcome.status not in HANDLED:
            return Tried(None, checked, as_of)
        row: dict[str, Any] = {
            "upload_id": number, "partner": partner.code, "as_of": as_of, "form": form, "uploaded_by": scope.actor,
            "counties": None if scope.city else list(scope.counties or ()),
            "sha256": hashlib.sha256(content).hexdigest(), "sealed": _seal(office.keys, number, content),
            "verdict": checked.outcome.as_json(),
        }  # fmt: skip
        conn.execute(upload.insert(), row)
    return Tried(number, checked, as_of)


def _no_newer_than_the_partner(engine: sa.Engine, partner: Partner, as_of: date) -> date:
    """A county's changes are as of the partner's newest roster at most: a later date would make the next one history."""
    with engine.connect() as conn:
        newest = conn.scalar(sa.select(newest_roster(partner.code)))
    return min(as_of, newest) if newest else as_of


def _a_day_ago() -> sa.ColumnElement[Any]:
    return sa.func.now() - sa.cast(KEPT, sa.Interval)


def overlooked_files(settings: Settings, partner: Partner, inbox: Path, scope: Scope) -> tuple[Overlooked, ...]:
    """Files in the inbox that no run takes, for the city's officer; a county does not see what others brought."""
    if not scope.city:
        return ()
    return overlooked(settings, partner, Connection(partner.code, "fs", extra={"path": str(inbox)}))


def read_overlooked(settings: Settings, partner: Partner, inbox: Path, scope: Scope, name: str, most: int) -> bytes:
    """The bytes of one of them, by its exact name. UsageError when it is not there (any more), or larger than `most`."""
    exact = {each.exact for each in overlooked_files(settings, partner, inbox, scope)}
    path = inbox / name
    if (
        name not in exact
        or path.is_symlink()
        or not path.is_file()
        or not path.resolve().is_relative_to(inbox.resolve())
    ):
        raise UsageError("收件夹中没有这个文件：可能已改名或已被取走，请刷新页面")
    with os.fdopen(os.open(path, os.O_RDONLY | os.O_NOFOLLOW), "rb") as file:
        content = file.read(most + 1)
    if len(content) > most:
        raise UsageError(f"文件超过 {most // 1024 // 1024} MB，请拆分或改用 CSV")
    return content


def hand_on(office: Office, partner_of: Any, inbox_of: Any, number: UUID, scope: Scope) -> str:
    """Put a tried file into its partner's inbox; returns its name there. UsageError when it is not (or no more) there.

    `partner_of(code)` and `inbox_of(partner)` say which partner and which folder, which lies under the deployment's
    folder of inboxes (else UnavailableError, and the file waits on). Only who tried it may hand it on,
    only with the counties of then, and only while the trial's verdict holds: ConflictError, in words for the officer,
    when the pool has moved under it. Who sent it, and for which counties, is on record before the file is in the inbox.
    """
    row = _waiting(office.engine, number, scope)
    partner: Partner = partner_of(row.partner)
    if not takes_uploads(partner, scope):
        raise UsageError(f"{partner.name}的名册不由您上传（管理范围或交付方式已变更）；请联系市级数据专员")
    inbox = within_inboxes(office.settings, inbox_of(partner), partner.transport.connection)  # type: ignore[attr-defined]
    content = _open(office.keys, number, bytes(row.sealed), row.sha256)
    as_of = row.as_of if scope.city else _no_newer_than_the_partner(office.engine, partner, row.as_of)
    _try_again(office, partner, row, as_of, content, scope)
    with office.engine.begin() as conn:
        put_down(conn, number, partner.code, as_of, row.sha256, scope.actor, row.counties)
    try:
        name = _hand_over(office, partner, inbox, row, as_of, content, scope)
    except TalentpoolError:
        with office.engine.begin() as conn:
            take_back(conn, number)
        raise
    _clear_away(office.settings, partner, inbox, scope, row.sha256)
    return name


def _waiting(engine: sa.Engine, number: UUID, scope: Scope) -> sa.Row:
    with engine.connect() as conn:
        row = conn.execute(sa.select(upload).where(*_theirs(number, scope))).one_or_none()
    if row is None or row.counties != (None if scope.city else list(scope.counties or ())):
        raise UsageError(GONE)
    return row


def _theirs(number: UUID, scope: Scope) -> tuple[sa.ColumnElement[bool], ...]:
    """The file of that number, while it waits for this officer."""
    return upload.c.upload_id == number, upload.c.uploaded_by == scope.actor, upload.c.made_at >= _a_day_ago()


def _try_again(
    office: Office, partner: Partner, row: sa.Row, as_of: date, content: bytes,
    scope: Scope,
) -> None:  # fmt: skip
    """The verdict of now: a trial may be a day old. Whose somebody is, is found where the roster is staged."""
    facts = Facts(f"upload.{row.form}", as_of, _kind(partner, scope))
    checked = check_apart(office, partner, facts, content, scope.counties, scope.actor)
    if checked.outcome.status not in HANDLED:
        raise ConflictError("试检之后名册已有变化，试检结论不再成立，文件没有提交；请重新试检，看过新的结论后再提交")


def _hand_over(
    office: Office, partner: Partner, inbox: Path, row: sa.Row, as_of: date, content: bytes,
    scope: Scope,
) -> str:  # fmt: skip
    with office.engine.begin() as conn:
        if conn.execute(upload.delete().where(*_theirs(row.upload_id, scope))).rowcount != 1:
            raise UsageError(GONE)
        audit(
            conn, "upload", f"upload:{row.upload_id}", actor=scope.actor, scope=_area_of(scope, office.settings),
            details={"partner": partner.code, "as_of": as_of.isoformat(), "rows": row.verdict["rows"],
                     "sha256": row.sha256},
        )  # fmt: skip
        name = _place(inbox, partner, as_of, row.form, content)
        placed(conn, row.upload_id, inbox / name)
        return name


def _kind(partner: Partner, scope: Scope) -> str:
    """A county brings changes, whatever the partner's own rosters are."""
    return partner.cadence.kind if scope.city else "delta"


def _area_of(scope: Scope, settings: Settings) -> str:
    return ",".join(scope.counties or ()) or settings.area


def _clear_away(settings: Settings, partner: Partner, inbox: Path, scope: Scope, sha256: str) -> None:
    """Remove the overlooked file that these bytes came from: under its new name the next run takes them."""
    for each in overlooked_files(settings, partner, inbox, scope):
        remove_exactly(inbox / each.exact, sha256)


def _place(inbox: Path, partner: Partner, as_of: date, form: str, content: bytes) -> str:
    """Whole or not at all, under the first free name of the day; the inbox leaves a file alone until it has settled."""
    pattern: str = partner.transport.file_name  # type: ignore[attr-defined]
    placed = False
    try:
        with aside(inbox / "upload") as unfinished:
            create(unfinished, content, durable=True)
            for turn in range(1, MOST_A_DAY + 1):
                name = f"roster_{partner.code}_{as_of:%Y%m%d}_{turn:02d}.{form}"
                if not re.fullmatch(pattern, name):
                    raise UsageError(
                        f"{partner.name}约定的文件名与上传所用的不同，文件没有提交；请按约定的方式交付，或联系市级数据专员"
                    )
                with suppress(FileExistsError):
                    (inbox / name).hardlink_to(unfinished)
                    placed = True
                    return name
    except OSError as error:
        if placed:  # the file is submitted; what is left beside it is not a reason to say that it is not
            raise
        raise UnavailableError(
            f"收件夹无法写入（{type(error).__name__}），文件没有提交；请联系运维人员查看该文件夹的权限和空间"
        ) from error
    raise UsageError(f"{partner.name}的收件夹中已有 {MOST_A_DAY} 份 {as_of} 的名册；请等它们处理完再提交")


def _cipher(keys: KeyRing, number: UUID) -> AESGCM:
    return AESGCM(hmac.digest(keys.key("landing"), b"talentpool upload|" + number.bytes, "sha256"))


def _seal(keys: KeyRing, number: UUID, content: bytes) -> bytes:
    nonce = os.urandom(12)
    return nonce + _cipher(keys, number).encrypt(nonce, content, number.bytes)


def _open(keys: KeyRing, number: UUID, sealed: bytes, sha256: str) -> bytes:
    content = _cipher(keys, number).decrypt(sealed[:12], sealed[12:], number.bytes)
    assert hashlib.sha256(content).hexdigest() == sha256
    return content
