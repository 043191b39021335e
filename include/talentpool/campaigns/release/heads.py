"""Say what stands above and below a list, on a screen and on paper: title, passport, for whom, and what is counted."""

from __future__ import annotations

from collections.abc import Container, Sequence
from datetime import date
from uuid import UUID

from talentpool.campaigns.life.states import OPEN, STATE_WORDS
from talentpool.campaigns.lists import Stored
from talentpool.campaigns.release.lines import ENTITLED, NO_MOBILE, OUTCOMES, TWINS, Line, Mark
from talentpool.declare.form import FORM_WORDS
from talentpool.declare.occasion import say_cycle

MOST_IN_FOOTER = 40
"""Characters of a recipient's name: a footer holds 255 in all."""
MEANINGS = {
    "行号": "本名单内的编号，末位为校验位；回执按行号核对，请勿修改",
    "手机": "仅显示本单位名册中的号码的末四位；“无手机”是名册中没有可用的号码，请当面通知",
    "发放": "站点：由站点负责人代发；区县：由区县团委直接发放",
    "签收": "本人签名；代领请在备注中注明",
    "结果": f"从下拉列表中选一项：{'、'.join(OUTCOMES)}",
    "数量": f"填实际领取的份数，整数，0 至 {ENTITLED}；没有领取的填 0",
    "领取日期": "填实际领取的日期，如 2026-12-20；没有领取的不填",
    "备注": f"“{TWINS}”：与所列行号姓名相同，手机或站点与入职日期也相同。发放前请核对；是同一人的只发一份，并告知市级专员",
}
PRIVACY = "本表含个人信息，仅限本次活动使用；不得转发、公开，活动结束并交回回执后按规定销毁"


def erased(lines: Sequence[Line]) -> int:
    return sum(line.is_erased for line in lines)


def counted(lines: Sequence[Line], shown: Container[UUID]) -> tuple[int, ...]:
    """People to hand out to, those without a mobile, those with a twin."""
    without, twins = (line.mobile == NO_MOBILE for line in lines), (bool(line.remark(shown)) for line in lines)
    return len(lines) - erased(lines), sum(without), sum(twins)


def said(lines: Sequence[Line]) -> str:
    people, without, twins = counted(lines, {line.row.person_id for line in lines})
    more = [f"{n} 人{what}" for n, what in ((without, NO_MOBILE), (twins, TWINS)) if n]
    total = f"共 {people} 人" + (f"（其中 {'，'.join(more)}）" if more else "")
    gone = erased(lines)
    return f"{total}，另有 {gone} 行信息已删除，不发放" if gone else total


def in_order(lines: Sequence[Line], mark: Mark | None) -> list[Line]:
    ordered = sorted(lines, key=lambda line: line.order)
    return mark.arrange(ordered) if mark else ordered


def title(stored: Stored, place: str) -> str:
    draft = "【草稿】" if stored.state in OPEN else ""
    return f"{draft}{stored.passport['name']}（{say_cycle(stored.cycle)}）关爱名单 · {place}"


def subtitle(stored: Stored, count: str, mark: Mark | None) -> str:
    line = f"名册日期 {say_day(stored.as_of)}　名单编号 {stored.list_id}　校验值 {stored.content_hash[:12]}"
    line = f"{count}　{line}" if count else line
    return f"{line}　{for_whom(mark)}" if mark else line


def header(stored: Stored) -> str:
    return f"更正信息或撤回授权：{stored.passport['contact']}"


def footer(stored: Stored, mark: Mark | None) -> str:
    line = f"名单编号 {stored.list_id}　校验值 {stored.content_hash[:12]}　含个人信息，请妥善保管"
    return f"{for_whom(mark, MOST_IN_FOOTER)}\n{line}" if mark else line


def for_whom(mark: Mark, most: int | None = None) -> str:
    return f"导出编号 {mark.export_id}　仅供 {mark.recipient[:most]} 使用　{mark.made_on} 导出，使用至 {mark.use_until}"


def campaign_facts(stored: Stored) -> list[tuple[str, str]]:
    return [
        ("活动", f"{stored.passport['name']}（{say_cycle(stored.cycle)}）"),
        ("用途", f"{FORM_WORDS[stored.passport.get('form', 'kit')].act}{stored.passport['item']}；不作其他用途"),
        *((label, text) for label, text in stored.passport.get("told", [])),
        ("名册日期", f"{say_day(stored.as_of)}（名单按当日名册生成，此后的变动见下一期）"),
    ]


def passport_facts(stored: Stored, mark: Mark | None) -> list[tuple[str, str]]:
    approvals = "、".join(stored.passport["approvals"]) or "本活动无需审批"
    if stored.state == "draft":
        approvals = "草稿，尚未锁定，不得据此发放"
    return [
        ("名单状态", STATE_WORDS[stored.state]),
        ("审批", approvals),
        ("名单编号", str(stored.list_id)),
        ("名单校验值", stored.content_hash),
        ("更正与撤回", stored.passport["contact"]),
        *(
            [("导出", for_whom(mark)), ("使用期限", f"{say_day(mark.use_until)}止；到期后不得再用，按规定销毁")]
            if mark
            else []
        ),
    ]


def say_day(day: date) -> str:
    return f"{day.year} 年 {day.month} 月 {day.day} 日"
