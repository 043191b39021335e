"""Let a locked list out to everybody on record: each county's recipients, each station that has a key.

Each gets an export of its own, so that one who waits for a second person's approval, or whose key is wrong, holds back
nobody else. Run again it makes what is missing, and nothing twice.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

import sqlalchemy as sa

from talentpool.campaigns.lists import Release, Stored
from talentpool.campaigns.release.exports import export_list
from talentpool.campaigns.release.plans import Plan, on_record, plan
from talentpool.errors import UsageError, WaitingError
from talentpool.model import provision
from talentpool.office import Office

log = logging.getLogger(__name__)


@dataclass
class Released:
    """Counts of exports and of places; `approve`: numbers of exports that wait for a second person; `faults`: recipients by code
    whose key or row is wrong."""

    released: int = 0
    before: int = 0
    files: int = 0
    people: int = 0
    counties_without: int = 0
    stations_without_key: int = 0
    approve: list[int] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)

    @classmethod
    def of_all(cls, each: Sequence[Released]) -> Released:
        """Of several lists of one round together; places that lack a key lack it for each."""
        return cls(
            **{name: sum(getattr(one, name) for one in each) for name in ("released", "before", "files", "people")},
            counties_without=max((one.counties_without for one in each), default=0),
            stations_without_key=max((one.stations_without_key for one in each), default=0),
            approve=[number for one in each for number in one.approve],
            faults=sorted({code for one in each for code in one.faults}),
        )

    @property
    def is_done(self) -> bool:
        return not self.approve

    def told(self) -> str:
        """In Chinese, in counts."""
        said = [f"本次下发 {self.released} 份导出（{self.files} 个文件），此前已下发 {self.before} 份"]
        if self.approve:
            numbers = "、".join(map(str, self.approve))
            said.append(
                f"{len(self.approve)} 份人数较多，等待第二人批准（导出编号 {numbers}，talentpool export approve）"
            )
        if self.faults:
            said.append(f"{len(self.faults)} 个接收方的登记或密钥有误，没有下发")
        if self.counties_without:
            said.append(f"{self.counties_without} 个区县没有登记接收方")
        if self.stations_without_key:
            said.append(f"{self.stations_without_key} 个站点没有密钥，由区县转交")
        return "；".join(said) + "。"

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


def release_on_record(office: Office, stored: Stored, release: Release) -> Released:
    """Make the exports that are missing. A list that is not locked, or somebody who may not export, is refused as in
    `export_list`; a single recipient's fault is counted."""
    with office.engine.connect() as conn:
        there = on_record(conn, stored, release.today)
    done = Released(counties_without=there.counties_without, stations_without_key=there.stations_without_key)
    for code in there.codes:
        try:
            with office.engine.connect() as conn:
                (one,) = plan(conn, office.settings, stored, [code], release.today)
                has_it = _has_it(conn, stored, one, release)
        except UsageError as error:
            log.warning("%s", error)
            done.faults.append(code)
            continue
        if has_it:
            done.before += 1
            continue
        try:
            (made,) = export_list(office, stored, [code], release)
        except WaitingError as waiting:
            log.info("%s", waiting)
            done.approve.append(_asked(office, stored, one, release))
            continue
        done.released, done.files = done.released + 1, done.files + len(made.files)
        done.people += made.people
    return done


def _of(stored: Stored, one: Plan) -> tuple[sa.ColumnElement[bool], ...]:
    facts = sa.cast(one.facts, provision.c.recipient_facts.type)
    return (
        provision.c.list_id == stored.list_id, provision.c.recipient == one.code, provision.c.recipient_facts == facts,
    )  # fmt: skip


def _has_it(conn: sa.Connection, stored: Stored, one: Plan, release: Release) -> bool:
    """Whether this recipient, with this key, has an export of the list that may still be used."""
    made = sa.exists().where(*_of(stored, one), provision.c.state == "made", provision.c.use_until >= release.today)
    return bool(conn.scalar(sa.select(made)))


def _asked(office: Office, stored: Stored, one: Plan, release: Release) -> int:
    asked = sa.select(sa.func.max(provision.c.export_id)).where(
        *_of(stored, one), provision.c.state.in_(["asked", "approved"]), provision.c.made_by == release.by
    )
    with office.engine.connect() as conn:
        return int(conn.scalar(asked) or 0)
