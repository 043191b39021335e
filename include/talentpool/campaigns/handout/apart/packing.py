"""Pack what one sign-in may see for a host apart, and keep the packets as they should be: new rows, none once it has ended."""

from __future__ import annotations

import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from talentpool.acquire import partner_names
from talentpool.area import county_names
from talentpool.campaigns.handout.apart.derived import content_key, mark_key, public_key, salt_of
from talentpool.campaigns.handout.events import lasting
from talentpool.campaigns.handout.looking import every_row
from talentpool.campaigns.handout.passes import Account, Holder, holder_where, new_pass
from talentpool.campaigns.life.approver import Approver
from talentpool.campaigns.lists import find
from talentpool.campaigns.receipts.outcomes import OUTCOME_WORDS
from talentpool.errors import ConflictError, TamperedError, UsageError
from talentpool.guard import audit
from talentpool.handout_host.packet import NAME, packed, read_packet, renewed
from talentpool.handout_host.store import PACKETS
from talentpool.model import handout_entry, handout_event, handout_pass
from talentpool.office import Office
from talentpool.office_day import clock
from talentpool.private_files import replace

FRESH = 600
"""Seconds for which a packet that nobody knows may be one whose code is being issued."""


def issue_apart(office: Office, event_id: int, place: tuple[str, str] | Account, who: Approver) -> str:
    """A code that is good once on the host apart, and its packet in the folder that is carried there. Errors as of issue();
    UsageError also where the packet cannot be written: then there is no code."""
    with office.engine.begin() as conn:
        made = new_pass(conn, event_id, place, who, apart=True)
        holder = holder_where(conn, handout_pass.c.pass_id == made.pass_id)
        if holder is None:
            raise ConflictError("这份名单已不再发放，没有发码")
        content = _content(conn, office, holder)
        packet = packed(
            holder.list_id, salt_of(office.keys, event_id), made.code, holder.ends_at,
            content_key(office.keys, holder.pass_id), content,
        )  # fmt: skip
        values = {"code_hash": UUID(packet.place)}
        conn.execute(handout_pass.update().where(handout_pass.c.pass_id == made.pass_id).values(values))
        audit(conn, "export", f"list:{holder.list_id}", actor=who.name, scope=holder.county,
              details={"handout": event_id, "pass": holder.pass_id, "rows": len(content["rows"])})  # fmt: skip
        try:
            _folder(office).mkdir(parents=True, exist_ok=True, mode=0o700)
            replace(_folder(office) / packet.name, packet.to_bytes(), durable=True)
        except OSError as error:
            raise UsageError(f"发放包写不进文件夹（{error.strerror}），没有发码；请联系运维人员") from error
    return made.written


@dataclass
class Renewed:
    """What became of the packets, in counts."""

    renewed: int = 0
    removed: int = 0


def renew(office: Office) -> Renewed:
    """Write every packet anew by what is known now, and delete those of sign-ins that have ended; the host follows."""
    done, alive = Renewed(), _alive(office)
    for path in sorted(_folder(office).glob("*.packet")):
        named = NAME.fullmatch(path.name)
        holder = alive.get(UUID(named[3])) if named else None
        try:
            if holder is not None:
                packet = read_packet(path.name, path.read_bytes())
                with office.engine.connect() as conn:
                    content = _content(conn, office, holder)
                replace(path, renewed(packet, content_key(office.keys, holder.pass_id), content).to_bytes())
                done.renewed += 1
            elif time.time() - path.stat().st_mtime > FRESH:
                path.unlink()
                done.removed += 1
        except (
            FileNotFoundError,
            TamperedError,
        ):  # another run was faster, or it was carried in half: its host has its own
            continue
    return done


def remove_ended(office: Office) -> None:
    """Delete the packets of sign-ins that an officer has just ended, so that the next carrying takes them off the host."""
    of = handout_pass.c
    with office.engine.connect() as conn:
        ended = {one.hex for one in conn.scalars(sa.select(of.code_hash).where(of.apart, of.ended_at.is_not(None)))}
    for path in _folder(office).glob("*.packet"):
        if (named := NAME.fullmatch(path.name)) and named[3] in ended:
            path.unlink(missing_ok=True)


def _alive(office: Office) -> dict[UUID, Holder]:
    """Place of the packet -> whose it is, of sign-ins that have not ended."""
    of = handout_pass.c
    with office.engine.connect() as conn:
        waiting = conn.execute(
            sa.select(of.pass_id, of.code_hash)
            .join(handout_event, handout_event.c.event_id == of.event_id)
            .where(of.apart, of.ended_at.is_(None), lasting())
        ).all()
        found = {row.code_hash: holder_where(conn, of.pass_id == row.pass_id) for row in waiting}
    return {UUID(str(place)): holder for place, holder in found.items() if holder is not None}


def _content(conn: sa.Connection, office: Office, holder: Holder) -> dict[str, Any]:
    """What the page shows in the office, and no more; what the host seals with, and to whom."""
    stored, partners = find(conn, holder.list_id), partner_names(office.settings)
    place = county_names(conn, office.settings.area).get(holder.county, holder.county)
    partner = partners.get(holder.partner or "", holder.partner or "")
    of = handout_entry.c
    walked = sa.select(sa.func.count()).where(
        of.event_id == holder.event_id, of.row_id.is_(None), of.sealed_id.is_(None)
    )
    return {
        "pass": holder.pass_id, "list": holder.list_id,
        "name": stored.passport.get("name", stored.campaign), "item": stored.passport.get("item") or "",
        "each": int(stored.passport.get("per_person", 1)),
        "holder": holder.name, "who": holder.name if holder.partner is None else f"{partner} · {holder.station}",
        "place": place, "county": holder.county, "ends": clock(holder.ends_at), "reserve": holder.reserve,
        "walked": int(conn.scalar(walked) or 0), "words": {one.value: word for one, word in OUTCOME_WORDS.items()},
        "public": public_key(office.keys).hex(), "mark_key": mark_key(office.keys, holder.pass_id).hex(),
        "rows": [
            {"row": one.row_id, "name": one.name, "mobile": one.mobile, "tails": tails, "station": one.station,
             "partner": partners.get(one.partner, one.partner), "outcome": one.outcome or ""}
            for one, tails in every_row(conn, office.keys, holder)
        ],
    }  # fmt: skip


def _folder(office: Office) -> Path:
    return office.settings.handout_dir / PACKETS
