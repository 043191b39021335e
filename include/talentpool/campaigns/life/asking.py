"""Keep the questions about lists that Airflow asks: which share of which list, what was shown, and the answer.

A task asks; which list it shows and with which content is a row of ours (list_question). What anybody answers is decided
as on the page and on the command line (approving.py). What a task finds out later it reads here, never in what Airflow
carries from task to task.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import date
from typing import Literal

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from talentpool.area import county_names
from talentpool.campaigns import lists
from talentpool.campaigns.life.acting import is_cancelled
from talentpool.campaigns.life.approver import Approver
from talentpool.campaigns.life.approving import ROLE_WORDS, Word, say
from talentpool.campaigns.life.states import OPEN
from talentpool.campaigns.life.steps import Step, missing, steps
from talentpool.campaigns.lists import Stored
from talentpool.campaigns.round import Round
from talentpool.errors import ConflictError, RefusedError
from talentpool.model import list_question, target_list
from talentpool.office import Office
from talentpool.texts.redact import redact

Where = Literal["waiting", "approved", "not_needed", "cancelled", "gone"]
"""Somebody must approve; somebody has; the list as it is now has no such step; the round does not take place; the draft is
no more, and nothing was locked."""
WAIT = "30s"
"""How long an answer waits for whoever has the list in hand."""


@dataclass(frozen=True)
class Place:
    """Which task of Airflow asks."""

    dag_id: str
    run_id: str
    task_id: str
    map_index: int


@dataclass(frozen=True)
class Share:
    """What a task asks about: a county's share, or the city's first, second ... approval of the whole list (`nth`: 0, 1 ...)."""

    county: str | None = None
    nth: int = 0


@dataclass(frozen=True)
class Standing:
    """How a share stands. `step`, `body`: whose approval it needs, and what the question shows, where somebody must approve."""

    where: Where
    list_id: int | None = None
    step: Step | None = None
    place: str = ""
    body: str = ""


def counties_on(conn: sa.Connection, office: Office, drawn: Round) -> list[tuple[str, str]]:
    """(code, name) of the counties whose officers approve a share of the round's draft; none where it is locked."""
    draft, names = lists.open_draft(conn, drawn), county_names(conn, office.settings.area)
    every = steps(conn, draft.list_id) if draft is not None else []
    return [(step.county, names.get(step.county, step.county)) for step in every if step.county is not None]


@contextmanager
def asking(conn: sa.Connection, office: Office, place: Place, drawn: Round, share: Share) -> Iterator[Standing]:
    """How the share stands. Where somebody must approve it, the question is on record once the block, which puts it to them,
    has ended well and the caller's transaction is committed; no decision comes between."""
    lists.serialize(conn, drawn.campaign.purpose, drawn.cycle)
    found = _standing(conn, office, drawn, share)
    if found.step is not None and found.list_id is not None:
        shown = {
            "list_id": found.list_id, "number": found.step.number, "county": found.step.county, "body": found.body,
            "content_hash": lists.find(conn, found.list_id).content_hash, "asked_at": sa.func.now(),
        }  # fmt: skip
        row = insert(list_question).values(**asdict(place), **shown)
        conn.execute(row.on_conflict_do_update(index_elements=list(list_question.primary_key), set_=shown))
    yield found


def asked(conn: sa.Connection, office: Office, place: Place, drawn: Round, share: Share) -> tuple[Standing, bool]:
    """How the share stands now, and whether the question still shows it so. Waits for a decision that is just being taken."""
    lists.serialize(conn, drawn.campaign.purpose, drawn.cycle)
    found, row = _standing(conn, office, drawn, share), _row(conn, place)
    return found, row is not None and row.body == found.body


def shown(conn: sa.Connection, place: Place) -> str | None:
    """What a task's question shows; None where it has asked nothing."""
    row = _row(conn, place)
    return str(row.body) if row is not None else None


@contextmanager
def answering(
    conn: sa.Connection, office: Office, place: Place, who: Approver, today: date, *, approve: bool, comment: str
) -> Iterator[None]:
    """Take the answer to a task's question: written in the caller's transaction, before the block, which tells Airflow.

    ConflictError, in Chinese, when it comes too late or to something else than is there; RefusedError, in Chinese, when it is
    not `who`'s to give; else UsageError.
    """
    conn.execute(sa.select(sa.func.set_config("lock_timeout", WAIT, True)))
    row = _row(conn, place)
    if row is None:
        raise ConflictError("这个任务没有提出过问题，回答未被采纳；请从“待响应的任务实例”中进入")
    state = conn.scalar(sa.select(target_list.c.state).where(target_list.c.list_id == row.list_id))
    if state not in OPEN:
        raise ConflictError("提问之后名单已经锁定、取消或重新拟定，回答未被采纳；请刷新后再看")
    step = next((one for one in steps(conn, row.list_id) if one.number == row.number), None)
    if step is None or step.county != row.county:
        raise ConflictError("提问之后名单有变动（例如区县移出），回答未被采纳；请刷新后再看")
    if step.approved_by is not None:
        raise ConflictError(f"这一部分已由 {redact(step.approved_by)} 审批，回答未被采纳；无需再处理")
    word = Word(approve=approve, county=row.county, comment=comment, seen=row.content_hash, number=row.number)
    try:
        say(conn, office, row.list_id, who, word, today)
    except RefusedError as refused:
        raise RefusedError(refused.code, _not_yours(conn, office, step, refused.code)) from None
    yield


def _not_yours(conn: sa.Connection, office: Office, step: Step, code: str) -> str:
    if code == "same_person":
        return "您拟定了这份名单，或已在另一环节审批过；须由另一人审批，您的回答未被采纳。"
    return f"这一部分由{_name(conn, office, step)}（或其代理人）审批；您的角色不能回答，未执行任何操作。"


def _row(conn: sa.Connection, place: Place) -> sa.Row | None:
    of = list_question.c
    found = sa.and_(*(of[name] == value for name, value in asdict(place).items()))
    return conn.execute(sa.select(list_question).where(found)).one_or_none()


def _standing(conn: sa.Connection, office: Office, drawn: Round, share: Share) -> Standing:
    locked = lists.find_locked(conn, drawn.campaign.code, drawn.cycle)
    if locked is not None:
        return Standing("approved" if locked.as_of == drawn.as_of else "not_needed", locked.list_id)
    draft = lists.open_draft(conn, drawn)
    if draft is None:
        return Standing("cancelled" if is_cancelled(conn, drawn.campaign.code, drawn.cycle) else "gone")
    step = _step(steps(conn, draft.list_id), share)
    if step is None:
        return Standing("not_needed", draft.list_id)
    if step.approved_by is not None:
        return Standing("approved", draft.list_id)
    return Standing("waiting", draft.list_id, step, _name(conn, office, step), _body(conn, office, draft, step))


def _step(every: list[Step], share: Share) -> Step | None:
    if share.county is not None:
        return next((step for step in every if step.county == share.county), None)
    city = [step for step in every if step.county is None]
    return city[share.nth] if share.nth < len(city) else None


def _name(conn: sa.Connection, office: Office, step: Step) -> str:
    if step.county is None:
        return ROLE_WORDS[step.role]
    return f"{county_names(conn, office.settings.area).get(step.county, step.county)}{ROLE_WORDS[step.role]}"


def _body(conn: sa.Connection, office: Office, draft: Stored, step: Step) -> str:
    """What the person reads (Markdown): counts, and no person."""
    names = county_names(conn, office.settings.area)
    whose = "全市" if step.county is None else f"{names.get(step.county, step.county)}的份额"
    lines = [
        f"**{draft.passport['name']}**（{draft.cycle}），名单 {draft.list_id}，数据日期 {draft.as_of}，"
        f"内容指纹 {draft.content_hash[:12]}",
        f"请{_name(conn, office, step)}审批{whose}：{step.people:,} 人（全名单入选 {draft.selected:,} 人）。",
        f"依据：{draft.passport['rule']}" if draft.passport.get("rule") else "",
    ]
    if step.returned_by is not None:
        lines.append(
            f"**已由 {redact(step.returned_by)} 退回：{redact(step.comment)}** 请市级专员处理后重新拟定；"
            "份额没有变动而问题已说清的，也可以直接批准。"
        )
    waits = [names.get(one.county, one.county) for one in missing(conn, draft.list_id) if one.county is not None]
    if step.county is None and waits:
        lines.append(f"还有区县没有审批：{'、'.join(waits)}。区县都审批后，此处的回答才被采纳。")
    lines.append(
        "名单上的人与每个人的理由请在“名单”页查看。选择“退回”须填写意见；意见会永久留存并告知拟定人，请勿写入个人信息。"
    )
    return "\n\n".join(line for line in lines if line)
