"""Turn a pool snapshot into the rows of a list: every person, in or out, with a reason; and the list's hash.

Deterministic under equal keys: rows come in the order of person ids, the printed row id and the lottery that decides
when the stock is short are keyed hashes. The lottery knows nothing about a person but an id, so it ranks nobody by
behaviour, prefers no county or partner, and falls anew in every cycle.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from talentpool.campaigns.facts import judged
from talentpool.campaigns.round import Round
from talentpool.declare.rules import ELIGIBLE, SERVED_ALREADY, STOCK_SHORT
from talentpool.guard import Blinder, KeyRing

ROW_ALPHABET = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"
"""32 signs without 0, 1, I, O: nothing that is misread from paper."""


@dataclass(frozen=True)
class Row:
    """One person on a list: a row of target_row without its list id."""

    person_id: UUID
    row_id: str
    selected: bool
    reason: str
    county: str | None
    partner: str
    station: str
    record_id: UUID
    facts: dict[str, Any]


def judge_snapshot(conn: sa.Connection, keys: KeyRing, drawn: Round, snapshot_id: int, served: set[UUID]) -> list[Row]:
    """Rows of every person of the snapshot, in the order of person ids. `served`: who had theirs this cycle."""
    campaign = drawn.campaign
    hashed = Blinder(keys.key("list_row"))
    round_ = f"{campaign.code}|{drawn.cycle}|".encode()
    used: set[str] = set()
    rows = []
    for person in conn.execute(judged(drawn, snapshot_id)).mappings():
        reason = person["reason"]
        if reason == ELIGIBLE and person["person_id"] in served:
            reason = SERVED_ALREADY
        rows.append(
            Row(
                person_id=person["person_id"],
                row_id=_row_id(hashed, round_, person["person_id"], used),
                selected=reason == ELIGIBLE,
                reason=reason,
                county=person["home_county"],
                partner=person["home_partner"],
                station=person["home_station"],
                record_id=person["home_record"],
                facts={
                    "age": person["age"],
                    "age_band": person["age_band"],
                    "sex": person["own_sex"],
                    "occupation": person["occupation"],
                    "active": person["active"],
                    "weak_identity": person["weak_identity"],
                    "notice_covers": person["notice_covers"],
                    "by_station": person["by_station"],
                },
            )
        )
    return _share_stock(rows, campaign.room, hashed, round_)


def _share_stock(rows: list[Row], stock: int | None, hashed: Blinder, round_: bytes) -> list[Row]:
    eligible = [row for row in rows if row.selected]
    if stock is None or len(eligible) <= stock:
        return rows
    drawn = sorted(eligible, key=lambda row: hashed.one(b"lottery|" + round_ + row.person_id.bytes))
    left_out = {row.person_id for row in drawn[stock:]}
    return [replace(row, selected=False, reason=STOCK_SHORT) if row.person_id in left_out else row for row in rows]


def _row_id(hashed: Blinder, round_: bytes, person_id: UUID, used: set[str]) -> str:
    for attempt in range(256):
        number = int.from_bytes(hashed.one(b"row|" + round_ + person_id.bytes + bytes([attempt])), "big")
        signs = "".join(ROW_ALPHABET[(number >> (5 * place)) & 31] for place in range(8))
        if signs not in used:
            break
    used.add(signs)
    return f"{signs[:4]}-{signs[4:]}{check_sign(signs)}"


def check_sign(signs: str) -> str:
    """The last sign of a row id (Luhn, modulo 32): one sign misread, or two neighbours swapped, does not fit."""
    total = 0
    for place, sign in enumerate(reversed(signs)):
        value = ROW_ALPHABET.index(sign) * (2 if place % 2 == 0 else 1)
        total += value // 32 + value % 32
    return ROW_ALPHABET[-total % 32]


def content_hash(campaign: str, cycle: str, as_of: date, declaration_hash: str, rows: Iterable[Row]) -> str:
    """sha256 over what the list says of whom, in the order of person ids: facts only, no clock, no file."""
    digest = hashlib.sha256()
    for line in _canonical(campaign, cycle, as_of, declaration_hash, rows):
        digest.update(json.dumps(line, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode() + b"\n")
    return digest.hexdigest()


def _canonical(
    campaign: str, cycle: str, as_of: date, declaration_hash: str, rows: Iterable[Row]
) -> Iterator[list[Any]]:
    yield [campaign, cycle, as_of.isoformat(), declaration_hash]
    for row in sorted(rows, key=lambda row: row.person_id):
        yield [str(row.person_id), row.selected, row.reason, row.county, row.partner, row.station, row.facts]
