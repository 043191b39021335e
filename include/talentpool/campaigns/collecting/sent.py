"""Take a sheet that came without an officer: its list is the one that it names, its rows are those of whoever sent it.

The name of a file says nothing: whose it is follows from where it came from. The same bytes from the same sender are a receipt
once, however often they come, so that a run that was killed may begin again.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import date

import sqlalchemy as sa

from talentpool.campaigns.collecting.senders import Sender
from talentpool.campaigns.life.states import FROZEN
from talentpool.campaigns.receipts.reading import Written, read_sheet
from talentpool.campaigns.receipts.taking import Bearer, Returned, take_written
from talentpool.errors import RejectedError, UsageError
from talentpool.model import target_list, target_row
from talentpool.office import Office

NAME = "回执表"
"""What is said of a file instead of its name, which its sender chose."""
LARGEST = 8 * 1024 * 1024
"""Bytes of a sheet, as on the page."""


@dataclass(frozen=True, repr=False)
class Sent:
    """What came of a file. `refused`: why nothing of it was taken, '' where it was looked at row by row."""

    returned: Returned | None
    refused: str = ""


def take_sent(office: Office, data: bytes, sender: Sender, *, today: date, via: str) -> Sent:
    """Take what a sender may say. Nothing is raised for a file that is wrong: it is refused, in words without its values."""
    try:
        if len(data) > LARGEST:
            raise UsageError(f"文件超过 {LARGEST // 1024**2} MB，没有登记；请用下发的原表")
        most = _most(office, sender)
        if not most:
            raise UsageError("现在没有等待这个接收方回执的名单，没有登记")
        written = read_sheet(data, NAME, most)
        list_id = _named(written)
        _refuse_strange(office, list_id, sender)
        bearer = Bearer(f"sent:{sender.code}", tuple(sender.theirs()), once=True)
        sha256 = hashlib.sha256(data).hexdigest()
        return Sent(take_written(office, list_id, written, bearer, sha256=sha256, today=today, via=via))
    except (UsageError, RejectedError) as error:
        return Sent(None, str(error))


def _most(office: Office, sender: Sender) -> int:
    """How many people the largest list has that is out and holds rows of the sender: no more rows are parsed, and a fifth."""
    of, row = target_list.c, target_row.c
    held = sa.exists().where(row.list_id == of.list_id, row.selected, *sender.theirs())
    with office.engine.connect() as conn:
        return conn.scalar(sa.select(sa.func.max(of.selected)).where(of.state.in_(FROZEN), held)) or 0


def _named(written: Written) -> int:
    if len(written.numbers) != 1:
        said = "没有写明名单编号" if not written.numbers else "写了不止一个名单编号"
        raise UsageError(f"表头{said}，没有登记；请用下发的原表，不要改动表头")
    (number,) = written.numbers
    if not 0 < number < 2**53:
        raise UsageError("表头的名单编号不存在，没有登记；请用下发的原表")
    return number


def _refuse_strange(office: Office, list_id: int, sender: Sender) -> None:
    """A list that has no row of the sender is to it as one that does not exist."""
    row = target_row.c
    held = sa.exists().where(row.list_id == list_id, row.selected, *sender.theirs())
    with office.engine.connect() as conn:
        if not conn.scalar(sa.select(held)):
            raise UsageError(f"没有发给您的名单 {list_id}，没有登记；请用下发的原表")
