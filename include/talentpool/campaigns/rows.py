"""Turn a pool snapshot into the rows of a list: every person, in or out, with a reason; and the list's hash.

Deterministic under equal keys: rows come in the order of person ids, the printed row id is a keyed hash, and so is the seed
of the lottery (sharing/). Reasons, order and seats are decided by the database (decided.py).
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from talentpool.campaigns.decided import Group, decided, keep_judged, share_stock
from talentpool.campaigns.round import Round
from talentpool.campaigns.sharing import Order, lottery_seed
from talentpool.declare.rules import ELIGIBLE
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


@dataclass(frozen=True)
class Judged:
    """Everybody of a snapshot, in the order of person ids; `groups`: how a short stock was shared, else empty."""

    rows: list[Row]
    groups: list[Group]


def judge_snapshot(conn: sa.Connection, keys: KeyRing, drawn: Round, snapshot_id: int) -> Judged:
    """Rows of every person of the snapshot, and the seat groups of a stock that is short."""
    campaign = drawn.campaign
    hashed = Blinder(keys.key("list_row"))
    round_ = f"{campaign.code}|{drawn.cycle}|".encode()
    used: set[str] = set()
    keep_judged(conn, drawn, snapshot_id)
    groups = share_stock(conn, drawn)
    order = Order(campaign.order, lottery_seed(keys, campaign.code, drawn.cycle))
    rows = [
        Row(
            person_id=person["person_id"],
            row_id=_row_id(hashed, round_, person["person_id"], used),
            selected=person["reason"] == ELIGIBLE,
            reason=person["reason"],
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
                **({} if person["place"] is None else {"place": person["place"]}),
            },
        )
        for person in conn.execute(decided(groups, order)).mappings()
    ]
    return Judged(rows, groups)


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
