"""Take a sheet of sign-ups for a session: which row of the list wants which slot. Good lines are taken, faults come back.

Sign-ups come to this office, from its officers; nobody's employer brings or sees them. A row's last word stands; who signs up
first has the seats. More than a slot takes wait in line, and move up when somebody takes a sign-up back.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa

from talentpool.campaigns import lists
from talentpool.campaigns.life.approver import Approver
from talentpool.campaigns.life.states import FROZEN, STATE_WORDS, ListState
from talentpool.campaigns.lists import Stored
from talentpool.campaigns.receipts.annotated import annotated
from talentpool.campaigns.receipts.judging import Fault, plain_id
from talentpool.campaigns.receipts.reading import ROW_ID, SIGN_UPS, Line, read_sheet
from talentpool.campaigns.receipts.taking import refuse_other, speaks_for
from talentpool.campaigns.sessions.line import Signed, signed_up
from talentpool.campaigns.sessions.slots import CANCELLED, SLOT, Slot, read_slot, slots_of
from talentpool.campaigns.withdrawn import is_withdrawn
from talentpool.errors import ConflictError, UsageError
from talentpool.guard import audit
from talentpool.model import receipt, target_row
from talentpool.office import Office


@dataclass(frozen=True, repr=False)
class SignedUp:
    """What came of a sheet. `taken`: lines that said something new; `waiting`: of these, who stands in line; `known`: said
    before; `told`: (sheet, row, fault) of each fault; `sheet`: the very sheet with each fault beside its line."""

    list_id: int
    rows: int
    taken: int
    waiting: int
    known: int
    blank: int
    faults: dict[str, int] = field(default_factory=dict)
    told: tuple[tuple[str, int, Fault], ...] = ()
    sheet: bytes | None = None

    def as_json(self) -> dict[str, Any]:
        return {
            name: getattr(self, name) for name in ("list_id", "rows", "taken", "waiting", "known", "blank", "faults")
        }


def sign_up(office: Office, list_id: int, data: bytes, who: Approver, *, name: str, via: str) -> SignedUp:
    """Take the lines of a sheet that are right, and give the others back.

    Args:
        who: a city officer, or a county's for the rows of that county.
        name: of the file, for what is said about it; it is stored nowhere.
        via: page or command, for the record.

    Raises:
        RejectedError: the bytes are no workbook to open, or hold more rows than the list and a fifth.
        UsageError: the list is no session's, or not out; the sheet is another list's.
        ConflictError: the list is closed.
        RefusedError: neither the city's officer nor a county's.
    """
    counties = speaks_for(who)
    with office.engine.connect() as conn:
        people = lists.find(conn, list_id).selected
    written = read_sheet(data, name, people, SIGN_UPS)
    with office.engine.begin() as conn:
        stored = open_session(conn, list_id)
        refuse_other(written, stored, conn)
        slots = slots_of(stored)
        stands, rows = signed_up(conn, list_id, slots), _rows_of(conn, list_id, counties)
        taken, faults, counts = _judged(written.lines, rows, stands, slots)
        told = Counter(fault.code for _, fault in faults)
        facts = {"sha256": hashlib.sha256(data).hexdigest(), "lines": len(written.lines), "faults": dict(told)}
        _keep(conn, stored, who, [(row_id, rows[row_id], slot) for row_id, slot in taken], via=via, facts=facts)
        after = signed_up(conn, list_id, slots)
        names = {tab.place: tab.name for tab in written.tabs}
        waiting = sum(1 for row_id, _ in taken if row_id in after and after[row_id].waiting)
        _record(conn, stored, who, len(taken), dict(told))
        return SignedUp(
            list_id, len(written.lines), len(taken), waiting, counts["known"], counts["blank"], dict(told),
            tuple((names.get(line.sheet, ""), line.row, fault) for line, fault in faults),
            annotated(written, faults, stored) if faults else None,
        )  # fmt: skip


def open_session(conn: sa.Connection, list_id: int) -> Stored:
    """A session's list that is out, which nobody else changes until the transaction ends."""
    stored = lists.find(conn, list_id)
    lists.serialize(conn, stored.passport["purpose"], stored.cycle)
    stored = lists.find(conn, list_id)
    word = STATE_WORDS[stored.state]
    if stored.passport.get("form", "kit") != "session" or not slots_of(stored):
        raise UsageError(f"名单 {list_id} 不是场次活动，没有场次可以报名；没有登记")
    if stored.state == ListState.CLOSED:
        raise ConflictError(f"名单 {list_id} {word}，不再接收报名")
    if stored.state not in FROZEN:
        raise UsageError(f"名单 {list_id} {word}，没有登记：只有锁定后的名单接收报名")
    return stored


def _rows_of(conn: sa.Connection, list_id: int, counties: frozenset[str] | None) -> dict[str, str | None]:
    row = target_row.c
    query = sa.select(row.row_id, row.county).where(
        row.list_id == list_id, row.selected, row.facts["erased"].is_(None), ~is_withdrawn()
    )
    if counties is not None:
        query = query.where(row.county.in_(counties))
    return {found.row_id: found.county for found in conn.execute(query)}


def _judged(
    lines: Sequence[Line], rows: Mapping[str, str | None], stands: Mapping[str, Signed], slots: list[Slot]
) -> tuple[list[tuple[str, int]], list[tuple[Line, Fault]], Counter[str]]:
    """What to write, in the order of the sheet; what to give back; and how many lines were blank or known."""
    taken: list[tuple[str, int]] = []
    faults: list[tuple[Line, Fault]] = []
    counts: Counter[str] = Counter(blank=0, known=0)
    said = Counter(plain_id(line[ROW_ID]) for line in lines if line[SLOT])
    for line in lines:
        if not line[SLOT] and SLOT not in line.merged:
            counts["blank"] += 1
            continue
        row_id = plain_id(line[ROW_ID])
        found = _read(line, row_id, rows, slots, doubled=said[row_id] > 1)
        if isinstance(found, Fault):
            faults.append((line, found))
        elif found == (stands[row_id].slot if row_id in stands else CANCELLED):
            counts["known"] += 1
        elif found != CANCELLED and row_id in stands:
            told = slots[stands[row_id].slot - 1].told()
            faults.append(
                (line, Fault("signed_elsewhere", SLOT, f"此行已报名“{told}”；要换场次，请先填“取消”上传一次"))
            )
        else:
            taken.append((row_id, found))
    return taken, faults, counts


def _read(line: Line, row_id: str, rows: Mapping[str, str | None], slots: list[Slot], *, doubled: bool) -> int | Fault:
    for name in (ROW_ID, SLOT):
        if name in line.merged:
            return Fault("cell_merged", name, f"“{name}”是合并单元格的一部分；请取消合并，每行各填各的")
    if line.struck:
        return Fault("row_struck", ROW_ID, "这一行被划掉了；要登记请去掉删除线，不登记请清空“场次”")
    if row_id not in rows:
        return Fault("row_unknown", ROW_ID, "这份名单中没有您负责的这一行；请核对行号，或是否填错了表")
    if doubled:
        return Fault("row_doubled", ROW_ID, "同一行号填了多次，都没有登记；每人只能报一个场次，请删去多余的行")
    slot = read_slot(line[SLOT], slots)
    if slot is None:
        return Fault("slot_unknown", SLOT, f"没有这个场次；请填 1 到 {len(slots)} 的场次号，或“取消”")
    return slot


def _keep(
    conn: sa.Connection, stored: Stored, who: Approver, rows: Sequence[tuple[str, str | None, int]], *,
    via: str, facts: dict[str, Any],
) -> None:  # fmt: skip
    number = conn.execute(
        receipt.insert().values(made_at=sa.func.clock_timestamp()).returning(receipt.c.receipt_id),
        {"list_id": stored.list_id, "via": via, "received_by": who.name, "taken": len(rows), "reason": "", **facts},
    ).scalar_one()
    if rows:  # one after the other: who stands first on the sheet signed up first
        conn.execute(
            sa.text(
                "insert into session_signup (receipt_id, list_id, row_id, county, slot)"
                " select :number, :list, e.row_id, e.county, e.slot from unnest(cast(:ids as text[]),"
                " cast(:counties as text[]), cast(:slots as int[])) with ordinality as e(row_id, county, slot, place)"
                " order by e.place"
            ),
            {"number": number, "list": stored.list_id, "ids": [row[0] for row in rows],
             "counties": [row[1] for row in rows], "slots": [row[2] for row in rows]},
        )  # fmt: skip


def _record(conn: sa.Connection, stored: Stored, who: Approver, taken: int, faults: dict[str, int]) -> None:
    audit(conn, "upload", f"list:{stored.list_id}", actor=who.name, details={"signups": taken, "faults": faults})
