"""Collect what a version of the notice says: from the office's table of notices, its contacts, and the declarations.

The purposes are those of the version in the table, and no others; the kinds of data and how long they are kept are what the
partners' declarations say. Nothing here writes: a new version is the office's act (`talentpool reference set notice`).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import sqlalchemy as sa

from talentpool.declare import TEMPLATE_V1, Campaign, Partner
from talentpool.declare.form import FORM_WORDS
from talentpool.errors import UsageError
from talentpool.model import contact, notice
from talentpool.reference import contact_for
from talentpool.texts.fields import field_words

REGISTRY = "registry"
REGISTERED = "建立青年人才库：了解快递、外卖、网约车等新兴青年的人数与分布，联系本人，提供服务"
KEPT_YEARS = 3
"""How long it is on record to whom a list left: as the law asks of whoever provides data."""


@dataclass(frozen=True)
class Purpose:
    """One tick of the slip. `words`: what the data are used for; '' = no campaign is declared for it."""

    code: str
    name: str
    words: str


@dataclass(frozen=True)
class Section:
    """A part of the notice: paragraphs, then a table of rows under `head`, where it has one."""

    title: str
    texts: tuple[str, ...]
    head: tuple[str, ...] = ()
    rows: tuple[tuple[str, ...], ...] = ()


@dataclass(frozen=True)
class Notice:
    """A version as it is printed. `published`: in words; `without`: (campaign, purpose) that no version names at all;
    `elsewhere`: those that only other versions name; `warnings`: what is missing in it."""

    version: str
    office: str
    published: str
    sections: tuple[Section, ...]
    purposes: tuple[Purpose, ...]
    partners: tuple[str, ...]
    without: tuple[tuple[str, str], ...]
    elsewhere: tuple[tuple[str, str], ...]
    warnings: tuple[str, ...]


def notice_of(
    conn: sa.Connection, version: str, area: str, partners: Sequence[Partner], campaigns: Sequence[Campaign]
) -> Notice:
    """The version for these partners (those whose basis is consent); UsageError where there is no such version."""
    table = conn.execute(sa.select(notice).order_by(notice.c.version, notice.c.purpose)).all()
    rows = [row for row in table if row.version == version]
    if not rows:
        known = "、".join(sorted({row.version for row in table})) or "（还没有）"
        raise UsageError(
            f"没有告知书版本 {version}；已登记的有 {known}。新版本由单位公布并登记：talentpool reference set notice"
        )
    asked = [partner for partner in partners if partner.basis.kind == "consent"]
    named, everywhere = {row.purpose for row in rows}, {row.purpose for row in table}
    purposes = tuple(_purpose(code, campaigns) for code in sorted(named, key=lambda code: (code != REGISTRY, code)))
    office = contact_for(conn, area)
    reached = conn.scalar(sa.select(sa.exists().where(contact.c.area == area)))
    days = {row.published_on for row in rows}
    return Notice(
        version=version,
        office=office,
        published=_published(days),
        sections=tuple(_sections(office, purposes, asked)),
        purposes=purposes,
        partners=tuple(partner.name for partner in asked),
        without=tuple((one.name, one.purpose) for one in campaigns if one.purpose not in everywhere),
        elsewhere=tuple((one.name, one.purpose) for one in campaigns if one.purpose in everywhere - named),
        warnings=tuple(_warnings(bool(reached), days, purposes, asked)),
    )


def _purpose(code: str, campaigns: Sequence[Campaign]) -> Purpose:
    if code == REGISTRY:
        return Purpose(code, "青年人才库", REGISTERED)
    of = [one for one in campaigns if one.purpose == code]
    words = "；".join(f"按公布的条件确定名单，{FORM_WORDS[one.form].act}{one.item}" for one in of)
    return Purpose(code, "、".join(one.name for one in of) or code, words)


def _published(days: set[date | None]) -> str:
    known = sorted(day for day in days if day is not None)
    if not known:
        return "公布日期未登记"
    return f"{known[-1].year} 年 {known[-1].month} 月 {known[-1].day} 日公布"


def _warnings(
    reached: bool, days: set[date | None], purposes: Sequence[Purpose], partners: Sequence[Partner]
) -> list[str]:
    said = []
    if not reached:
        said.append("联系方式没有登记，告知书上只有单位名称：talentpool reference set contact")
    if None in days or len(days) > 1:
        said.append("公布日期没有登记，或各用途不同；只覆盖公布之日起的同意：talentpool reference set notice")
    said += [f"用途 {one.code} 没有对应的活动声明，告知书上写不出用来做什么" for one in purposes if not one.words]
    if not partners:
        said.append("没有以本人同意为依据的合作单位")
    return said


def _sections(office: str, purposes: Sequence[Purpose], partners: Sequence[Partner]) -> list[Section]:
    names = "、".join(partner.name for partner in partners) or "（没有）"
    raw, left = (
        max((getattr(one.retention, name) for one in partners), default=0) for name in ("raw_days", "left_days")
    )
    return [
        Section("一、谁处理您的信息", (
            f"个人信息处理者：{office}。",
            f"经您同意，由您所在的单位向我们提供：{names}。各单位只提供本告知书列明的信息，只用于下列用途。",
        )),
        Section("二、用来做什么", ("每一项用途分别征求同意，您可以只同意其中几项。没有列在这里的用途，我们不会使用您的信息。",),
                ("用途", "说明"), tuple((one.name, one.words or "（未说明）") for one in purposes)),
        Section("三、处理哪些信息", (
            "证件号码和手机号码用来确认是不是同一个人、避免重复领取，并在领取前与您联系；加密保存，页面上只显示部分数字。它们一旦泄露可能"
            "被用于冒名、骚扰，因此只有登记在册的专员为说明了的理由才能查看，每次查看都有记录。",
            "不收集银行账户、行踪定位、人脸和证件照片、健康检查结果、政治面貌和宗教信仰；不满 14 周岁的人不收录。",
        ), ("信息", "说明"), _kinds(partners)),
        Section("四、怎样处理", (
            "名册加密接收和保存；区县只看到在本区县工作的人；发放表只含领取所需的内容，加密交给指定的接收方。",
            "名单按公布的条件产生，不评分、不画像；您可以要求说明为什么在或不在名单上。",
        )),
        Section("五、保存多久", (
            f"单位报送的原始文件保存 {raw} 天；您离职后，信息最多再保存 {left} 天；您撤回同意的，核对身份后即删除。",
            f"向谁提供过名单的记录依法保存 {KEPT_YEARS} 年。",
        )),
        Section("六、您的权利", (
            "您可以查阅、复制您的信息，要求更正、补充；可以随时撤回同意，或只不参加某一项活动；可以要求说明处理规则。撤回一经提出立即停止使用，"
            "不影响撤回之前的处理。",
            "不同意或撤回，不影响您的工作和报酬，只是不能参加相应的活动。",
            f"提出的办法：告诉所在单位、所在区县团委，或直接联系{office}。对处理有异议的，可以向网信部门投诉。",
        )),
    ]  # fmt: skip


def _kinds(partners: Sequence[Partner]) -> tuple[tuple[str, str], ...]:
    """What some partner's roster has, under the names of the standard template; how it is to be filled in is the partner's."""
    given = {field for partner in partners for field in partner.format.columns.values()}
    return tuple(
        (header, re.split("[，；]", field_words()[field].meaning)[0])
        for header, field in TEMPLATE_V1.items()
        if field in given
    )
