"""Remove a person from lists after an erasure or stop of use: drafts go, locked lists keep a nameless place."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import distinct_on

from talentpool.campaigns import lists
from talentpool.campaigns.life.states import FROZEN, OPEN, ListState
from talentpool.campaigns.receipts.outcomes import HANDED_OUT
from talentpool.campaigns.release.files import write_files
from talentpool.campaigns.release.plans import holds
from talentpool.campaigns.selection.content import HASH_VERSION
from talentpool.model import list_file, list_question, list_step, provision, target_list, target_row
from talentpool.office import Office

DRAFTS = (*OPEN, ListState.CANCELLED)
"""A cancelled round may take place after all: its draft goes as any other."""
NAMELESS = {"age": None, "age_band": "unknown", "sex": 0, "by_station": False, "erased": True}


@dataclass(frozen=True)
class Forgotten:
    """Lists by id: `cut` drafts, `flagged` locked ones whose sheets name the person; `judged`: all that have a row of them;
    `spared`: drafts among these, on which they are not; `stale` files to unlink; `provisions` that hold the person."""

    cut: list[int] = field(default_factory=list)
    flagged: list[int] = field(default_factory=list)
    judged: list[int] = field(default_factory=list)
    spared: list[int] = field(default_factory=list)
    stale: list[str] = field(default_factory=list)
    provisions: list[dict[str, Any]] = field(default_factory=list)


def stop_in_lists(
    conn: sa.Connection, person_id: UUID, records: Sequence[UUID], purpose: str | None = None
) -> Forgotten:
    """A person, whose records are `records`, is not to be used, for anything or for `purpose`: drafts go; locked lists are told,
    their rows stay."""
    return _take_off(conn, _theirs([person_id], records), purpose)


def forget_in_lists(conn: sa.Connection, person_id: UUID, records: Sequence[UUID]) -> Forgotten:
    """Take a person off every list; what has left already is named, so that the office can call it back.

    A locked list's hash no longer follows from its rows; `erased` says why. The number printed on the sheet stays, so
    that a receipt can still be read.
    """
    theirs = _theirs([person_id], records)
    forgotten = _take_off(conn, theirs)
    _make_nameless(conn, forgotten, theirs)
    return forgotten


def forget_left_in_lists(conn: sa.Connection, people: Sequence[UUID], records: Sequence[UUID]) -> Forgotten:
    """The same of several people who have left long ago. A draft that only says why they are not on it stays, with its
    approvals: nobody whom these cover is another. Its hash is reckoned anew.
    """
    theirs = _theirs(people, records)
    forgotten = _take_off(conn, theirs, spare_drafts=True)
    _make_nameless(conn, forgotten, theirs)
    for list_id in forgotten.spared:
        _reckon_anew(conn, list_id)
    return forgotten


def _make_nameless(conn: sa.Connection, forgotten: Forgotten, theirs: sa.ColumnElement[bool]) -> None:
    """Their rows of lists that stay are nobody's. From which station a parcel left stays: it is not there any more."""
    row, nobody = target_row.c, sa.func.gen_random_uuid()
    left = sa.and_(row.selected, sa.func.what_stands(row.list_id, row.row_id).in_([one.value for one in HANDED_OUT]))
    for list_id in forgotten.judged:
        conn.execute(
            target_row.update()
            .where(target_row.c.list_id == list_id, theirs)
            .values(person_id=nobody, record_id=nobody, station=sa.case((left, row.station), else_=""), facts=NAMELESS)
        )
        conn.execute(target_list.update().where(target_list.c.list_id == list_id).values(erased=True))


def _reckon_anew(conn: sa.Connection, list_id: int) -> None:
    """A draft's hash follows from its rows again; whoever approved it or is asked about it speaks of the same people."""
    stored = lists.find(conn, list_id)
    hashed = lists.hash_stored(conn, stored)
    was = stored.content_hash
    passport = {**stored.passport, "content_hash": hashed, "hash_version": HASH_VERSION}
    head = target_list.update().where(target_list.c.list_id == list_id)
    conn.execute(head.values(content_hash=hashed, passport=passport))
    for table, column in ((list_step, list_step.c.share_hash), (list_question, list_question.c.content_hash)):
        conn.execute(table.update().where(table.c.list_id == list_id, column == was).values({column.name: hashed}))


def _theirs(people: Sequence[UUID], records: Sequence[UUID]) -> sa.ColumnElement[bool]:
    """Rows of the people: under today's id, or of one of their records, whatever the id was before a merge or a split."""
    return sa.or_(target_row.c.person_id.in_(people), target_row.c.record_id.in_(records))


def _take_off(
    conn: sa.Connection, of_them: sa.ColumnElement[bool], purpose: str | None = None, *, spare_drafts: bool = False
) -> Forgotten:
    theirs = (
        sa.select(
            target_list.c.list_id, target_list.c.state, target_list.c.cycle, target_list.c.passport, target_row.c.selected
        )
        .join(target_row, target_row.c.list_id == target_list.c.list_id)
        .where(of_them)
        .ext(distinct_on(target_list.c.list_id))
        .order_by(target_list.c.list_id, target_row.c.selected.desc())
    )  # fmt: skip
    if purpose is not None:
        theirs = theirs.where(target_list.c.passport["purpose"].astext == purpose)
    ours = {(row.passport["purpose"], row.cycle) for row in conn.execute(theirs)}
    lists.serialize_all(conn, ours)
    forgotten = Forgotten()
    for row in conn.execute(theirs).all():  # read again: a draft of before may be locked by now
        if (
            row.passport["purpose"],
            row.cycle,
        ) not in ours:  # drawn meanwhile, and not ours to touch: it knows of the stop
            continue
        if row.state in DRAFTS and (row.selected or not spare_drafts):
            forgotten.stale.extend(lists.drop(conn, row.list_id))
            forgotten.cut.append(row.list_id)
            continue
        forgotten.judged.append(row.list_id)
        if row.state in DRAFTS:
            forgotten.spared.append(row.list_id)
            continue
        forgotten.provisions.extend(_left_with(conn, row.list_id, of_them))
        if row.selected and row.state in FROZEN:
            forgotten.flagged.append(row.list_id)
    return forgotten


def _left_with(conn: sa.Connection, list_id: int, of_them: sa.ColumnElement[bool]) -> list[dict[str, Any]]:
    """Exports of a list whose sheets name the person."""
    held = sa.exists().where(
        target_row.c.list_id == list_id,
        of_them,
        target_row.c.selected,
        holds(),
    )
    made = (
        sa.select(provision.c.export_id, provision.c.recipient, provision.c.recipient_facts, provision.c.files)
        .where(provision.c.list_id == list_id, provision.c.state == "made", held)
        .order_by(provision.c.export_id)
    )
    return [
        {"export": row.export_id, "recipient": row.recipient, "name": row.recipient_facts["name"], "list": list_id,
         "files": [str(Path(file["folder"]) / file["name"]) for file in row.files]}
        for row in conn.execute(made)
    ]  # fmt: skip


def unlink_exports(provisions: list[dict[str, Any]]) -> int:
    """Encrypted files that still lie where they were written go; what was handed over already must be called back."""
    gone = 0
    for provided in provisions:
        for name in provided["files"]:
            path = Path(name)
            gone += path.is_file()
            path.unlink(missing_ok=True)
    return gone


def rewrite_files(office: Office, list_ids: list[int], stale: list[str], *, by: str) -> int:
    """Make the workbooks of flagged lists anew where ours still lie, and unlink those of cut drafts; returns files.

    `by`: who is on record for it.
    """
    folder = office.settings.lists_dir
    for name in stale:
        (folder / name).unlink(missing_ok=True)
    written = 0
    for list_id in list_ids:
        with office.engine.connect() as conn:
            names = list(conn.scalars(sa.select(list_file.c.name).where(list_file.c.list_id == list_id)))
            stored = lists.find(conn, list_id)
        if any((folder / name).is_file() for name in names):
            written += len(write_files(office, stored, folder, names, by=by))
    return written
