"""Write everything about one person as a workbook they can read, with who saw it and why."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

import sqlalchemy as sa

from talentpool.acquire import partner_names
from talentpool.declare import TEMPLATE_V1
from talentpool.guard import KeyRing, Personal, open_personal
from talentpool.guard.audit import entries
from talentpool.guard.export import Column, Sheet, workbook
from talentpool.guard.personal import Opener, sealed_with_salt
from talentpool.load import spells
from talentpool.model import (
    division,
    occupation,
    pool_person,
    remembered_value,
    source_record,
)
from talentpool.office_day import OFFICE_TIME, today_in_office
from talentpool.reference import contact_for
from talentpool.services.rights.listed import came_of, judged, provided
from talentpool.services.rights.set_aside import Aside
from talentpool.services.rights.subject import Subject, names_on_record
from talentpool.services.rights.words import why
from talentpool.settings import Settings
from talentpool.texts.labels import SEX, SPELL_ENDS, STATUS
from talentpool.texts.reasons import reasons

ACTIONS = {
    "access": "本人查阅", "reveal": "查看明文", "export": "名单导出", "withdrawal": "撤回", "erasure": "删除",
    "view": "查看（掩码）", "refused": "被拒绝的查看", "approval": "审批", "decision": "决定", "lock": "名单锁定",
}  # fmt: skip
TITLE = "个人信息副本"
DOUBTFUL = "withdrawn_doubtful"  # that somebody like them withdrew is for the office alone
_COLUMNS = {
    "信息": (Column("来源单位", 14), Column("项目", 16), Column("内容", 44)),
    "工作经历": (Column("来源单位", 14), Column("开始", 14), Column("结束", 14), Column("区县", 14), Column("站点", 30),
                 Column("结束原因", 20)),
    "未收下的行": (Column("来源单位", 14), Column("名册日期", 14), Column("原因", 36), Column("内容", 60)),
    "关爱名单": (Column("活动", 22), Column("轮次", 10), Column("数据日期", 14), Column("是否入选", 12), Column("依据", 28)),
    "领取与回访": (Column("活动", 22), Column("轮次", 10), Column("事项", 12), Column("日期", 14), Column("内容", 60)),
    "提供给谁": (Column("日期", 14), Column("接收方", 26), Column("用途", 18), Column("内容", 40), Column("使用至", 14)),
    "谁看过、为什么": (Column("时间", 22), Column("人员", 18), Column("操作", 16), Column("理由", 44)),
}  # fmt: skip


@dataclass(frozen=True, repr=False)
class Account:
    """Everything about one person, as sheets that they can read."""

    made_on: date
    sheets: tuple[Sheet, ...]

    def workbook(self) -> bytes:
        return workbook(list(self.sheets), title=TITLE, made_on=self.made_on)


def read_account(
    conn: sa.Connection,
    keys: KeyRing,
    settings: Settings,
    subject: Subject,
    aside: Sequence[Aside] = (),
    *,
    by: str,
    reason: str,
) -> Account:
    """Read it in the transaction of `conn`; `aside`: rows of theirs that were set aside; `by`: who hands it out."""
    live = conn.execute(
        sa.select(source_record)
        .where(source_record.c.record_id.in_(subject.records))
        .order_by(source_record.c.partner, source_record.c.record_id)
    ).all()
    names = partner_names(settings, {row.partner for row in live} | {each.row.partner for each in aside})
    places: dict[str, str] = {
        row.code: row.name
        for row in conn.execute(sa.select(division.c.code, division.c.name).where(division.c.status == "current"))
    }
    tabs: dict[str, Sequence[tuple[str, ...]]] = {
        "信息": [*_said(conn, keys, live, names, places), *_remembered(conn, keys, settings, subject)],
        "工作经历": _worked(conn, live, names, places),
        "未收下的行": [_set_aside(names[each.row.partner], each) for each in aside],
        "关爱名单": judged(conn, subject),
        "领取与回访": came_of(conn, settings, subject),
        "提供给谁": provided(conn, subject),
        "谁看过、为什么": [*_seen(conn, subject), (_clock(datetime.now(UTC)), by, "本次查阅", reason)],
    }
    today = today_in_office()
    home = _home(conn, subject) or next((row.county for row in live if row.county), None)
    about = f"{today} 应本人申请出具；更正、撤回请联系{contact_for(conn, settings.area, home)}"
    return Account(today, tuple(_sheet(name, about, rows) for name, rows in tabs.items()))


def _sheet(name: str, about: str, rows: Sequence[tuple[str, ...]]) -> Sheet:
    """A sheet of the copy; one without a row says that there is nothing."""
    nothing = [("（无）", *[""] * (len(_COLUMNS[name]) - 1))]
    return Sheet(name, f"{TITLE} · {name}", about, _COLUMNS[name], rows or nothing)


def _said(
    conn: sa.Connection, keys: KeyRing, live: Sequence[Any], names: Mapping[str, str], places: Mapping[str, str]
) -> list[tuple[str, ...]]:
    """What each partner says of the person."""
    people = open_personal(conn, keys, [row.record_id for row in live])
    trades: dict[str, str] = {
        row.code: row.name for row in conn.execute(sa.select(occupation.c.code, occupation.c.name))
    }
    return [
        line
        for row in live
        for line in _facts(
            names[row.partner], row, people.get(row.record_id), places, trades.get(row.occupation, row.occupation)
        )
    ]


def _remembered(conn: sa.Connection, keys: KeyRing, settings: Settings, subject: Subject) -> list[tuple[str, str, str]]:
    """What the office put in place of a partner's own values, as long as that holds."""
    value, opener = remembered_value, Opener(keys)
    query = sealed_with_salt(value, value.c.partner, value.c.field).where(
        value.c.record_id.in_(subject.records), value.c.ended_at.is_(None)
    )
    rows = conn.execute(query.order_by(value.c.value_id)).all()
    names = partner_names(settings, {row.partner for row in rows})
    words = {field: header for header, field in TEMPLATE_V1.items()}
    return [(names[row.partner], f"更正：{words[row.field]}", opener.open(row).name) for row in rows]


def _worked(
    conn: sa.Connection, live: Sequence[Any], names: Mapping[str, str], places: Mapping[str, str]
) -> list[tuple[str, ...]]:
    """From when to when the person worked where."""
    return [
        (names[row.partner], str(spell.starts_on), str(spell.ends_on or ""), places.get(spell.county or "", ""),
         spell.station, SPELL_ENDS.get(spell.cause, "") if spell.cause else "至今")
        for row in live
        for spell in spells(conn, row.partner, [row.record_id])[row.record_id]
    ]  # fmt: skip


def _home(conn: sa.Connection, subject: Subject) -> str | None:
    """The county that serves the person, as the newest pool says: that of the sheets they stand on."""
    newest = sa.select(pool_person.c.home_county).where(pool_person.c.person_id == subject.person)
    return conn.scalar(newest.order_by(pool_person.c.snapshot_id.desc()).limit(1))


def _facts(
    partner: str, row: Any, person: Personal | None, places: Mapping[str, str], trade: str
) -> list[tuple[str, str, str]]:
    values: dict[str, Any] = {
        "工号": row.staff_no,
        "姓名": person.name if person else "（已删除）",
        "名册中的原始写法": person.name_original if person else "",
        "证件号码": person.document_no if person else "",
        "手机号码": person.mobile if person else "",
        "备用手机": person.mobile2 if person else "",
        "性别": SEX.get(row.sex, "未注明"),
        "出生日期": row.birth_date,
        "区县": places.get(row.county or "", row.county),
        "站点": row.station,
        "从业类别": trade,
        "入职日期": row.hired_on,
        "离职日期": row.left_on,
        "授权日期": row.consented_on,
        "告知版本": row.notice_version,
        "首次出现": row.first_seen,
        "当前版本自": row.valid_from,
        "状态": STATUS.get(row.status, row.status),
    }
    return [(partner, name, str(value)) for name, value in values.items() if value not in (None, "")]


def _set_aside(partner: str, each: Aside) -> tuple[str, ...]:
    """Kept sealed until the partner corrects it. What may be another person's is not shown to this one."""
    why = "；".join(reasons()[code].text_zh for code in each.row.codes if code != DOUBTFUL) or "等待核实"
    said = each.row.personal
    values = {"姓名": said.name, "证件号码": said.document_no, "手机号码": said.mobile, "备用手机": said.mobile2}
    told = "；".join(f"{name}：{value}" for name, value in values.items() if value)
    return partner, str(each.row.as_of), why, told if each.plain else "（该行还写有他人的信息，内容不出示）"


def _seen(conn: sa.Connection, subject: Subject) -> list[tuple[str, ...]]:
    names = names_on_record(conn, subject.person) if subject.person else [subject.name]
    known = sorted((row for name in names for row in entries(conn, name)), key=lambda row: row["seq"])
    return [(_clock(row["at"]), row["actor"], _done(row), why(row["reason"])) for row in known]


def _done(row: dict[str, Any]) -> str:
    registered = row["action"] == "access" and row["details"].get("step") == "registered"
    return "登记查阅" if registered else ACTIONS.get(row["action"], row["action"])


def _clock(at: datetime) -> str:
    return at.astimezone(OFFICE_TIME).strftime("%Y-%m-%d %H:%M:%S")
