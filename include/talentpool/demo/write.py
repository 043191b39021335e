"""Write rosters to files: in each partner's declared format, in the standard template, and the truth beside."""

from __future__ import annotations

import csv
import hashlib
import json
import random
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import date, timedelta
from operator import attrgetter
from pathlib import Path
from typing import Any

from talentpool.acquire import load_partner
from talentpool.area import counties as counties_of
from talentpool.declare import TEMPLATE_V1, Partner, partner_files
from talentpool.demo.family import draw
from talentpool.demo.family.city import make_population
from talentpool.demo.population import Person, make_city, month_ends, profiles_of
from talentpool.demo.profiles import PRESETS, REDRAW, REDRAWN, Profile, redrawn
from talentpool.demo.rosters import Entry, Row, write_rosters
from talentpool.demo.workbook import write_workbook
from talentpool.settings import Settings

NOTICE = "v1"


@dataclass(frozen=True)
class DemoFile:
    """One delivery. `path` is the file in the partner's own format; template.csv lies beside it."""

    partner: str
    as_of: date
    since: date | None
    kind: str
    path: Path


@dataclass(frozen=True)
class DemoData:
    """What was written; `truth` holds partner, staff number and true person."""

    files: list[DemoFile]
    truth: Path
    people: int

    def as_json(self) -> dict[str, Any]:
        files = [{k: str(v) if v is not None else None for k, v in asdict(file).items()} for file in self.files]
        return {"files": files, "truth": str(self.truth), "people": self.people}


def write_demo_data(
    out: Path,
    *,
    people: int | None = None,
    months: int = 2,
    end: date = date(2026, 10, 31),
    seed: int = 1,
    preset: str = "usual",
    drawn: bool = False,
) -> DemoData:
    """Write the rosters of `months` months of a synthetic city. The same arguments give the same bytes.

    Args:
        drawn: a population whose traits are drawn for the seed (talentpool.demo.family), not the demo's own city.
    """
    settings = Settings()
    declared = {code: load_partner(settings.partner_dirs, code) for code in partner_files(settings.partner_dirs)}
    profiles = profiles_of(list(declared))
    counties = counties_of(settings.reference, settings.area)
    as_ofs = month_ends(end, months)
    rng = random.Random(f"{seed}|{preset}{'|drawn' if drawn else ''}")  # noqa: S311 - synthetic data, reproducible on purpose
    if drawn:
        made = make_population(
            rng, draw(seed, preset, [profile.partner for profile in profiles]), profiles, counties, as_ofs,
            people=people or sum(profile.people for profile in profiles),
            second=frozenset(code for code, partner in declared.items() if "mobile2" in partner.format.columns.values()),
        )  # fmt: skip
        known: Sequence[Person] = made.people
        entries = made.entries
    else:
        city = make_city(rng, profiles, counties, people=people, as_ofs=as_ofs, noise=PRESETS[preset])
        known, entries = city.people, {}
        for profile in profiles:
            noise = redrawn(PRESETS[preset], [1 + rng.uniform(-REDRAW, REDRAW) for _ in REDRAWN])
            entries[profile.partner] = write_rosters(rng, city, profile, noise, counties, as_ofs, preset == "hard")
    files = []
    for profile in profiles:
        if not drawn:
            _write_personnel(out, declared[profile.partner], entries[profile.partner], as_ofs)
        files += _write_partner(out, declared[profile.partner], profile, entries[profile.partner], as_ofs)
    _write_truth(out, entries, as_ofs)
    _write_population(out / "population.csv", known, len(as_ofs) - 1)
    return DemoData(files, out / "truth.csv", len(known))


def _write_personnel(out: Path, partner: Partner, entries: Sequence[Entry], as_ofs: Sequence[date]) -> None:
    """What the partner's own personnel file says, under its own headers: what a roster may be mended by."""
    columns = partner.format.columns
    rows = []
    for entry in entries:
        person, staff_no = entry.person, next((row.staff_no for row in entry.rows.values()), "")
        agreed = min(person.hired + timedelta(days=3), as_ofs[person.first_month])
        own = {
            "staff_no": staff_no, "name": person.name, "sex": "男" if person.sex == 1 else "女",
            "document_no": person.document, "birth_date": person.born.isoformat(), "mobile": person.mobile,
            "hired_on": person.hired.isoformat(), "consented_on": agreed.isoformat(), "notice_version": NOTICE,
        }  # fmt: skip
        if staff_no:
            rows.append([own.get(field, "") for field in columns.values()])
    _write_csv(out / partner.code / "personnel.csv", list(columns), rows, "utf-8")


def _write_truth(out: Path, entries: Mapping[str, Sequence[Entry]], as_ofs: Sequence[date]) -> None:
    """Who has each staff number, and beside it who had it before where it was given again."""
    now: dict[tuple[str, str], Entry] = {}
    before = []
    for partner, roster in entries.items():
        for entry in roster:
            if not entry.rows:
                continue
            key = partner, next(iter(entry.rows.values())).staff_no
            had, has = sorted((now.get(key, entry), entry), key=lambda one: max(one.rows))
            if had is not has:
                before.append((*key, as_ofs[max(had.rows)].isoformat(), had.person.key))
            now[key] = has
    _write_csv(
        out / "truth.csv",
        ["partner", "staff_no", "true_person"],
        [(*key, entry.person.key) for key, entry in now.items()],
        "utf-8",
    )
    if before:
        _write_csv(out / "truth_before.csv", ["partner", "staff_no", "until", "true_person"], before, "utf-8")


def _write_partner(
    out: Path, partner: Partner, profile: Profile, entries: list[Entry], as_ofs: list[date]
) -> list[DemoFile]:
    files = []
    for month, as_of in enumerate(as_ofs):
        delta = profile.full_every == 0 or month % profile.full_every > 0
        rows = _delta(entries, month, as_of) if delta and month else [e.rows[month] for e in entries if month in e.rows]
        since = as_ofs[month - 1] if delta and month else None
        folder = out / partner.code / as_of.isoformat()
        folder.mkdir(parents=True, exist_ok=True)
        _write_csv(folder / "template.csv", list(TEMPLATE_V1), _cells(rows, TEMPLATE_V1), "utf-8-sig")
        kind = "delta" if delta else "full"
        path = _write_own(folder, partner, rows, as_of, since, kind)
        files.append(DemoFile(partner.code, as_of, since, kind, path))
    return files


def _delta(entries: list[Entry], month: int, as_of: date) -> list[Row]:
    """Rows that are new or changed since the month before, and leavers with their last day."""
    rows = []
    for entry in entries:
        now, before = entry.rows.get(month), entry.rows.get(month - 1)
        if now is not None and now != before:
            rows.append(now)
        elif now is None and before is not None:
            rows.append(replace(before, left_on=as_of.isoformat()))
    return rows


def _cells(rows: list[Row], columns: dict[str, str]) -> Iterable[Sequence[Any]]:
    return map(attrgetter(*columns.values()), rows)


def _write_own(folder: Path, partner: Partner, rows: list[Row], as_of: date, since: date | None, kind: str) -> Path:
    """The partner's own format; by a server that wants a manifest, with one (and an .ok where that is the custom)."""
    transport = getattr(partner.transport, "kind", "")
    served = transport in ("sftp", "s3")
    columns = partner.format.columns
    path = folder / f"roster_{partner.code}_{as_of:%Y%m%d}{'_01' if served else ''}.{partner.format.kind}"
    if partner.format.kind == "xlsx":
        write_workbook(path, columns, [[getattr(row, field) for field in columns.values()] for row in rows])
    else:
        encoding = "utf-8-sig" if partner.format.encodings[0] == "utf-8" else partner.format.encodings[0]
        _write_csv(path, list(columns), _cells(rows, columns), encoding)
    if served:
        data = path.read_bytes()
        manifest = {
            "schema_version": 1,
            "file": path.name,
            "rows": len(rows),
            "bytes": len(data),
            "sha256": hashlib.sha256(data).hexdigest(),
            "encoding": partner.format.encodings[0],
            "kind": kind,
            "since": since.isoformat() if since else None,
            "as_of": as_of.isoformat(),
            "notice_version": NOTICE,
        }
        (folder / f"{path.name}.manifest.json").write_text(json.dumps(manifest, indent=1), encoding="utf-8")
        if transport == "sftp":
            (folder / f"{path.name}.ok").write_bytes(b"")
    return path


def _write_csv(path: Path, header: list[str], rows: Iterable[Sequence[Any]], encoding: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding=encoding, newline="") as text:
        writer = csv.writer(text, lineterminator="\r\n")
        writer.writerow(header)
        writer.writerows(rows)


def _write_population(path: Path, people: Iterable[Person], last: int) -> None:
    """The truth about people: what a summary may be held against."""
    rows = [
        (p.key, p.profile.occupation, p.born.isoformat(), p.sex, p.county, int(p.first_month <= last <= p.last_month))
        for p in people
    ]
    _write_csv(path, ["true_person", "occupation", "birth_date", "sex", "county", "active"], rows, "utf-8")
