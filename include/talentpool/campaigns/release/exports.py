"""Export a locked list: each named recipient gets the workbooks of its own counties, marked, encrypted, on record.

Nothing leaves while one of the recipients still waits for a second person. What is on record is committed before the
files stand where somebody can take them; a run that is killed between leaves a record without files, never the other
way round.
"""

from __future__ import annotations

import hashlib
import tempfile
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import Any

from talentpool.campaigns.life.acting import note_release
from talentpool.campaigns.life.states import FROZEN
from talentpool.campaigns.lists import Release, Stored, find, serialize
from talentpool.campaigns.release import provisions
from talentpool.campaigns.release.files import ListFile, Part, list_files
from talentpool.campaigns.release.lines import Mark
from talentpool.campaigns.release.plans import Plan, plan
from talentpool.campaigns.release.watermark import arrange, mark_key
from talentpool.errors import UsageError, WaitingError
from talentpool.guard import audit
from talentpool.guard.duties import check_duty
from talentpool.guard.sealing import SUFFIXES, new_password, seal_file
from talentpool.model import provision
from talentpool.office import Office
from talentpool.private_files import create, replace
from talentpool.settings import Settings


@dataclass(frozen=True)
class Export:
    """What one recipient got. `password`: path of the file with a zip's password, which travels another way."""

    export_id: int
    recipient: str
    people: int
    counties: tuple[str, ...]
    use_until: str
    files: tuple[str, ...]
    password: str | None = None

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


def export_list(office: Office, stored: Stored, recipients: Sequence[str], release: Release) -> list[Export]:
    """Make the exports of a locked list.

    UsageError for a draft or a wrong recipient, WaitingError (what is asked for is then on record) where a second
    person must approve first; in both cases nothing leaves.
    """
    by, today = release.by, release.today
    if stored.state not in FROZEN:
        raise UsageError("only a locked list can be exported; add --lock")
    if not by.strip():
        raise UsageError("an export must name who makes it (--by)")
    with office.engine.begin() as conn:
        serialize(conn, stored.passport["purpose"], stored.cycle)
        if find(conn, stored.list_id).state not in FROZEN:
            raise UsageError(f"名单 {stored.list_id} 刚刚作废，没有导出；请重新拟定")
        check_duty(conn, by, "export")
        plans = plan(conn, office.settings, stored, recipients, today)
        waiting = [
            provisions.ask(conn, stored, plan, by=by, today=today, use_days=office.settings.export_days)
            for plan in plans
            if plan.people > office.settings.export_approval_above
            and provisions.approved(conn, stored, plan, by) is None
        ]
    if waiting:
        raise WaitingError(
            f"more than {office.settings.export_approval_above} people: a second person must approve first, with "
            + " and ".join(f"`talentpool export approve {number} --by NAME`" for number in waiting)
            + "; then run the same command again. Nothing was exported"
        )
    return [_make(office, stored, plan, release) for plan in plans]


def _make(office: Office, stored: Stored, one: Plan, release: Release) -> Export:
    by, folder, today = release.by, release.folder, release.today
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    with tempfile.TemporaryDirectory(dir=folder, prefix=".export-") as closed:
        with office.engine.begin() as conn:
            serialize(conn, stored.passport["purpose"], stored.cycle)
            number = provisions.approved(conn, stored, one, by)
            if number is None:
                if one.people > office.settings.export_approval_above:
                    raise WaitingError("the approval was used by another run at this moment; ask for the export again")
                number = provisions.ask(conn, stored, one, by=by, today=today, use_days=office.settings.export_days)
            when = provisions.dates(today, office.settings.export_days)
            mark = Mark(number, one.name, today, when["use_until"], partial(arrange, mark_key(office.keys), number))
            password = new_password() if one.kind == "zip" else ""
            files = list_files(conn, office.keys, office.settings, stored, Part(one.counties, one.station), mark)
            written = _write(files, one, mark, password, Path(closed))
            for file in written:
                file["folder"] = str(folder.resolve())
            conn.execute(
                provision.update()
                .where(provision.c.export_id == number)
                .values(
                    state="made",
                    files=written,
                    legal_basis=provisions.legal_basis(conn, stored.passport["purpose"]),
                    **when,
                )
            )
            note_release(conn, stored, by)
            secret = _keep_password(office.settings, number, one, password) if password else None
            audit(
                conn, "export", f"list:{stored.list_id}", actor=by, reason=stored.passport["purpose"],
                scope=",".join(one.counties),
                details={"export": number, "recipient": one.code, "files": len(written), "people": one.people,
                         "content_hash": stored.content_hash, "fields": list(provisions.FIELDS)},
            )  # fmt: skip
        names = [str(file["name"]) for file in written]
        for name in names:
            (Path(closed) / name).replace(folder / name)
    return Export(
        number, one.code, one.people, one.counties, when["use_until"].isoformat(),
        tuple(str(folder / name) for name in names), str(secret) if secret else None,
    )  # fmt: skip


def _write(files: Iterable[ListFile], one: Plan, mark: Mark, password: str, closed: Path) -> list[dict[str, Any]]:
    """The encrypted files under neutral names, and what is recorded of each."""
    written = []
    for number, file in enumerate(files, start=1):
        name = f"export-{mark.export_id:05d}-{number:03d}"
        inside = Path(file.name).suffix
        sealed = seal_file(one.kind, one.public_key, password, f"{name}{inside}", file.content, on=mark.made_on)
        outside = name + SUFFIXES[one.kind].format(kind=inside)
        create(closed / outside, sealed)
        digest = hashlib.sha256(sealed).hexdigest()
        written.append({"name": outside, "for": file.recipient, "rows": file.rows, "sha256": digest})
    return written


def _keep_password(settings: Settings, number: int, one: Plan, password: str) -> Path:
    """In a file apart from the zips, to be handed over as declared and then deleted; printed nowhere."""
    path = settings.home / "passwords" / f"export-{number:05d}.txt"
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    # over that of a run that was rolled back
    replace(path, f"{password}\n交付方式：{one.password_by}；交付后请删除本文件\n".encode())
    return path
