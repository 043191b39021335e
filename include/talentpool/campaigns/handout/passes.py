"""Sign in for an event by a code that is good once: a station, or an officer's own phone; then until the event ends.

Code and session stand in the table as keyed hashes alone. Every effect asks for the session's row anew.
"""

from __future__ import annotations

import secrets
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa

from talentpool.campaigns.handout.events import Event, lasting, lasting_event, speaks_for
from talentpool.campaigns.life.approver import Approver
from talentpool.campaigns.life.states import FROZEN, ListState
from talentpool.campaigns.selection.row_ids import ROW_ALPHABET
from talentpool.errors import ConflictError, UsageError
from talentpool.guard import KeyRing, audit
from talentpool.guard.attempts import begin_attempt, succeeded
from talentpool.guard.scope import Scope
from talentpool.guard.sessions import keyed
from talentpool.model import handout_event, handout_pass, target_list, target_row
from talentpool.office import Office

SIGNS = 12
"""Of a code: 60 bits."""
MOST_WAITING = 5
"""Codes of one station that wait to be used, or are in use: so many people hand out there at once."""
OUT = tuple(state for state in FROZEN if state != ListState.CLOSED)


@dataclass(frozen=True)
class Holder:
    """Who is signed in for an event. `partner`, `station`: None = an officer, for all rows of the county; `name`: who acts."""

    pass_id: int
    event_id: int
    list_id: int
    county: str
    partner: str | None
    station: str | None
    name: str
    user_id: int | None
    bound_to: UUID | None
    reserve: int
    ends_at: datetime

    @property
    def scope(self) -> Scope:
        """What the database shows them: the county's people; looking.py keeps a station to its own."""
        return Scope(self.name, frozenset(), (self.county,))

    @property
    def rows(self) -> list[sa.ColumnElement[bool]]:
        """Conditions on target_row: the rows that they hand out."""
        row = target_row.c
        mine = [row.list_id == self.list_id, row.selected, row.county == self.county, row.facts["erased"].is_(None)]
        return mine if self.partner is None else [*mine, *handed_at(self.partner, str(self.station))]


def handed_at(partner: str, station: str) -> list[sa.ColumnElement[bool]]:
    """Conditions on target_row: the people whom a station hands out to; of others there the county does, for reasons that are not
    the station's to know."""
    row = target_row.c
    return [row.partner == partner, row.station == station, row.facts["by_station"].as_boolean()]


@dataclass(frozen=True)
class Account:
    """An officer's account in the UI. `bound_to`: keyed hash of name, password and roles; another one ends the sign-in."""

    user_id: int
    bound_to: UUID


def issue(office: Office, event_id: int, place: tuple[str, str] | Account, who: Approver) -> str:
    """A code for a station (partner, station) of the event's county, or for the officer's own phone. Nobody can show it again;
    whoever loses it gets another.

    Raises:
        RefusedError: neither the city's officer nor that county's.
        UsageError: nobody of that station is on the list. ConflictError: the event is over, or enough codes are out.
    """
    with office.engine.begin() as conn:
        made = new_pass(conn, event_id, place, who)
        code_hash = _hash_of(office.keys, made.list_id, made.code)
        conn.execute(handout_pass.update().where(handout_pass.c.pass_id == made.pass_id).values(code_hash=code_hash))
        return made.written


@dataclass(frozen=True, repr=False)
class NewPass:
    """A sign-in that nobody has used; its code, which stands nowhere."""

    pass_id: int
    list_id: int
    code: str

    @property
    def written(self) -> str:
        """The code as it is shown."""
        return f"{self.code[:4]}-{self.code[4:8]}-{self.code[8:]}"


def new_pass(
    conn: sa.Connection, event_id: int, place: tuple[str, str] | Account, who: Approver, *, apart: bool = False
) -> NewPass:
    """A sign-in without a way in yet. `apart`: for a host apart. Errors as of issue()."""
    own = isinstance(place, Account)
    partner, station = (None, None) if isinstance(place, Account) else place
    event = lasting_event(conn, event_id)
    speaks_for(who, event.county)
    if not own and not _listed(conn, event, str(partner), str(station)):
        raise UsageError("名单上没有这个站点的人，没有发码")
    holder = who.name if own else f"station:{partner}:{event.county}:{station}"
    of = handout_pass.c
    alive = of.event_id == event_id, of.holder == holder, of.ended_at.is_(None)
    if (conn.scalar(sa.select(sa.func.count()).where(*alive)) or 0) >= MOST_WAITING:
        raise ConflictError(f"已有 {MOST_WAITING} 个有效的登录码；请先作废不用的，再发新的")
    values = {"event_id": event_id, "partner": partner, "station": station, "holder": holder, "made_by": who.name,
              "apart": apart, "user_id": place.user_id if isinstance(place, Account) else None,
              "bound_to": place.bound_to if isinstance(place, Account) else None}  # fmt: skip
    made = handout_pass.insert().values(made_at=sa.func.clock_timestamp(), **values)
    number = int(conn.execute(made.returning(handout_pass.c.pass_id)).scalar_one())
    audit(conn, "role_change", f"list:{event.list_id}", actor=who.name, scope=event.county,
          details={"handout": "code", "event": event_id, "pass": number, "for": holder, "apart": apart})  # fmt: skip
    return NewPass(number, event.list_id, "".join(secrets.choice(ROW_ALPHABET) for _ in range(SIGNS)))


def _listed(conn: sa.Connection, event: Event, partner: str, station: str) -> bool:
    row = target_row.c
    mine = row.county == event.county, *handed_at(partner, station)
    return bool(conn.scalar(sa.select(sa.exists().where(row.list_id == event.list_id, row.selected, *mine))))


@dataclass(frozen=True)
class Issued:
    """A sign-in as the officer sees it; `state`: waiting, used or ended."""

    pass_id: int
    event_id: int
    partner: str | None
    station: str | None
    holder: str
    made_by: str
    made_at: datetime
    used_at: datetime | None
    ended_at: datetime | None
    apart: bool

    @property
    def state(self) -> str:
        return "ended" if self.ended_at else "used" if self.used_at else "waiting"


def issued(conn: sa.Connection, event_ids: Collection[int]) -> list[Issued]:
    """The sign-ins of these events, the newest first."""
    of = handout_pass.c
    query = sa.select(*(of[name] for name in Issued.__dataclass_fields__)).where(of.event_id.in_(event_ids))
    return [Issued(*row) for row in conn.execute(query.order_by(of.pass_id.desc()))]


@dataclass(frozen=True)
class Tried:
    """What came of a code. `session`: what the browser shows from now on, '' where the code opens nothing; `wait`: seconds
    until the next try is looked at; `shut`: this failure shuts the door."""

    session: str = ""
    wait: int = 0
    shut: bool = False


def redeem(office: Office, list_id: int, code: str, address: str) -> Tried:
    """Try a code for a list. A wrong one, one of another list, a used, revoked or late one are all the same to who tries.

    Failures count by list and address, so that nobody can shut a list's door for others.
    """
    attempt = begin_attempt(office.engine, office.keys, f"handout:{list_id}:{address}", address)
    if attempt.wait:
        return Tried(wait=attempt.wait)
    signs = "".join(sign for sign in code.upper() if sign in ROW_ALPHABET)
    session = secrets.token_urlsafe(24)
    with office.engine.begin() as conn:
        of = handout_pass.c
        events = sa.select(handout_event.c.event_id).where(handout_event.c.list_id == list_id, lasting())
        row = conn.execute(
            handout_pass.update()
            .where(of.code_hash == _hash_of(office.keys, list_id, signs), of.used_at.is_(None), of.ended_at.is_(None))
            .where(of.event_id.in_(events))
            .values(used_at=sa.func.clock_timestamp(), session_hash=keyed(office.keys, "handout session", session))
            .returning(of.pass_id, of.event_id, of.holder)
        ).one_or_none()
        if row is not None:
            audit(conn, "sign_in", f"list:{list_id}", actor=row.holder,
                  details={"door": "handout", "event": row.event_id, "pass": row.pass_id})  # fmt: skip
        else:
            audit(conn, "sign_in_lock" if attempt.shut else "sign_in_failed", f"list:{list_id}", actor="not_signed_in",
                  details={"door": "handout", "address": address})  # fmt: skip
    if row is None:
        return Tried(shut=bool(attempt.shut))
    succeeded(office.engine, office.keys, attempt)
    return Tried(session)


def holder_of(conn: sa.Connection, keys: KeyRing, list_id: int, session: str) -> Holder | None:
    """Who shows this, if it holds: not revoked, the event lasts, the list is out. None for everything else."""
    of = handout_pass.c
    shown = of.session_hash == keyed(keys, "handout session", session)
    return holder_where(conn, shown, of.ended_at.is_(None), lasting(), handout_event.c.list_id == list_id)


def holder_where(conn: sa.Connection, *which: sa.ColumnElement[bool]) -> Holder | None:
    """The one sign-in that meets `which`, if its list is out."""
    of, event = handout_pass.c, handout_event.c
    query = (
        sa.select(of.pass_id, of.event_id, event.list_id, event.county, of.partner, of.station,
                  of.holder, of.user_id, of.bound_to, event.reserve, event.ends_at)
        .join(handout_event, event.event_id == of.event_id)
        .join(target_list, target_list.c.list_id == event.list_id)
        .where(*which, target_list.c.state.in_(OUT))
    )  # fmt: skip
    row = conn.execute(query).one_or_none()
    return None if row is None else Holder(*row)


def revoke(office: Office, pass_id: int, who: Approver) -> None:
    """An officer ends a sign-in, used or not. UsageError when there is none, ConflictError when it has ended."""
    with office.engine.begin() as conn:
        of = handout_pass.c
        found = conn.execute(sa.select(of.event_id, of.ended_at).where(of.pass_id == pass_id)).one_or_none()
        if found is None:
            raise UsageError("没有这个登录")
        event = lasting_event(conn, found.event_id)
        speaks_for(who, event.county)
        if found.ended_at is not None:
            raise ConflictError("这个登录已作废")
        _end(conn, pass_id, who.name)
        audit(conn, "role_change", f"list:{event.list_id}", actor=who.name, scope=event.county,
              details={"handout": "revoke", "event": event.event_id, "pass": pass_id})  # fmt: skip


def leave(office: Office, holder: Holder) -> None:
    """Who is signed in signs out: what the browser showed opens nothing any more."""
    with office.engine.begin() as conn:
        _end(conn, holder.pass_id, holder.name)
        audit(conn, "sign_out", f"list:{holder.list_id}", actor=holder.name, scope=holder.county,
              details={"door": "handout", "event": holder.event_id, "pass": holder.pass_id})  # fmt: skip


def _end(conn: sa.Connection, pass_id: int, by: str) -> None:
    ended = {"ended_at": sa.func.clock_timestamp(), "ended_by": by}
    conn.execute(handout_pass.update().where(handout_pass.c.pass_id == pass_id).values(ended))


def _hash_of(keys: KeyRing, list_id: int, code: str) -> UUID:
    return keyed(keys, "handout code", f"{list_id}:{code}")
