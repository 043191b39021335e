"""Draw a campaign's list from the pool of a date, have it approved, freeze it, write its sheets.

A draft may be drawn again and again. A locked list is for good: drawn again it is returned as it stands, whatever the
pool says by then, and its cycle takes no second list, because for one purpose and cycle a person is served once.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from talentpool.area import county_names
from talentpool.campaigns import lists
from talentpool.campaigns.dates import round_on
from talentpool.campaigns.freshness import Said, check_fresh
from talentpool.campaigns.funnel import funnel
from talentpool.campaigns.lawful import notices_for, say_not_yet_lawful
from talentpool.campaigns.lists import Approved, Release, Stored
from talentpool.campaigns.round import Round
from talentpool.campaigns.rows import Judged, judge_snapshot
from talentpool.campaigns.sharing import lottery_seed, paragraph
from talentpool.campaigns.unasked import say_unasked, unasked
from talentpool.declare import Campaign
from talentpool.declare.occasion import refuse_out_of_season
from talentpool.declare.rules import conditions
from talentpool.errors import UsageError, WaitingError
from talentpool.guard import audit
from talentpool.guard.duties import check_duty, two_people
from talentpool.model import list_approval
from talentpool.office import Office
from talentpool.office_day import refuse_days_to_come, today_in_office
from talentpool.pool import snapshot

log = logging.getLogger(__name__)

OFFICE = "talentpool target"
"""Who locks and exports where nobody is named, as in a scheduled run: the login stands beside it."""


@dataclass(frozen=True)
class Drawn:
    """A drawn list: counts, ids and file paths, never rows. `excluded`: reason -> people; `rule`: in one paragraph;
    `funnel`: from the pool to the list (funnel.py)."""

    list_id: int
    state: str
    eligible: int
    selected: int
    excluded: dict[str, int]
    files: list[str]
    content_hash: str
    rule: str
    funnel: list[dict[str, Any]]
    exports: list[dict[str, Any]] = field(default_factory=list)

    @classmethod
    def of(cls, stored: Stored, files: list[str], exports: list[dict[str, Any]] | None = None) -> Drawn:
        """`rule` is empty for a list that was locked before lists bore one."""
        return cls(
            stored.list_id, stored.state, stored.eligible, stored.selected, stored.excluded, files, stored.content_hash,
            stored.passport.get("rule", ""), funnel(stored.selected, stored.excluded), exports or [],
        )  # fmt: skip

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


def draw(
    office: Office,
    campaign: Campaign,
    as_of: date,
    *,
    lock: bool = False,
    out: Path | None = None,
    by: str = OFFICE,
    recipients: Sequence[str] = (),
    today: date | None = None,
    all_the_same: str = "",
) -> Drawn:
    """The list of `campaign` from Pool(as_of), which is built when missing; with `lock` it is frozen.

    Sheets go to `out`; a locked list of a demo deployment goes to the folder of lists when `out` is not given.
    With `recipients` (codes of the reference table) they leave encrypted, marked and on record (exports.py).
    `all_the_same`: why it is drawn though a roster within its grace is missing, by `by`; the list carries it.
    `by`: who drafts, locks and exports, who therefore cannot approve; `today`: the office's day, printed on exports.
    Raises WaitingError when approvals are missing, or a pair of two document numbers on it is not judged (the draft then
    waits under its number), or the pool misses a roster that is due and within its grace (nothing is drawn, what was drawn
    stays), UsageError when the cycle already has a locked list of another as-of, when the as-of is a day
    to come or far from the occasion whose cycle a lock would use up, when there is nobody in the pool to freeze, or when
    plain files are asked for outside the embedded demo profile.
    """
    if out is not None and not office.settings.embedded and not recipients:
        raise UsageError(
            "only an embedded demo writes list files in plain; name a --recipient to encrypt them to "
            "(`talentpool reference list recipient`)"
        )
    refuse_days_to_come(as_of, today_in_office(office.settings), campaign.name)
    drawn = round_on(office.engine, campaign, as_of)
    stored, stale = _stored(office, drawn, Said(by, all_the_same), lock=lock)
    if recipients:
        if today is None:
            raise ValueError("an export is of a day")
        return _exported(office, stored, recipients, Release(by, out or office.settings.lists_dir, today))
    folder = out or (office.settings.lists_dir if stored.state == "locked" and office.settings.embedded else None)
    files: list[str] = []
    if folder is not None:
        from talentpool.campaigns.files import write_files

        files = [str(path) for path in write_files(office, stored, folder, stale, by=by)]
    log.info(
        "list %s of %s %s is %s: %s selected",
        stored.list_id, campaign.code, drawn.cycle, stored.state, stored.selected,
    )  # fmt: skip
    return Drawn.of(stored, files)


def _exported(office: Office, stored: Stored, recipients: Sequence[str], release: Release) -> Drawn:
    from talentpool.campaigns.exports import export_list

    made = export_list(office, stored, recipients, release)
    return Drawn.of(stored, [file for one in made for file in one.files], [one.as_json() for one in made])


def _stored(office: Office, drawn: Round, said: Said, *, lock: bool) -> tuple[Stored, list[str]]:
    """The list of a round, locked or drafted anew, and names of files that it makes stale."""
    campaign, cycle, as_of, by = drawn.campaign, drawn.cycle, drawn.as_of, said.by
    with office.engine.connect() as conn:
        locked = _locked(conn, drawn)
        fresh = {} if locked is not None else check_fresh(conn, office, drawn, said)
    if locked is not None:
        return locked, []
    if lock:
        refuse_out_of_season(campaign, as_of)
        with office.engine.connect() as conn:
            if not notices_for(conn, campaign.purpose, today_in_office(office.settings)):
                raise UsageError(say_not_yet_lawful(campaign))
    pool = snapshot(office, as_of)
    with office.engine.begin() as conn:
        lists.serialize(conn, campaign.purpose, cycle)
        locked = _locked(conn, drawn)
        if locked is not None:
            return locked, []
        check_duty(conn, by, "draft")
        lists.refuse_void_pool(conn, pool.snapshot_id)
        judged = judge_snapshot(conn, office.keys, drawn, pool.snapshot_id)
        told = {"rule": paragraph(campaign, county_names(conn, office.settings.area)), "drafted_by": [by], **fresh}
        stored, stale = lists.store_draft(
            conn, drawn, pool.snapshot_id, judged.rows, {**_passport(drawn), **_shared(office, drawn, judged), **told}
        )
        two_people(lists.approvers(conn, stored.list_id), by, f"approved list {stored.list_id} and cannot draft it")
        if lock and not judged.rows:
            raise UsageError(f"the pool of {as_of} holds nobody; an empty list would use up the cycle {cycle}")
        missing, pairs = lists.missing_approvals(conn, stored), unasked(conn, stored.list_id) if lock else 0
        if lock and not missing and not pairs:
            stored, more = lists.lock(conn, stored)
            stale += more
            audit(
                conn, "lock", f"list:{stored.list_id}", actor=by, reason=campaign.purpose,
                details={"content_hash": stored.content_hash, "selected": stored.selected, **fresh},
            )  # fmt: skip
    if pairs:
        raise WaitingError(say_unasked(stored, pairs))
    if lock and missing:
        raise WaitingError(
            f"list {stored.list_id} of {campaign.code} {cycle} needs {missing} more approval(s) before it is locked: "
            f"talentpool target approve {stored.list_id} --by NAME, then lock again"
        )
    return stored, stale


def may_be_drawn(office: Office, campaign: Campaign, as_of: date) -> None:
    """WaitingError, which names the rosters, where a draw would wait for them. Changes nothing."""
    drawn = round_on(office.engine, campaign, as_of)
    with office.engine.connect() as conn:
        if _locked(conn, drawn) is None:
            check_fresh(conn, office, drawn, Said(OFFICE, ""))


def _locked(conn: sa.Connection, drawn: Round) -> Stored | None:
    code = drawn.campaign.code
    locked = lists.find_locked(conn, code, drawn.cycle)
    if locked is not None and locked.as_of != drawn.as_of:
        raise UsageError(
            f"{code} {drawn.cycle} is already locked as list {locked.list_id} with as-of {locked.as_of}; "
            "for one purpose and cycle a person is served once. Draw with that as-of to get its files again"
        )
    return locked


def _passport(drawn: Round) -> dict[str, Any]:
    """What the list says of itself: enough to print its sheets again when the declaration has changed since."""
    campaign = drawn.campaign
    declared = campaign.model_dump(mode="json")
    return {
        "campaign": campaign.code,
        "name": campaign.name,
        "purpose": campaign.purpose,
        "cycle": drawn.cycle,
        "as_of": drawn.as_of.isoformat(),
        "form": campaign.form,
        "item": campaign.item,
        "told": campaign.told,
        "contact": campaign.contact,
        "rules": declared["eligibility"],
        "conditions": conditions(campaign.eligibility),
        "stock": campaign.room,
        "stock_declared": declared["stock"],
        "approvals_needed": list(campaign.approvals),
        "approvals": [],
        "declaration_hash": campaign.hash,
    }


def _shared(office: Office, drawn: Round, judged: Judged) -> dict[str, Any]:
    """How scarce stock was shared: enough to share it again. Nothing where there was enough for everybody."""
    if not judged.groups:
        return {}
    campaign = drawn.campaign
    return {
        "seed": lottery_seed(office.keys, campaign.code, drawn.cycle),
        "order": list(campaign.order),
        "groups": [asdict(group) for group in judged.groups],
    }


def approve(engine: sa.Engine, list_id: int, by: str) -> Approved:
    """Record that `by` approves the draft; the same person counts once.

    UsageError when there is no such list, or it is locked already, or nobody is named; RefusedError for whoever drafted
    it, or whose role does not approve.
    """
    by = by.strip()
    if not by:
        raise UsageError("an approval must name who approves")
    with engine.begin() as conn:
        stored = lists.find(conn, list_id)
        lists.serialize(conn, stored.passport["purpose"], stored.cycle)
        stored = lists.find(conn, list_id)
        if stored.state != "draft":
            raise UsageError(f"list {list_id} is {stored.state} already; an approval would change nothing")
        two_people(stored.passport.get("drafted_by", ()), by, f"drafted list {list_id}")
        check_duty(conn, by, "approve")
        conn.execute(insert(list_approval).on_conflict_do_nothing(), {"list_id": list_id, "approved_by": by})
        approved = Approved(list_id, lists.approvers(conn, list_id), lists.missing_approvals(conn, stored))
        audit(conn, "approval", f"list:{list_id}", actor=by, details={"content_hash": stored.content_hash})
        return approved
