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

from talentpool.declare import Campaign
from talentpool.declare.rules import ELIGIBLE, SERVED_ALREADY, STOCK_SHORT, Candidate, judge
from talentpool.guard import Blinder, KeyRing
from talentpool.load import records_at
from talentpool.model import notice, pool_person, pool_presence, record_person, use_stop

ROW_ALPHABET = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"
"""32 signs without 0, 1, I, O: nothing that is misread from paper."""


POOLED = (
    "person_id", "home_county", "home_partner", "home_station", "home_record", "active", "weak_identity", "birth_date",
    "age", "age_band", "occupation",
)  # fmt: skip


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
class Round:
    """What a list is drawn for: a campaign, in one of its cycles, from the facts of a day."""

    campaign: Campaign
    cycle: str
    as_of: date


def judge_snapshot(conn: sa.Connection, keys: KeyRing, drawn: Round, snapshot_id: int, served: set[UUID]) -> list[Row]:
    """Rows of every person of the snapshot, in the order of person ids. `served`: who had theirs this cycle."""
    campaign, as_of = drawn.campaign, drawn.as_of
    hashed = Blinder(keys.key("list_row"))
    round_ = f"{campaign.code}|{drawn.cycle}|".encode()
    people = conn.execute(_candidates(snapshot_id, as_of, campaign.purpose)).mappings()
    waiting = _with_open_pair(conn, snapshot_id) if campaign.eligibility.get("open_pairs") == "wait" else set()
    used: set[str] = set()
    rows = []
    for person in people:
        reason, by_station = _judge(person, campaign, as_of, open_pair=person["person_id"] in waiting)
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
                    "by_station": by_station,
                },
            )
        )
    return _share_stock(rows, campaign.stock, hashed, round_)


def _candidates(snapshot_id: int, as_of: date, purpose: str) -> sa.Select:
    """Facts of everybody in the snapshot, and as own_* what the home record says by itself on the date.

    The home record is the county's own side, and the only ground of a station head's sheet.
    """
    home, own = pool_person, records_at(as_of)
    seen = pool_presence
    suspended = (
        sa.select(seen.c.person_id)
        .where(seen.c.snapshot_id == snapshot_id, seen.c.status == "suspended")
        .distinct()
        .subquery("suspended")
    )
    asked = _asked(snapshot_id, purpose)
    covers = sa.exists().where(
        notice.c.version == own.c.notice_version,
        notice.c.purpose == purpose,
        sa.or_(notice.c.published_on.is_(None), notice.c.published_on <= own.c.consented_on),
    )
    return (
        sa.select(
            *(home.c[name] for name in POOLED),
            own.c.birth_date.label("own_birth_date"),
            sa.func.coalesce(own.c.sex, 0).label("own_sex"),
            sa.func.coalesce(own.c.occupation, "").label("own_occupation"),
            sa.func.coalesce(own.c.weak_identity, True).label("own_weak_identity"),
            covers.label("notice_covers"),
            suspended.c.person_id.is_not(None).label("suspended"),
            sa.func.coalesce(asked.c.stopped, False).label("stopped"),
            sa.func.coalesce(asked.c.opted_out, False).label("opted_out"),
        )
        .outerjoin(own, own.c.record_id == home.c.home_record)
        .outerjoin(suspended, suspended.c.person_id == home.c.person_id)
        .outerjoin(asked, asked.c.person_id == home.c.person_id)
        .where(home.c.snapshot_id == snapshot_id)
        .order_by(home.c.person_id)
    )


def _asked(snapshot_id: int, purpose: str) -> sa.Subquery:
    """People who asked that they are not used, for anything or for `purpose`, by their records of then and of today: it holds
    from the moment they ask, however old the pool is."""
    stop, seen, of = use_stop, pool_presence, record_person
    then = sa.select(seen.c.person_id, seen.c.record_id).where(seen.c.snapshot_id == snapshot_id)
    theirs = then.union(sa.select(of.c.person_id, of.c.record_id)).subquery("theirs")
    return (
        sa.select(
            theirs.c.person_id,
            sa.func.bool_or(stop.c.purpose == "").label("stopped"),
            sa.func.bool_or(stop.c.purpose == purpose).label("opted_out"),
        )
        .join(theirs, theirs.c.record_id == stop.c.record_id)
        .where(stop.c.lifted_at.is_(None))
        .group_by(theirs.c.person_id)
        .subquery("asked")
    )


def _with_open_pair(conn: sa.Connection, snapshot_id: int) -> set[UUID]:
    """People of the snapshot of whom a record stands in a pair that waits now, by the ids the snapshot knows them by."""
    from talentpool.review import waiting_records

    seen = pool_presence
    query = sa.select(seen.c.person_id).where(seen.c.snapshot_id == snapshot_id)
    return set(conn.scalars(query.where(seen.c.record_id.in_(waiting_records())).distinct()))


def _judge(person: Any, campaign: Campaign, as_of: date, *, open_pair: bool) -> tuple[str, bool]:
    """The reason, and whether the home record alone leads to the same answer and names a station.

    Where it does not (the age is known from another partner's record, say), the station head's sheet must not tell
    it: the county officer hands out to that person directly.
    """
    known = Candidate(
        as_of=as_of,
        birth_date=person["birth_date"],
        occupation=person["occupation"],
        active=person["active"],
        weak_identity=person["weak_identity"],
        home_county=person["home_county"],
        notice_covers=person["notice_covers"],
        open_pair=open_pair,
        suspended=person["suspended"],
        stopped=person["stopped"],
        opted_out=person["opted_out"],
    )
    reason = judge(known, campaign.eligibility)
    own = replace(
        known,
        birth_date=person["own_birth_date"],
        occupation=person["own_occupation"],
        weak_identity=person["own_weak_identity"],
        open_pair=False,
    )
    return reason, bool(person["home_station"]) and judge(own, campaign.eligibility) == reason


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
