"""Rebuild a list from history and compare: the same people, reasons and places, or how many rows differ and in what.

Read are the frozen pool that the list was drawn from, the declaration and seed in its passport, and what the office knew
at that moment (known_then.py). Nothing is written: the transaction is rolled back. Said are counts, never a person.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import asdict, dataclass, replace
from datetime import date
from typing import Any

import sqlalchemy as sa
from pydantic import ValidationError

from talentpool.campaigns.life.apart import leave_out
from talentpool.campaigns.lists import Stored, find, hash_stored, read_rows, rows_of
from talentpool.campaigns.round import Followed, Round
from talentpool.campaigns.selection.coming_back import first_back
from talentpool.campaigns.selection.content import HASH_VERSION, digests, hash_of_before, hash_rows
from talentpool.campaigns.selection.decided import Group, keep_judged, share_stock
from talentpool.campaigns.selection.passport import RULES_VERSION
from talentpool.campaigns.selection.rows import DRAWN_ROW, fill_rows
from talentpool.campaigns.sharing import Cell, Order, lottery_seed
from talentpool.declare import Campaign, load_campaign
from talentpool.declare.rules import COUNTY_WAITS, ELIGIBLE, MEETS_EVERY_RULE, STOCK_SHORT
from talentpool.errors import UsageError
from talentpool.model import target_list
from talentpool.office import Office

KINDS = ("only_on_list", "only_rebuilt", "decided_otherwise", "served_elsewhere", "other_facts")
"""How a row may differ: the pool no longer has the person; the list never had; another reason or selection; another county,
partner, station or record; another fact, its place among them."""
RESTORE_PLACES = """
    update drawn_row set facts = jsonb_set(drawn_row.facts, '{place}', to_jsonb(was.place)),
           selected = was.place <= cell.seats, reason = case when was.place <= cell.seats then :eligible else :short end
    from (select person_id, county, partner, row_number() over (partition by county, partner
                 order by (facts->>'place')::bigint) as at from drawn_row where facts ? 'place') as now,
         (select county, partner, (facts->>'place')::bigint as place, row_number() over (partition by county, partner
                 order by (facts->>'place')::bigint) as at
          from target_row where list_id = :list and facts ? 'place') as was,
         unnest(cast(:counties as text[]), cast(:partners as text[]), cast(:seats as int[])) as cell (county, partner, seats)
    where drawn_row.person_id = now.person_id and (was.county, was.partner, was.at) = (now.county, now.partner, now.at)
      and (cell.county, cell.partner) = (now.county, now.partner)
"""
"""An erased person's place is not known, only that nobody else has it: whoever is left keeps the order among the places left."""


@dataclass(frozen=True)
class Verified:
    """`rows`: kind of difference -> people; `erased`: rows that nobody can rebuild; `hash`: equal, differs, or not comparable
    after an erasure; `groups_equal`: seats shared again as they were; `notes`: in words, what was taken on trust."""

    list_id: int
    state: str
    equal: bool
    said: str
    people: int
    selected: int
    rebuilt_selected: int
    erased: int
    rows: dict[str, int]
    hash: str
    groups_equal: bool
    notes: list[str]

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


def verify_list(office: Office, list_id: int) -> Verified:
    """UsageError when there is no such list, or its declaration cannot be read any more."""
    with office.engine.connect() as conn:
        stored = find(conn, list_id)
        head = conn.execute(
            sa.select(target_list.c.snapshot_id, target_list.c.made_at, target_list.c.declaration_hash).where(
                target_list.c.list_id == list_id
            )
        ).one()
        campaign, notes = _declared(office, stored)
        drawn = replace(_round(campaign, stored), then=head.made_at)
        seed = stored.passport.get("seed") or lottery_seed(office.keys, campaign.code, stored.cycle)
        groups = _rebuild(conn, stored, drawn, head.snapshot_id, seed)
        rows, erased = _compared(conn, list_id), _erased(conn, list_id)
        hashed = _hashes(conn, stored, head.declaration_hash, sum(erased.values()))
        selected = conn.scalars(sa.select(sa.func.count()).where(DRAWN_ROW.c.selected)).one()
        selected += erased[True]
        conn.rollback()
    shared = [asdict(group) for group in groups] == stored.passport.get("groups", [])
    equal = not any(rows.values()) and hashed != "differs" and shared and selected == stored.selected
    return Verified(
        list_id, stored.state, equal, _say(equal, rows, erased), stored.selected + sum(stored.excluded.values()),
        stored.selected, selected, sum(erased.values()), rows, hashed, shared, notes,
    )  # fmt: skip


def _declared(office: Office, stored: Stored) -> tuple[Campaign, list[str]]:
    notes = []
    if stored.passport.get("rules_version", RULES_VERSION) != RULES_VERSION:
        notes.append("名单拟定之后选人规则的版本已变更，按现行规则核对")
    if stored.excluded.get("identity_open"):
        notes.append("“身份待复核”以名单所记为准：当时的疑问不能重现")
    if stored.excluded.get("consent_ended"):
        notes.append("“授权已中止”以名单所记为准：中止后可能已恢复")
    try:
        if "declaration" in stored.passport:
            return Campaign.model_validate(stored.passport["declaration"]), notes
        today = load_campaign(office.settings.campaign_dirs, stored.campaign)
        then = {"eligibility": stored.passport["rules"], "stock": stored.passport["stock_declared"]}
        notes.append("名单未记录完整的活动声明，其余以现行声明核对")
        return Campaign.model_validate(today.model_dump(mode="json") | then), notes
    except ValidationError as error:
        raise UsageError(
            f"the declaration in the passport of list {stored.list_id} is not one of this release"
        ) from error


def _round(campaign: Campaign, stored: Stored) -> Round:
    told = stored.passport.get("occasion")
    occasion = date.fromisoformat(told) if told else Round.on(campaign, stored.as_of).occasion
    follows = tuple(Followed(one["list"], one["open_too"]) for one in stored.passport.get("follows", []))
    return Round(
        campaign, stored.cycle, stored.as_of, occasion, stored.supplement, rows_of=stored.list_id, follows=follows
    )


def _rebuild(conn: sa.Connection, stored: Stored, drawn: Round, snapshot_id: int, seed: str) -> list[Group]:
    """Fill drawn_row; how the stock is shared by what is found."""
    keep_judged(conn, drawn, snapshot_id)
    gone = _erased_cells(conn, stored.list_id)
    told = stored.passport.get("groups", []) if drawn.follows and gone else []
    groups = share_stock(conn, drawn, gone, {(one["county"], one["partner"]): one["back"] for one in told})
    fill_rows(conn, groups, Order(drawn.campaign.order, seed, first_back() if drawn.follows else None))
    if groups and gone:
        given = {
            "list": stored.list_id, "eligible": ELIGIBLE, "short": STOCK_SHORT,
            "counties": [group.county for group in groups], "partners": [group.partner for group in groups],
            "seats": [group.seats for group in groups],
        }  # fmt: skip
        conn.execute(sa.text(RESTORE_PLACES), given)
    was = rows_of(stored.list_id).c
    leave_out(conn, conn.scalars(sa.select(was.county).where(was.reason == COUNTY_WAITS).distinct()).all())
    return groups


def _erased_cells(conn: sa.Connection, list_id: int) -> dict[Cell, int]:
    """Seat group -> erased people of it who were eligible."""
    was = rows_of(list_id).c
    query = sa.select(was.county, was.partner, sa.func.count()).where(
        was.facts.has_key("erased"), was.reason.in_(MEETS_EVERY_RULE)
    )
    return {(county, partner): many for county, partner, many in conn.execute(query.group_by(was.county, was.partner))}


def _erased(conn: sa.Connection, list_id: int) -> Counter[bool]:
    """Erased rows, those on the list (True) and the others."""
    was = rows_of(list_id).c
    query = sa.select(was.selected, sa.func.count()).where(was.facts.has_key("erased")).group_by(was.selected)
    return Counter({row[0]: row[1] for row in conn.execute(query)})


def _compared(conn: sa.Connection, list_id: int) -> dict[str, int]:
    stored = rows_of(list_id)
    was = sa.select(stored).where(~stored.c.facts.has_key("erased")).subquery("was")
    now, of = DRAWN_ROW.c, was.c

    def differ(*names: str) -> sa.ColumnElement[bool]:
        return sa.or_(*(of[name].is_distinct_from(now[name]) for name in names))

    kind = sa.case(
        (now.person_id.is_(None), KINDS[0]),
        (of.person_id.is_(None), KINDS[1]),
        (differ("selected", "reason"), KINDS[2]),
        (differ("county", "partner", "station", "record_id"), KINDS[3]),
        (differ("facts"), KINDS[4]),
    ).label("kind")
    both = sa.select(kind).select_from(was.join(DRAWN_ROW, of.person_id == now.person_id, full=True)).subquery()
    counted = sa.select(both.c.kind, sa.func.count()).where(both.c.kind.is_not(None)).group_by(both.c.kind)
    found: dict[str, int] = {row[0]: row[1] for row in conn.execute(counted)}
    return {name: found.get(name, 0) for name in KINDS}


def _hashes(conn: sa.Connection, stored: Stored, declaration: str, erased: int) -> str:
    if erased:
        return "not comparable"
    named = (stored.campaign, stored.cycle, stored.as_of.isoformat(), declaration)
    if stored.passport.get("hash_version") == HASH_VERSION:
        hashes = {hash_rows(conn, named, digests(DRAWN_ROW)), hash_stored(conn, stored)}
    else:
        rows = read_rows(conn, stored.list_id)
        hashes = {hash_of_before(stored.campaign, stored.cycle, stored.as_of, declaration, rows)}
    return "equal" if hashes == {stored.content_hash} else "differs"


def _say(equal: bool, rows: dict[str, int], erased: Counter[bool]) -> str:
    gone = sum(erased.values())
    if equal:
        return f"一致，另有 {gone} 人信息已删除，不能重现" if gone else "一致"
    return f"不一致：{sum(rows.values())} 行不同" + (f"，另有 {gone} 人信息已删除" if gone else "")
