"""Tell for a person's copy what lists say of them and what came of each: receipts, marks at a hand-out, sign-ups, call-backs,
complaints, words by hand. A list knows a person by the id of its day, or by the record that its sheet shows."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from talentpool.campaigns import lists
from talentpool.campaigns.following.complaints import CATEGORIES
from talentpool.campaigns.following.spot_check import ANSWER_WORDS
from talentpool.campaigns.life.states import FROZEN, ListState
from talentpool.campaigns.receipts.outcomes import OUTCOME_WORDS, WAY_WORDS
from talentpool.campaigns.receipts.told import Stand, stands_of
from talentpool.campaigns.release.plans import holds
from talentpool.campaigns.selection.exceptions import REASONS
from talentpool.campaigns.sessions.slots import slots_of
from talentpool.declare import Campaign, readable_campaigns
from talentpool.declare.rules import list_reasons
from talentpool.handout_host.said import SIGNERS
from talentpool.model import (
    complaint,
    handout_entry,
    handout_event,
    list_exception,
    person_redirect,
    provision,
    record_person,
    session_signup,
    spot_check_row,
    spot_check_word,
    target_list,
    target_row,
    use_stop,
)
from talentpool.office_day import OFFICE_TIME
from talentpool.services.rights.subject import Subject
from talentpool.settings import Settings

FIELDS = {"name": "姓名", "sex": "性别", "partner": "单位", "station": "站点", "mobile (masked)": "手机（仅末四位）"}
Cells = tuple[str, ...]


def ids_of(conn: sa.Connection, person: UUID | None) -> list[UUID]:
    """What the person is called today, and was called before each merge."""
    if person is None:
        return []
    return [person, *conn.scalars(sa.select(person_redirect.c.old_id).where(person_redirect.c.new_id == person))]


def judged(conn: sa.Connection, subject: Subject) -> list[Cells]:
    """Lists that were locked or voided and judged the person: on it or not, and why."""
    query = (
        sa.select(target_list.c.passport, target_list.c.cycle, target_list.c.as_of, target_row.c.selected,
                  target_row.c.reason, target_list.c.state)
        .join(target_row, target_row.c.list_id == target_list.c.list_id)
        .where(_theirs(conn, subject), target_list.c.state.in_((*FROZEN, ListState.VOID)))
        .order_by(target_list.c.as_of, target_list.c.list_id, target_row.c.row_id)
    )  # fmt: skip
    words = list_reasons()
    return [
        (
            row.passport["name"] + ("（已作废）" if row.state == "void" else ""),
            row.cycle,
            str(row.as_of),
            "入选" if row.selected else "未入选",
            words.get(row.reason, row.reason),
        )
        for row in conn.execute(query)
    ]


def provided(conn: sa.Connection, subject: Subject) -> list[Cells]:
    """Exports whose sheets name the person (PIPL 23): to whom, for what, which kinds of values, until when."""
    query = (
        sa.select(provision, target_list.c.passport["name"].astext.label("campaign"))
        .join(target_list, target_list.c.list_id == provision.c.list_id)
        .join(target_row, target_row.c.list_id == provision.c.list_id)
        .where(_theirs(conn, subject), target_row.c.selected, holds(), provision.c.state == "made")
        .order_by(provision.c.export_id)
    )
    return [
        (str(row.made_on), row.recipient_facts["name"], row.campaign, "、".join(FIELDS.get(name, name) for name in row.fields),
         str(row.use_until))
        for row in conn.execute(query)
    ]  # fmt: skip


def came_of(conn: sa.Connection, settings: Settings, subject: Subject) -> list[Cells]:
    """What is kept of the person beside the lists: campaign, round, kind, day, words."""
    query = (
        sa.select(target_list.c.list_id, target_list.c.passport, target_list.c.cycle, target_row.c.row_id)
        .join(target_row, target_row.c.list_id == target_list.c.list_id)
        .where(_theirs(conn, subject), target_row.c.selected, target_list.c.locked_at.is_not(None))
        .order_by(target_list.c.as_of, target_list.c.list_id, target_row.c.row_id)
    )
    rows = conn.execute(query).all()
    stands = stands_of(conn, [(row.list_id, row.row_id) for row in rows], officer=False)
    found: list[Cells] = []
    for row in rows:
        stand = stands.get((row.list_id, row.row_id))
        told: list[Cells] = [] if stand is None else [("回执", str(stand.on_day or _day(stand.at)), _received(stand))]
        for what in (_handed_out, _signed_up, _called_back, _complained):
            told.extend(what(conn, row.list_id, row.row_id))
        found.extend((row.passport["name"], row.cycle, *cells) for cells in told)
    campaigns = readable_campaigns(settings.campaign_dirs)[0]
    return [
        *found,
        *_by_hand(conn, campaigns, ids_of(conn, subject.person)),
        *_stopped(conn, campaigns, subject.records),
    ]


def _theirs(conn: sa.Connection, subject: Subject) -> sa.ColumnElement[bool]:
    """As campaigns/forgetting.py finds the rows of a person; but not those of whoever was split off since."""
    of = target_row.c
    parted = sa.exists().where(record_person.c.record_id == of.record_id, record_person.c.person_id != subject.person)
    called = sa.and_(of.person_id.in_(ids_of(conn, subject.person)), ~parted)
    return sa.or_(called, of.record_id.in_(subject.records))


def _day(at: Any) -> str:
    return at.astimezone(OFFICE_TIME).date().isoformat()


def _received(stand: Stand) -> str:
    """What stands, by which way it is known, and who corrected it why."""
    count = f" {stand.delivered} 份" if stand.delivered else ""
    said = f"{OUTCOME_WORDS[stand.outcome]}{count}（{WAY_WORDS.get(stand.via, stand.via)}）"
    return f"{said}；{stand.by.removeprefix('login:')}更正：{stand.reason}" if stand.correction else said


def _handed_out(conn: sa.Connection, list_id: int, row_id: str) -> Iterator[Cells]:
    """Marks by phone, where somebody signed."""
    of, event = handout_entry.c, handout_event.c
    query = (
        sa.select(of.made_at, of.signer)
        .join(handout_event, event.event_id == of.event_id)
        .where(event.list_id == list_id, of.row_id == row_id)
        .order_by(of.made_at)
    )
    for row in conn.execute(query):
        yield "现场签收", _day(row.made_at), SIGNERS[row.signer]


def _signed_up(conn: sa.Connection, list_id: int, row_id: str) -> Iterator[Cells]:
    """The sign-up for a session, as long as it is kept."""
    of = session_signup.c
    query = sa.select(of.slot).where(of.list_id == list_id, of.row_id == row_id).order_by(of.entry_id.desc()).limit(1)
    number = conn.scalar(query)
    if number is not None:
        words = {slot.number: slot.told() for slot in slots_of(lists.find(conn, list_id))}
        yield "场次报名", "", words.get(number, f"场次 {number}") if number else "已取消报名"


def _called_back(conn: sa.Connection, list_id: int, row_id: str) -> Iterator[Cells]:
    """That the person was drawn to be called back, and what they answered."""
    drawn, of = spot_check_row.c, spot_check_word.c
    said = conn.execute(
        sa.select(of.made_at, of.answer).where(of.list_id == list_id, of.row_id == row_id).order_by(of.word_id)
    ).all()
    there = sa.exists().where(drawn.list_id == list_id, drawn.row_id == row_id)
    if not said and conn.scalar(sa.select(there)):
        yield "回访", "", "抽中回访，还没有答复"
    for row in said:
        yield "回访", _day(row.made_at), ANSWER_WORDS[row.answer]


def _complained(conn: sa.Connection, list_id: int, row_id: str) -> Iterator[Cells]:
    of = complaint.c
    query = sa.select(complaint).where(of.list_id == list_id, of.row_id == row_id).order_by(of.complaint_id)
    for row in conn.execute(query):
        words = [CATEGORIES[row.category], row.note, f"答复：{row.answer}" if row.answer else "还没有答复"]
        yield "投诉", str(row.on_day), "；".join(one for one in words if one)


def _by_hand(conn: sa.Connection, campaigns: Sequence[Campaign], ids: Sequence[UUID]) -> list[Cells]:
    """Put on a campaign's lists, or kept off them, by two people; asked for, in force or over."""
    names = {one.code: one.name for one in campaigns}
    rows = conn.execute(
        sa.select(list_exception).where(list_exception.c.person_id.in_(ids)).order_by(list_exception.c.exception_id)
    )
    return [
        (names.get(row.campaign, row.campaign), "", "人工列入" if row.effect == "in" else "人工不列入", _day(row.made_at),
         f"{REASONS[row.effect].get(row.reason, row.reason)}；{_held(row)}")
        for row in rows
    ]  # fmt: skip


def _stopped(conn: sa.Connection, campaigns: Sequence[Campaign], records: Sequence[UUID]) -> list[Cells]:
    """What the person asked not to be used for, now or before."""
    of = use_stop.c
    query = sa.select(of.request_id, of.purpose, of.stopped_at, of.lifted_at).where(of.record_id.in_(records))
    found = {row.request_id: row for row in conn.execute(query.order_by(of.request_id))}
    return [
        ("、".join(one.name for one in campaigns if one.purpose == row.purpose) or row.purpose or "全部", "",
         "不参加" if row.purpose else "停止使用", _day(row.stopped_at),
         f"第 {number} 号申请；{f'{_day(row.lifted_at)} 已撤销' if row.lifted_at else '有效'}")
        for number, row in found.items()
    ]  # fmt: skip


def _held(row: Any) -> str:
    if row.ended_at is not None:
        return f"{_day(row.ended_at)} 已结束"
    return f"有效期至 {row.until_day}" if row.confirmed_at is not None else "还没有第二人确认，没有生效"
