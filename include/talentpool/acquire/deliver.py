"""Take one delivery: from the partner's server or a file into the landing store, and record it.

An unfinished delivery (a run that was killed) comes first; then the oldest that waits. What was handled before, good
or bad, is known by its offer id and not pulled again; a file that the partner replaced has another one.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from talentpool.acquire.connection import Connection
from talentpool.acquire.landing import discard, land
from talentpool.acquire.manifest import MAX_BYTES as MAX_MANIFEST
from talentpool.acquire.manifest import SUFFIX, Counted, Manifest, read_manifest, sidecar
from talentpool.acquire.names import Names, Overlooked
from talentpool.acquire.record import (
    Facts,
    Landed,
    cleared,
    known_offers,
    landed_of_offer,
    offer_key,
    record_landed,
    record_rejected,
    unfinished,
    void_left_corrections,
)
from talentpool.acquire.said_dates import contradicts
from talentpool.acquire.transports import Offer, transport
from talentpool.acquire.transports.inbox import read_chunks
from talentpool.declare import Partner
from talentpool.errors import RejectedError, UsageError
from talentpool.office import Office
from talentpool.office_day import today_in_office, too_far_ahead
from talentpool.settings import Settings

log = logging.getLogger(__name__)

MAX_BYTES = {"csv": 4 * 1024**3, "xlsx": 64 * 1024**2}


@dataclass(frozen=True)
class Said:
    """What whoever brings a roster says of it themselves; None = nothing."""

    as_of: date | None = None
    kind: str | None = None
    since: date | None = None


def acquire(
    office: Office,
    partner: Partner,
    *,
    file: Path | None = None,
    as_of: date | None = None,
    kind: str | None = None,
    since: date | None = None,
    connection: Connection | None = None,
    overlooked: list[Overlooked] | None = None,
) -> Landed | None:
    """Land the oldest waiting delivery, or `file`; None when nothing waits.

    With `as_of` and no file only an offer of that date is taken (a backfill). A delivery that fails its manifest is
    recorded as rejected. Files at the partner's that are not taken are named in the log and added to `overlooked`.
    Raises UnavailableError when partner or store is out of reach, UsageError on a contradiction.
    """
    if file is not None:
        return _from_file(office, partner, file, Said(as_of, kind, since))
    void_left_corrections(office.engine, partner.code)
    left_over = unfinished(office.engine, partner.code, as_of)
    if left_over is not None:
        return left_over
    module = transport(partner.transport.kind)  # type: ignore[attr-defined]
    connection = connection or Connection.from_env(partner.transport.connection)  # type: ignore[attr-defined]
    known = known_offers(office.engine, partner.code)
    with module.waiting(partner.transport, connection, office.settings) as offers:
        for file_left in offers.overlooked:
            log.warning("%s：%s（约定的形式：%s）", file_left.name, file_left.text_zh, partner.transport.file_name)  # type: ignore[attr-defined]
        if overlooked is not None:
            overlooked += offers.overlooked
        for offer in offers:
            if offer_key(office.keys, offer.offer_id) in known:
                _clear(office, partner, offer)  # what a killed run left there
                continue
            if as_of is not None and offer.as_of != as_of:
                continue
            landed = _from_offer(office, partner, offer, Said(None, kind, since))
            _clear(office, partner, offer)
            return landed
    return None


def _clear(office: Office, partner: Partner, offer: Offer) -> None:
    """Remove what was offered, where the transport can, once its landing is on record; that it is gone is, too."""
    if offer.clear is None:
        return
    key = offer_key(office.keys, offer.offer_id)
    landed = landed_of_offer(office.engine, partner.code, key)
    if landed is not None and offer.clear(landed):
        cleared(office.engine, partner.code, key)


def overlooked(settings: Settings, partner: Partner, connection: Connection) -> tuple[Overlooked, ...]:
    """Files at the partner's that are not taken. Raises UnavailableError when the partner is out of reach."""
    module = transport(partner.transport.kind)  # type: ignore[attr-defined]
    with module.waiting(partner.transport, connection, settings) as offers:
        found: tuple[Overlooked, ...] = offers.overlooked
    return found


def _from_offer(office: Office, partner: Partner, offer: Offer, said: Said) -> Landed:
    facts = _told(offer, partner, said)
    try:
        if too_far_ahead(offer.as_of, today_in_office(office.settings)):
            raise RejectedError("as_of_future", in_future(offer.name, offer.as_of, today_in_office(office.settings)))
        if offer.manifest is not None:
            manifest = read_manifest(offer.manifest, offer.name)
            if manifest.as_of != offer.as_of:
                raise RejectedError(
                    "manifest_mismatch",
                    f"{offer.name}：文件名的日期是 {offer.as_of}，清单的日期是 {manifest.as_of}，可能不是同一次交付；"
                    "请核对清单与数据文件后重新交付",
                )
            facts = _agreed(offer.name, manifest, said, offer.offer_id)
        elif offer.since is not None and (offer.kind == "full" or offer.since >= offer.as_of):
            raise RejectedError(
                "manifest_invalid",
                f"{offer.name}：增量起始日期不早于名册日期，或完整名册写了增量起始日期；请合作单位改正后重新提供",
            )
    except RejectedError as error:
        return record_rejected(office, partner, facts, Counted(), error)
    _check_since(facts)
    return _land(office, partner, facts, offer.chunks())


def _told(offer: Offer, partner: Partner, said: Said) -> Facts:
    """The facts an offer states itself; what it leaves open the call may say. UsageError when the two differ."""
    kind, since = said.kind, said.since
    if offer.kind is not None:
        _agree(offer.name, "合作单位", (("--kind", kind, offer.kind), ("--since", since, offer.since)))
        kind, since = offer.kind, offer.since
    return Facts(
        offer.name, offer.as_of, kind or partner.cadence.kind, since, offer.offer_id, offer.rows, offer.notice_version
    )


def _from_file(office: Office, partner: Partner, file: Path, said: Said) -> Landed:
    facts = file_facts(file, partner, today_in_office(office.settings), said)
    return _land(office, partner, facts, read_chunks(file))


def file_facts(file: Path, partner: Partner, today: date, said: Said) -> Facts:
    """What the manifest beside a file, or else the call, says of it.

    UsageError when they contradict each other or the file's own name, say too little, or name a day to come.
    """
    if not file.is_file():
        raise UsageError(f"{file.name}：没有这个文件；请核对路径和文件名")
    beside = _manifest_beside(file)
    if beside.is_file():
        with beside.open("rb") as opened:
            facts = _agreed(file.name, read_manifest(opened.read(MAX_MANIFEST), file.name), said)
    elif said.as_of is not None:
        facts = Facts(file.name, said.as_of, said.kind or "delta", said.since)
    else:
        raise UsageError(f"{file.name}：旁边没有清单文件；请用 --as-of 写明名册日期（YYYY-MM-DD）")
    if too_far_ahead(facts.as_of, today):
        raise UsageError(in_future(file.name, facts.as_of, today))
    _agree_with_name(file.name, partner, facts)
    _check_since(facts)
    return facts


def in_future(name: str, as_of: date, today: date) -> str:
    """Why a roster of `as_of` is refused."""
    return (
        f"{name}：名册日期 {as_of} 晚于今天（{today}）{(as_of - today).days} 天，名册不能说明未来的情况；"
        "请核对年份和月份，改正后重新交付"
    )


def other_date(name: str, partner: Partner, as_of: date) -> str:
    """What a file's name says instead of `as_of`, '' when nothing: to the day where it has the form that the partner
    declares, else about (said_dates.py)."""
    pattern = getattr(partner.transport, "file_name", None)
    named = Names(pattern).as_of(name) if pattern else None
    if named is None:
        return contradicts(name, as_of)
    return str(named) if named != as_of else ""


def _agree_with_name(name: str, partner: Partner, facts: Facts) -> None:
    named = other_date(name, partner, facts.as_of)
    if not named:
        return
    if facts.manifest is not None:
        raise RejectedError(
            "manifest_mismatch", f"{name}：文件名的日期是 {named}，清单的日期是 {facts.as_of}；请核对后重新交付"
        )
    raise UsageError(f"{name}：文件名的日期是 {named}，--as-of 写的是 {facts.as_of}；请核对名册日期，改正其中一个")


def _manifest_beside(file: Path) -> Path:
    exact = file.with_name(file.name + SUFFIX)
    if exact.exists() or not os.access(file.parent, os.R_OK):
        return exact
    return file.with_name(sidecar(file.name, SUFFIX, {path.name for path in file.parent.iterdir()}) or exact.name)


def _agreed(name: str, manifest: Manifest, said: Said, offer_id: str | None = None) -> Facts:
    """The manifest's facts; UsageError when the call says something else."""
    _agree(
        name,
        "清单",
        (
            ("--as-of", said.as_of, manifest.as_of),
            ("--kind", said.kind, manifest.kind),
            ("--since", said.since, manifest.since),
        ),
    )
    return Facts(
        name, manifest.as_of, manifest.kind, manifest.since, offer_id, manifest.rows, manifest.notice_version, manifest
    )


def _agree(name: str, who: str, options: Iterable[tuple[str, object, object]]) -> None:
    """UsageError when an option (its name, what is given, what `who` says) is given and says something else."""
    for option, given, said in options:
        if given is not None and given != said:
            told = f"{who}写的是 {said}" if said is not None else f"{who}没有写这一项"
            raise UsageError(f"{name}：{option} 写的是 {given}，{told}；请核对后去掉 {option}，或改正{who}")


def _check_since(facts: Facts) -> None:
    if facts.since is None or facts.manifest is not None:
        return
    if facts.kind == "full":
        raise UsageError(f"{facts.name}：完整名册没有增量起始日期；请去掉 --since，确是增量的写明 --kind delta")
    if facts.since >= facts.as_of:
        raise UsageError(f"{facts.name}：--since（{facts.since}）不早于名册日期（{facts.as_of}）；请核对增量起始日期")


def _land(office: Office, partner: Partner, facts: Facts, chunks: Iterator[bytes]) -> Landed:
    """Write, verify, record; bytes that no record speaks of do not stay."""
    counted = Counted()
    try:
        url, counted = land_verified(office, partner, facts, chunks, counted)
    except RejectedError as error:
        return record_rejected(office, partner, facts, counted, error)
    landed, wanted = record_landed(office, partner, facts, counted, url)
    if not wanted:
        discard(office.engine, url)
    return landed


def land_verified(
    office: Office, partner: Partner, facts: Facts, chunks: Iterator[bytes], counted: Counted
) -> tuple[str, Counted]:
    """Into the landing store, held against the manifest: (url, size and hash). RejectedError leaves nothing there."""

    def check(read: Counted) -> None:
        counted.take(read)
        if facts.manifest is not None:
            read.verify(facts.manifest, facts.name)

    return land(office.settings, office.keys, partner.code, _capped(chunks, facts.name), check)


def _capped(chunks: Iterator[bytes], name: str) -> Iterator[bytes]:
    cap = MAX_BYTES.get(name.rsplit(".", 1)[-1].lower(), MAX_BYTES["csv"])
    size = 0
    for chunk in chunks:
        size += len(chunk)
        if size > cap:
            raise RejectedError("file_too_large", f"{name}：文件大于 {cap // 1024**2} MB；请拆分，或改用 CSV 重新交付")
        yield chunk
