"""Who does something about a row that was set aside, whether they may, and how it is put on record."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from uuid import UUID

import sqlalchemy as sa

from talentpool.area import current_counties
from talentpool.errors import ConflictError, RefusedError, UsageError
from talentpool.guard import audit
from talentpool.guard.duties import check_county, spelt
from talentpool.mend import Sender
from talentpool.model import quarantine_word
from talentpool.office import Office
from talentpool.office_day import today_in_office
from talentpool.services.mending.allowed import FIELDS, is_unwritable, written
from talentpool.services.mending.rows import Place, Waiting, waiting
from talentpool.services.mending.standing import ReplacesError, holding
from talentpool.texts.reasons import reasons
from talentpool.texts.redact import redact

LONGEST = 200
GONE = "这一行已不再等待：可能已由他人处理、已到期删除，或已被更新的名册取代；请刷新页面"


class WorseError(UsageError):
    """The corrected row would be set aside for a reason that it did not have. `codes`: which."""

    def __init__(self, message: str, codes: Collection[str]) -> None:
        super().__init__(message)
        self.codes = tuple(sorted(codes))


@dataclass(frozen=True)
class Done:
    """What became of a row: taken (it is live), or waits (still set aside, for `codes`); the word holds in both cases."""

    outcome: str
    codes: tuple[str, ...] = ()
    value_id: int | None = None


@dataclass(frozen=True)
class Act:
    """By whom, why, and for which counties (None = the whole area). `replaces`: the word that `by` knows of and replaces;
    `request_id`: the person's own request."""

    by: str
    reason: str
    counties: tuple[str, ...] | None = None
    replaces: int | None = None
    request_id: int | None = None


def in_words(codes: Collection[str]) -> str:
    """Reasons and their remedies, in words."""
    known = reasons()
    return "；".join(f"{known[code].text_zh}（{known[code].fix_zh}）" for code in sorted(codes) if code in known)


def refuse_conflict(conn: sa.Connection, partner: str, record: UUID, field: str, act: Act) -> None:
    """ReplacesError where somebody else corrected the field, and `act` does not say that it replaces that."""
    for held in holding(conn, record=record, partner=partner, field=field):
        if spelt(held.decided_by) != spelt(act.by) and act.replaces != held.value_id:
            raise ReplacesError("这个字段已由他人更正；请先看对方的更正，确需以您的为准的，请勾选“替换”", held)


def found_waiting(conn: sa.Connection, office: Office, place: Place, act: Act) -> Waiting:
    """The row, as it waits and is the officer's. ConflictError where it waits no more, RefusedError where not theirs."""
    found = waiting(conn, today_in_office(office.settings), place=place)
    if not found:
        raise ConflictError(GONE)
    check_place(conn, act, found[0].county)
    return found[0]


def check_place(conn: sa.Connection, act: Act, county: str | None) -> None:
    """RefusedError unless the county is the officer's."""
    if act.counties is not None and county not in act.counties:
        raise RefusedError("scope", "the row is another county's, or of no county that is known; ask the city")
    check_county(conn, act.by, county)


def sender_of(conn: sa.Connection, office: Office, act: Act) -> Sender:
    """The office's own delivery: a county's officer speaks for the county, the city's for all of them."""
    counties = act.counties if act.counties is not None else tuple(sorted(current_counties(conn, office.settings.area)))
    return Sender(act.by.strip(), tuple(counties))


def check_said(act: Act) -> None:
    """UsageError unless somebody says why."""
    if not act.by.strip() or not act.reason.strip():
        raise UsageError("请填写理由（不要写姓名、号码）")
    if is_unwritable(act.reason.replace("\r", "").replace("\n", "")):
        raise UsageError("理由含有看不见的字符；请不要粘贴，重新手工输入")


def check_words(act: Act, field: str, value: str) -> str:
    """The value, tidied; UsageError for what may not be corrected, or is no value."""
    check_said(act)
    if field not in FIELDS:
        raise UsageError("请选择要更正的字段；工号、授权日期和告知版本不能在这里更正，请退回合作单位")
    if len(value) > LONGEST:
        raise UsageError(f"填写的内容超过 {LONGEST} 个字；请核对后重新填写")
    tidied = written(value)
    if not tidied:
        raise UsageError("请填写更正后的内容")
    return tidied


def put_on_record(
    conn: sa.Connection, office: Office, place: Place, county: str | None, record: UUID, act: Act, what: str, *,
    field: str = "", value_id: int | None = None,
) -> None:  # fmt: skip
    """Append what was done, with its proof in the audit log."""
    said = {"delivery_id": place.delivery_id, "row_no": place.row_no, "county": county, "act": what, "field": field,
            "said_by": act.by.strip(), "reason": redact(act.reason.strip())}  # fmt: skip
    conn.execute(quarantine_word.insert().values(said))
    details = {"set_aside": what, "delivery": place.delivery_id, "row": place.row_no}
    more = {"field": field, "value": value_id, "request": act.request_id}
    audit(
        conn, "decision", f"record:{record}", actor=act.by, reason=redact(act.reason.strip()), scope=office.settings.area,
        details=details | {name: word for name, word in more.items() if word},
    )  # fmt: skip
