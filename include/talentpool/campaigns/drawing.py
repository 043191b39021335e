"""Draw a campaign's list from the pool of a date, freeze it when it is approved, write its sheets.

A draft may be drawn again and again. One that needs approvals is locked as it was approved, never drawn anew under its
approvers (life/). A locked list is for good: drawn again it is returned as it stands, whatever the
pool says by then, and its cycle takes no second list, because for one purpose and cycle a person is served once.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import date
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from talentpool.area import county_names
from talentpool.campaigns import lists
from talentpool.campaigns.funnel import funnel
from talentpool.campaigns.life.acting import is_cancelled
from talentpool.campaigns.life.apart import keep_apart
from talentpool.campaigns.life.locking import lock_draft, refuse_lock
from talentpool.campaigns.life.states import FROZEN
from talentpool.campaigns.life.steps import approvers, steps
from talentpool.campaigns.lists import Release, Stored
from talentpool.campaigns.planning.dates import round_on
from talentpool.campaigns.planning.freshness import Said, check_fresh
from talentpool.campaigns.round import Round
from talentpool.campaigns.selection.codes import refuse_unknown_codes
from talentpool.campaigns.selection.passport import passport_of
from talentpool.campaigns.selection.rows import judge_snapshot
from talentpool.campaigns.sharing import paragraph
from talentpool.declare import Campaign
from talentpool.errors import UsageError, WaitingError
from talentpool.guard.duties import check_duty, spelt, two_people
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
    supplement: bool = False,
    run: str = "command",
    sheets: bool = True,
) -> Drawn:
    """The list of `campaign` from Pool(as_of), which is built when missing; with `lock` it is frozen.

    Sheets go to `out`; a locked list of a demo deployment goes to the folder of lists when `out` is not given.
    With `recipients` (codes of the reference table) they leave encrypted, marked and on record (exports.py).
    `all_the_same`: why it is drawn though a roster within its grace is missing, by `by`; the list carries it.
    `supplement`: a list of late names beside the round's locked one: who is eligible now and on none of its lists, out of what
    is left.
    `sheets`: False = none is written now, where one would be; drawn again the locked list has them.
    `by`: who drafts, locks and exports, who therefore cannot approve; `today`: the office's day, printed on exports; `run`: which
    run of Airflow draws, for the passport.
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
    if not spelt(by):
        raise UsageError("请写明由谁拟定（--by 姓名），没有执行")
    refuse_days_to_come(as_of, today_in_office(office.settings), campaign.name)
    drawn = _supplement(office, campaign, as_of) if supplement else round_on(office.engine, campaign, as_of)
    stored, stale = _stored(office, drawn, Said(by, all_the_same, run), lock=lock)
    if recipients:
        if today is None:
            raise ValueError("an export is of a day")
        return _exported(office, stored, recipients, Release(by, out or office.settings.lists_dir, today))
    folder = out or (office.settings.lists_dir if stored.state in FROZEN and office.settings.embedded else None)
    files: list[str] = []
    if folder is not None and not sheets:
        for name in stale:
            (folder / name).unlink(missing_ok=True)
    elif folder is not None:
        from talentpool.campaigns.release.files import write_files

        files = [str(path) for path in write_files(office, stored, folder, stale, by=by)]
    log.info(
        "list %s of %s %s is %s: %s selected",
        stored.list_id, campaign.code, drawn.cycle, stored.state, stored.selected,
    )  # fmt: skip
    return Drawn.of(stored, files)


def _exported(office: Office, stored: Stored, recipients: Sequence[str], release: Release) -> Drawn:
    from talentpool.campaigns.release.exports import export_list

    made = export_list(office, stored, recipients, release)
    return Drawn.of(stored, [file for one in made for file in one.files], [one.as_json() for one in made])


def _supplement(office: Office, campaign: Campaign, as_of: date) -> Round:
    """The round's next list of late names, or the locked one of that as-of. UsageError before the round's list is locked."""
    first = round_on(office.engine, campaign, as_of)
    with office.engine.connect() as conn:
        frozen = lists.find_frozen(conn, campaign.code, first.cycle)
    if not frozen or frozen[0].supplement:
        raise UsageError(f"{campaign.name}本轮的名单还没有锁定，不必用补充名单：重新拟定即可")
    if as_of < frozen[-1].as_of:
        raise UsageError(f"补充名单的数据日期不早于上一份名单的（{frozen[-1].as_of}）")
    same = [
        stored.supplement for stored in frozen if (stored.as_of, stored.follows) == (as_of, None) and stored.supplement
    ]
    return replace(first, supplement=same[-1] if same else frozen[-1].supplement + 1)


def _stored(office: Office, drawn: Round, said: Said, *, lock: bool) -> tuple[Stored, list[str]]:
    """The list of a round, locked or drafted anew, and names of files that it makes stale."""
    campaign, cycle, as_of = drawn.campaign, drawn.cycle, drawn.as_of
    with office.engine.connect() as conn:
        locked, draft = _locked(conn, drawn), lists.open_draft(conn, drawn)
        if locked is None:
            refuse_unknown_codes(conn, office, campaign)
        if locked is None and is_cancelled(conn, campaign.code, cycle):
            raise UsageError(f"{campaign.name}（{cycle}）已由专员取消，不拟定名单；要恢复请用 talentpool target resume")
        as_approved = lock and draft is not None and bool(steps(conn, draft.list_id))
        fresh = {} if locked is not None or as_approved else check_fresh(conn, office, drawn, said)
    if locked is not None:
        return locked, []
    if lock:  # asked again when it is locked; here before a pool is made for nothing
        with office.engine.connect() as conn:
            refuse_lock(conn, office, drawn)
    if as_approved:
        return _locked_as_approved(office, drawn, said.by)
    pool = snapshot(office, as_of)
    waits: WaitingError | None = None
    with office.engine.begin() as conn:
        lists.serialize(conn, campaign.purpose, cycle)
        locked = _locked(conn, drawn)
        if locked is not None:
            return locked, []
        stored, stale = _drafted(conn, office, drawn, said, pool.snapshot_id, fresh)
        if lock:
            try:
                stored, more = lock_draft(conn, office, drawn, stored, by=said.by)
                stale += more
            except WaitingError as error:  # the draft that waits is kept
                waits = error
    if waits is not None:
        raise waits
    return stored, stale


def _locked_as_approved(office: Office, drawn: Round, by: str) -> tuple[Stored, list[str]]:
    with office.engine.begin() as conn:
        lists.serialize(conn, drawn.campaign.purpose, drawn.cycle)
        locked, draft = _locked(conn, drawn), lists.open_draft(conn, drawn)
        if locked is not None:
            return locked, []
        if draft is None:
            raise UsageError(f"{drawn.campaign.name}的草稿刚刚撤下，没有锁定；请重新拟定")
        return lock_draft(conn, office, drawn, draft, by=by)


def _drafted(
    conn: sa.Connection, office: Office, drawn: Round, said: Said, snapshot_id: int, fresh: dict[str, Any]
) -> tuple[Stored, list[str]]:
    check_duty(conn, said.by, "draft")
    lists.refuse_void_pool(conn, snapshot_id)
    judged = keep_apart(conn, drawn, judge_snapshot(conn, office.keys, drawn, snapshot_id))
    told = {
        "rule": paragraph(drawn.campaign, county_names(conn, office.settings.area)),
        "drafted_by": [said.by],
        "run": said.run,
        **fresh,
    }
    passport = {**passport_of(conn, office, drawn, judged), **told}
    stored, stale = lists.store_draft(conn, office.settings, drawn, snapshot_id, judged, passport)
    two_people(approvers(conn, stored.list_id), said.by, f"approved list {stored.list_id} and cannot draft it")
    return stored, stale


def may_be_drawn(office: Office, campaign: Campaign, as_of: date) -> None:
    """WaitingError, which names the rosters, where a draw would wait for them. Changes nothing."""
    drawn = round_on(office.engine, campaign, as_of)
    with office.engine.connect() as conn:
        if _locked(conn, drawn) is None:
            check_fresh(conn, office, drawn, Said(OFFICE, ""))


def _locked(conn: sa.Connection, drawn: Round) -> Stored | None:
    code = drawn.campaign.code
    if drawn.supplement:
        frozen = lists.find_frozen(conn, code, drawn.cycle)
        return next((one for one in frozen if one.supplement == drawn.supplement), None)
    locked = lists.find_locked(conn, code, drawn.cycle)
    if locked is not None and locked.as_of != drawn.as_of:
        raise UsageError(
            f"{code} {drawn.cycle} is already locked as list {locked.list_id} with as-of {locked.as_of}; "
            "for one purpose and cycle a person is served once. Draw with that as-of to get its files again"
        )
    return locked
