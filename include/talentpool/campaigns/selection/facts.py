"""Judge everybody in a snapshot by one statement: the facts that rules may read, the reason, and who may be told it.

Two sets of facts stand side by side: what is known of the person from all records, and what the home record says by
itself. The home record is the county's own side, and the only ground of a station head's sheet.
"""

from __future__ import annotations

import sqlalchemy as sa

from talentpool.campaigns.receipts.outcomes import HANDED_OUT
from talentpool.campaigns.receipts.standing import standing
from talentpool.campaigns.round import Round
from talentpool.campaigns.selection.known_then import notices, redirects, stopped
from talentpool.campaigns.selection.known_then import served as served_then
from talentpool.declare.rules import ELIGIBLE, Known, Served, judge
from talentpool.load import records_at
from talentpool.model import (
    pool_person,
    pool_presence,
    receipt,
    receipt_row,
    record_person,
    source_record,
    target_list,
    target_row,
    use_stop,
)

POOLED = (
    "person_id", "home_county", "home_partner", "home_station", "home_record", "active", "weak_identity", "birth_date",
    "age", "age_band", "occupation",
)  # fmt: skip
OUTSIDE = ("left", "suspended")
"""States of a record that does not have the person at work."""


def judged(drawn: Round, snapshot_id: int) -> sa.Select:
    """POOLED, own_sex, notice_covers, reason, last_served and by_station of every person of the snapshot.

    by_station: whether the home record alone leads to the same answer and names a station. Where it does not (the age is
    known from another partner's record, say), the station head's sheet must not tell it: the county officer hands out
    to that person directly.
    """
    facts = select_facts(drawn, snapshot_id).subquery("facts")
    rules = drawn.campaign.eligibility
    told = sa.select(
        *(facts.c[name] for name in POOLED),
        facts.c.own_sex,
        facts.c.notice_covers,
        judge(known(drawn, facts), rules).label("reason"),
        judge(known(drawn, facts, own="own_"), rules).label("own_reason"),
        facts.c.get("served_", sa.null()).label("last_served"),
    ).subquery("told")
    by_station = sa.and_(told.c.home_station != "", told.c.own_reason == told.c.reason)
    shown = [column for column in told.c if column.name != "own_reason"]
    return sa.select(*shown, by_station.label("by_station"))


def known(drawn: Round, facts: sa.FromClause, own: str = "") -> Known:
    """What rules may read, from the columns of `select_facts`; with `own` = 'own_' of the home record alone."""
    none = sa.null()
    return Known(
        as_of=drawn.as_of,
        occasion=drawn.occasion,
        birth_date=facts.c[own + "birth_date"],
        occupation=facts.c[own + "occupation"],
        active=sa.and_(facts.c.active, ~facts.c.consent_lost),
        weak_identity=facts.c[own + "weak_identity"],
        home_county=facts.c.home_county,
        partner=facts.c.home_partner,
        station=facts.c.home_station,
        notice_covers=facts.c.notice_covers,
        suspended=sa.or_(facts.c.suspended, facts.c.consent_lost),
        stopped=facts.c.stopped,
        opted_out=facts.c.opted_out,
        open_pair=sa.false() if own else facts.c.get("open_pair", none),
        joined_on=facts.c.get(own + "joined_on", none),
        last_served={purpose: facts.c[f"served_{purpose}"] for purpose in _purposes(drawn)},
    )


def _purposes(drawn: Round) -> list[str]:
    """Purposes whose earlier lists a rule of the campaign or its order asks about; '' = its own."""
    asked = {asked.purpose for asked in drawn.campaign.eligibility.values() if isinstance(asked, Served)}
    return sorted(asked | ({""} if {"never_served", "longest_ago"} & set(_ordered(drawn)) else set()))


def _ordered(drawn: Round) -> tuple[str, ...]:
    """Criteria by which people are put in order, where there may be too little for everybody."""
    return drawn.campaign.order if drawn.campaign.shares is not None else ()


def select_facts(drawn: Round, snapshot_id: int) -> sa.Select:
    """Facts of everybody in the snapshot, and as own_* what the home record says by itself on the date.

    What only some rules read (open pairs, the first day at work, earlier lists) is looked up where one of them is declared.
    """
    home, own = pool_person, records_at(drawn.as_of, drawn.then)
    purpose, rules = drawn.campaign.purpose, drawn.campaign.eligibility
    suspended, asked, lost = _suspended(snapshot_id), _asked(drawn, snapshot_id), _consent_lost(drawn)
    notice = notices(drawn.then)
    covers = sa.and_(
        notice.c.version == own.c.notice_version,
        notice.c.purpose == purpose,
        sa.or_(notice.c.published_on.is_(None), notice.c.published_on <= own.c.consented_on),
    )
    query = (
        sa.select(
            *(home.c[name] for name in POOLED),
            own.c.birth_date.label("own_birth_date"),
            sa.func.coalesce(own.c.sex, 0).label("own_sex"),
            sa.func.coalesce(own.c.occupation, "").label("own_occupation"),
            sa.func.coalesce(own.c.weak_identity, True).label("own_weak_identity"),
            notice.c.version.is_not(None).label("notice_covers"),
            suspended.c.person_id.is_not(None).label("suspended"),
            lost.c.record_id.is_not(None).label("consent_lost"),
            sa.func.coalesce(asked.c.stopped, False).label("stopped"),
            sa.func.coalesce(asked.c.opted_out, False).label("opted_out"),
        )
        .outerjoin(own, own.c.record_id == home.c.home_record)
        .outerjoin(notice, covers)
        .outerjoin(suspended, suspended.c.person_id == home.c.person_id)
        .outerjoin(lost, lost.c.record_id == home.c.home_record)
        .outerjoin(asked, asked.c.person_id == home.c.person_id)
        .where(home.c.snapshot_id == snapshot_id)
    )
    if rules.get("open_pairs") == "wait":
        pairs = _with_open_pair(drawn, snapshot_id)
        query = query.outerjoin(pairs, pairs.c.person_id == home.c.person_id)
        query = query.add_columns(pairs.c.person_id.is_not(None).label("open_pair"))
    if "joined" in rules:
        query = _add_joined(query, snapshot_id)
    for number, of in enumerate(_purposes(drawn)):
        query = _add_served(query, drawn, of, number)
    return query


def _suspended(snapshot_id: int) -> sa.Subquery:
    seen = pool_presence
    of = sa.select(seen.c.person_id).where(seen.c.snapshot_id == snapshot_id, seen.c.status == "suspended")
    return of.distinct().subquery("suspended")


def _consent_lost(drawn: Round) -> sa.Subquery:
    """Home records whose consent has ended since, however old the pool is: a roster of a later date said so (docs/adr/0047)."""
    if drawn.rows_of is not None:
        row = target_row.c
        said = sa.select(row.record_id).where(row.list_id == drawn.rows_of, row.reason == "consent_ended")
        return said.distinct().subquery("consent_lost")
    of = source_record.c
    return sa.select(of.record_id).where(of.status == "suspended").distinct().subquery("consent_lost")


def _asked(drawn: Round, snapshot_id: int) -> sa.Subquery:
    """People who asked that they are not used, for anything or for `purpose`, by their records of then and of today: it holds
    from the moment they ask, however old the pool is."""
    stop, seen, of = use_stop, pool_presence, record_person
    then = sa.select(seen.c.person_id, stop.c.purpose).join(stop, stop.c.record_id == seen.c.record_id)
    now = sa.select(of.c.person_id, stop.c.purpose).join(stop, stop.c.record_id == of.c.record_id)
    holds = stopped(drawn.then)
    theirs = sa.union_all(then.where(seen.c.snapshot_id == snapshot_id, holds), now.where(holds)).subquery("theirs")
    return (
        sa.select(
            theirs.c.person_id,
            sa.func.bool_or(theirs.c.purpose == "").label("stopped"),
            sa.func.bool_or(theirs.c.purpose == drawn.campaign.purpose).label("opted_out"),
        )
        .group_by(theirs.c.person_id)
        .subquery("asked")
    )


def _with_open_pair(drawn: Round, snapshot_id: int) -> sa.Subquery:
    """People of the snapshot of whom a record stands in a pair that waits now, by the ids the snapshot knows them by."""
    from talentpool.review import waiting_records

    if drawn.rows_of is not None:
        row = target_row.c
        said = sa.select(row.person_id).where(row.list_id == drawn.rows_of, row.reason == "identity_open")
        return said.subquery("open_pair")
    seen = pool_presence
    query = sa.select(seen.c.person_id).where(seen.c.snapshot_id == snapshot_id)
    return query.where(seen.c.record_id.in_(waiting_records())).distinct().subquery("open_pair")


def _add_joined(query: sa.Select, snapshot_id: int) -> sa.Select:
    """joined_on: since when a spell of the person goes on; own_joined_on: of the home record."""
    seen, own = pool_presence, pool_presence.alias("own_presence")
    at_work = (seen.c.snapshot_id == snapshot_id, seen.c.status.not_in(OUTSIDE))
    first = (
        sa.select(seen.c.person_id, sa.func.min(seen.c.spell_from).label("joined_on"))
        .where(*at_work)
        .group_by(seen.c.person_id)
        .subquery("first_day")
    )
    home = pool_person
    query = query.outerjoin(first, first.c.person_id == home.c.person_id)
    query = query.outerjoin(own, sa.and_(own.c.snapshot_id == snapshot_id, own.c.record_id == home.c.home_record))
    return query.add_columns(first.c.joined_on, own.c.spell_from.label("own_joined_on"))


def with_at_work(told: sa.FromClause, drawn: Round, snapshot_id: int) -> sa.Select:
    """`told` (home_record, reason and more) with at_work_since, which the declared order may read of the eligible: of the home
    record, the longest spell there is; so that no place on a list tells of another job. Of nobody else it is looked up."""
    if "longest_in_trade" not in _ordered(drawn):
        return sa.select(told, sa.null().cast(sa.Date).label("at_work_since"))
    here = pool_presence.alias("here")
    asked = sa.case((told.c.reason == ELIGIBLE, told.c.home_record))
    on = sa.and_(here.c.snapshot_id == snapshot_id, here.c.record_id == asked)
    return sa.select(told, here.c.spell_from.label("at_work_since")).outerjoin(here, on)


def _add_served(query: sa.Select, drawn: Round, purpose: str, number: int) -> sa.Select:
    """served_<purpose>: the as-of of the newest locked list of the purpose that has the person, whatever the id was then.

    A list of the same campaign and cycle is no earlier one. Where receipts count, a person of a list of which their county sent
    anything back is served who received; of a county that sent nothing back everybody on the list is.
    """
    now, then = (redirects(drawn.then, f"{name}_{number}") for name in ("now", "then"))
    of = target_list
    served = (
        sa.select(
            sa.func.coalesce(then.c.new_id, target_row.c.person_id).label("person_id"),
            sa.func.max(of.c.as_of).label("as_of"),
        )
        .join(of, of.c.list_id == target_row.c.list_id)
        .outerjoin(then, then.c.old_id == target_row.c.person_id)
        .where(
            *_received(drawn, number),
            served_then(drawn.then),
            of.c.as_of <= drawn.as_of,
            of.c.passport["purpose"].astext == (purpose or drawn.campaign.purpose),
            sa.or_(of.c.campaign != drawn.campaign.code, of.c.cycle != drawn.cycle),
            target_row.c.selected,
        )
        .group_by(sa.text("1"))
        .subquery(f"served_lists_{number}")
    )
    home = pool_person
    query = query.outerjoin(now, now.c.old_id == home.c.person_id)
    query = query.outerjoin(served, served.c.person_id == sa.func.coalesce(now.c.new_id, home.c.person_id))
    return query.add_columns(served.c.as_of.label(f"served_{purpose}"))


def _received(drawn: Round, number: int) -> list[sa.ColumnElement[bool]]:
    """What besides being listed makes a target_row served, where the campaign goes by receipts."""
    if drawn.campaign.served_by == "listed":
        return []
    stands, answered = standing(then=drawn.then, name=f"stands_{number}"), receipt_row.alias(f"answered_{number}")
    got = sa.exists().where(
        stands.c.list_id == target_row.c.list_id,
        stands.c.row_id == target_row.c.row_id,
        stands.c.outcome.in_([outcome.value for outcome in HANDED_OUT]),
    )
    of_county = (
        answered.c.list_id == target_row.c.list_id,
        answered.c.county.is_not_distinct_from(target_row.c.county),
    )
    came = sa.select(answered.c.entry_id).where(*of_county).correlate(target_row)
    if drawn.then is not None:
        came = came.join(receipt, receipt.c.receipt_id == answered.c.receipt_id).where(receipt.c.made_at <= drawn.then)
    return [sa.or_(sa.not_(came.exists()), got)]
