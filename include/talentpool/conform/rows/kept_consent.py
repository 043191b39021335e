"""Keep a known person's consent on record where a delta leaves its cell blank or a cell is unreadable.

A blank is filled only where it can mean nothing else: the date of the same notice, the notice of the same date. Once
the consent on record has ended (consent_end) a blank says nothing for it any more.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from typing import Any
from uuid import UUID

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import sqlalchemy as sa

from talentpool.conform.rows.base import old_rows
from talentpool.conform.rows.cleaned import Cleaned
from talentpool.conform.rows.columns import first_eight
from talentpool.conform.rows.setting import Setting
from talentpool.model import consent_end

FIELDS = ("consented_on", "notice_version")


def keep_consent(setting: Setting, records: np.ndarray, cleaned: Cleaned, *, skip: np.ndarray) -> Cleaned:
    """The rows with such cells filled from the records; the same object where there are none.

    Args:
        skip: rows that their sender may not send, which learn nothing of the record.
    """
    unreadable = [cleaned.keep[name] for name in FIELDS if name in cleaned.keep]
    if not setting.delta and not unreadable:
        return cleaned
    letters = cleaned.date_status.astype("U4").view("U1").reshape(-1, 4)[:, 3] if len(cleaned) else np.zeros(0, "U1")
    no_notice = pc.equal(pc.binary_length(cleaned.notice), 0).to_numpy(zero_copy_only=False)
    blank = cleaned.lacks_consent & ((letters == "m") | ((letters == "o") & no_notice))
    if not setting.delta:
        blank &= np.logical_or.reduce(unreadable)
    at = np.flatnonzero(blank & ~skip & setting.base.exists(first_eight(records)))
    if not len(at):
        return cleaned
    wanted = [UUID(bytes=records[i].tobytes()) for i in at]
    old = old_rows(setting.conn, setting.partner, wanted, setting.read_on)
    ended = _ended(setting.conn, setting.partner, wanted)
    notices = cleaned.notice.take(pa.array(at)).to_pylist()
    consented, status, lacks = cleaned.consented.copy(), cleaned.consent_status.copy(), cleaned.lacks_consent.copy()
    words, filled = cleaned.date_status.copy(), []
    for i, record, notice in zip(at, wanted, notices, strict=True):
        known = old.get(record)
        if known is None or record in ended or not _is_valid(known, setting.notices):
            continue
        if letters[i] == "m" and notice not in ("", known.notice_version):
            continue
        if letters[i] == "m":
            consented[i], words[i] = np.datetime64(known.consented_on, "D"), f"{words[i][:3]}o"
        status[i], lacks[i] = "ok", False
        filled.append((i, notice or known.notice_version))
    if not filled:
        return cleaned
    mask = np.zeros(len(cleaned), dtype=bool)
    mask[[i for i, _ in filled]] = True
    notice = pc.replace_with_mask(cleaned.notice, pa.array(mask), pa.array([text for _, text in filled], pa.string()))
    return replace(
        cleaned, consented=consented, consent_status=status, date_status=words, notice=notice, lacks_consent=lacks
    )


def _is_valid(known: Any, published: Mapping[str, date]) -> bool:
    since = published.get(known.notice_version)
    return known.consented_on is not None and since is not None and known.consented_on >= since


def _ended(conn: sa.Connection, partner: str, records: list[UUID]) -> set[UUID]:
    """Records whose consent has ended and does not count again."""
    end = consent_end
    query = sa.select(end.c.record_id).where(end.c.partner == partner, end.c.lifted_on.is_(None))
    return set(conn.scalars(query.where(end.c.record_id.in_(records))))
