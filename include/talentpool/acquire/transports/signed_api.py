"""Read rosters from a partner's signed HTTPS API: an index of waiting rosters, and each roster in pages.

A roster is taken whole or not at all. When it moves under the reader (total or version change, a page is short or
comes twice) everything read so far is thrown away and the reading starts over, a few times; then the partner is
unavailable, and no part of the roster was landed.
"""

from __future__ import annotations

import hashlib
import json
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from functools import partial
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from talentpool.acquire.connection import Connection
from talentpool.acquire.json_rows import Spool, cell
from talentpool.acquire.pace import Clock
from talentpool.acquire.signed_calls import Account, SignedCalls
from talentpool.acquire.signers import SIGNERS
from talentpool.acquire.transports import Offer, Waiting
from talentpool.declare import Declaration, transport_options
from talentpool.errors import RejectedError, UnavailableError
from talentpool.settings import Settings

log = logging.getLogger(__name__)

CLOCK = Clock()
RESTARTS = 3
MAX_ROWS = 5_000_000
Name = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$")]
Path = Annotated[str, Field(pattern=r"^(/[A-Za-z0-9._-]+)+$")]


@transport_options
class Options(Declaration):
    """`signer` is one of acquire/signers.py; `staff_no_key` the key by which a page that came before is known.

    `token_path` unset = no access token is asked for. `file_stem` begins the names of what is landed.
    """

    kind: Literal["signed_api"]
    connection: str
    signer: str
    file_stem: Name
    index_service: Name
    page_service: Name
    staff_no_key: str
    path: Path
    token_path: Path | None = None
    page_size: int = Field(default=500, ge=1, le=10_000)
    calls_per_second: float = Field(default=10, gt=0, le=100)

    @field_validator("signer")
    @classmethod
    def _known(cls, name: str) -> str:
        if name not in SIGNERS:
            raise ValueError(f"no signer {name!r}; valid: {', '.join(sorted(SIGNERS))}")
        return name


class _Answer(BaseModel):
    """What the API says; numbers arrive as text."""

    model_config = ConfigDict(extra="ignore", frozen=True)


class Entry(_Answer):
    """One roster in the index."""

    roster_no: Name = Field(alias="rosterNo")
    as_of: date = Field(alias="asOf")
    kind: Literal["full", "delta"]
    since: date | None = None
    total: int = Field(ge=0, le=MAX_ROWS)
    version: Name
    notice_version: Name | None = Field(default=None, alias="noticeVersion")


class Page(_Answer):
    """One page of a roster."""

    total: int
    version: Name
    rows: list[dict[str, Any]]


class _MovedError(Exception):
    """The roster is not the one that the reading began with."""


@contextmanager
def waiting(options: Options, connection: Connection, settings: Settings) -> Iterator[Waiting]:  # noqa: ARG001
    """The rosters in the partner's index, oldest as-of first; the session ends with the context."""
    account = Account(
        path=options.path,
        token_path=connection.extra.get("token_path") or options.token_path,
        signer=SIGNERS[options.signer],
        calls_per_second=options.calls_per_second,
    )
    calls = SignedCalls(account, connection, CLOCK)
    try:
        entries = _index(calls, options)
        yield Waiting(_offer(calls, options, entry) for entry in entries)
    finally:
        calls.close()


def _index(calls: SignedCalls, options: Options) -> list[Entry]:
    """What waits, oldest first; of one day the full snapshot first. An entry that is none is left alone."""
    data = calls.call(options.index_service, "{}")
    rosters = data.get("rosters") if isinstance(data, dict) else None
    if not isinstance(rosters, list):
        raise UnavailableError(f"{options.index_service}: its answer holds no list of rosters; ask the partner")
    entries = []
    for number, roster in enumerate(rosters, 1):
        try:
            entries.append(Entry.model_validate(roster))
        except ValidationError as error:
            log.warning("roster %d of the index is left alone, wrong or missing: %s", number, _fields(error))
    return sorted(entries, key=lambda e: (e.as_of, e.kind == "delta", e.roster_no, e.version))


def _offer(calls: SignedCalls, options: Options, entry: Entry) -> Offer:
    name = f"{options.file_stem}_{entry.as_of:%Y%m%d}_{entry.roster_no}.csv"
    return Offer(
        name=name,
        as_of=entry.as_of,
        offer_id=f"{entry.roster_no}@{entry.version}@{entry.total}",
        manifest=None,
        chunks=partial(_chunks, calls, options, entry, name),
        kind=entry.kind,
        since=entry.since,
        rows=entry.total,
        notice_version=entry.notice_version,
    )


def _chunks(calls: SignedCalls, options: Options, entry: Entry, name: str) -> Iterator[bytes]:
    """The roster as one CSV, once all of it was read. UnavailableError when it does not hold still."""
    if not entry.total:
        raise RejectedError(
            "no_rows", f"{name}：接口的交付清单写的是 0 行，没有取名册；可能导出条件有误；请合作单位核对后重新提供"
        )
    for attempt in range(RESTARTS + 1):
        try:
            spool = _snapshot(calls, options, entry, name)
        except _MovedError as moved:
            log.warning("%s: %s; reading it from the start (attempt %d failed)", name, moved, attempt + 1)
            continue
        yield from spool.csv()
        return
    raise UnavailableError(
        f"{name}: it changed under every one of {RESTARTS + 1} readings; nothing was taken, try again later"
    )


def _snapshot(calls: SignedCalls, options: Options, entry: Entry, name: str) -> Spool:
    """All pages of one roster, or _MovedError."""
    spool = Spool(name)
    seen: set[bytes] = set()
    number = 0
    while spool.rows < entry.total:
        number += 1
        page = _page(calls, options, entry, number)
        if (page.total, page.version) != (entry.total, entry.version):
            raise _MovedError(f"page {number} belongs to another version or has another total than the index")
        expected = min(options.page_size, entry.total - spool.rows)
        if len(page.rows) != expected:
            raise _MovedError(f"page {number} has {len(page.rows)} rows where {expected} are due")
        marks = _marks(page.rows, options.staff_no_key)
        if marks & seen:
            raise _MovedError(f"page {number} came before")
        seen |= marks
        spool.add(page.rows)
    return spool


def _page(calls: SignedCalls, options: Options, entry: Entry, number: int) -> Page:
    wanted = {
        "rosterNo": entry.roster_no,
        "version": entry.version,
        "pageNo": number,
        "pageSize": options.page_size,
    }
    data = calls.call(options.page_service, json.dumps(wanted, separators=(",", ":")))
    try:
        return Page.model_validate(data)
    except ValidationError as error:  # its text would quote the rows
        fields = _fields(error)
    raise UnavailableError(
        f"{options.page_service}: page {number} of {entry.roster_no} is not what was agreed, "
        f"wrong or missing: {fields}; ask the partner"
    )


def _marks(rows: list[dict[str, Any]], key: str) -> set[bytes]:
    """By what a page is known again: its staff numbers, in any order, and its rows. In memory only, as hashes."""
    staff_numbers = sorted({cell(row.get(key)) for row in rows} - {""})
    whole = json.dumps(rows, sort_keys=True)
    marks = {hashlib.sha256(f"rows{whole}".encode()).digest()}
    if staff_numbers:
        marks.add(hashlib.sha256(f"staff{json.dumps(staff_numbers)}".encode()).digest())
    return marks


def _fields(error: ValidationError) -> str:
    return ", ".join(sorted({str(e["loc"][0]) if e["loc"] else "(entry)" for e in error.errors()}))
