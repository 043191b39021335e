"""Every partner folder keeps its word: the declaration loads, and its sample becomes the expected rows."""

from __future__ import annotations

import csv
from datetime import date
from pathlib import Path

import pytest
import sqlalchemy as sa
from python_calamine import CalamineWorkbook

from partners import meituan_sample
from rosters import Office
from talentpool.acquire import acquire, load_partner
from talentpool.conform import conform
from talentpool.declare import partner_files
from talentpool.guard import Personal, open_record
from talentpool.model import delivery, staging_table
from talentpool.settings import Settings

FOLDERS = [path.parent for path in partner_files(Settings().partner_dirs).values()]
AS_OF = date(2026, 10, 31)
COLUMNS = [
    "row_no", "staff_no", "name_status", "id_number_status", "mobile_status", "mobile2_status", "birth_date", "birth_from",
    "sex", "county", "county_status", "station", "occupation", "hired_on", "left_on", "consent_status", "date_status",
    "weak_identity", "notes", "kept_name", "kept_document", "kept_mobile",
]  # fmt: skip


def test_there_are_partners() -> None:
    assert FOLDERS


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)
def test_the_sample_becomes_the_expected_rows(office: Office, folder: Path) -> None:
    """`kept_*` are opened from the sealed record: what of a synthetic person's values is kept, character by character."""
    found = _conformed(office, folder)
    with (folder / "expected.csv").open(encoding="utf-8", newline="") as lines:
        assert found == list(csv.DictReader(lines))


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)
def test_the_sample_is_synthetic_and_shows_what_goes_wrong(folder: Path) -> None:
    numbers = [cell for cell in _cells(folder) if len(cell) == 18 and cell[:17].isdigit()]
    assert numbers
    assert all(number.startswith("140199") for number in numbers)
    with (folder / "expected.csv").open(encoding="utf-8", newline="") as lines:
        statuses = {row["id_number_status"] for row in csv.DictReader(lines)}
    assert {"valid", "missing", "masked", "bad_checksum"} <= statuses


def test_the_workbook_sample_is_made_by_its_script(tmp_path: Path) -> None:
    made = tmp_path / "sample.xlsx"
    meituan_sample.write(made)
    (committed,) = (folder / "sample.xlsx" for folder in FOLDERS if folder.name == "meituan")
    assert made.read_bytes() == committed.read_bytes()


def _cells(folder: Path) -> list[str]:
    """What stands in the sample, of a workbook on all its sheets."""
    sample = next(folder.glob("sample.*"))
    if sample.suffix == ".xlsx":
        book = CalamineWorkbook.from_path(sample)
        return [
            str(cell) for name in book.sheet_names for row in book.get_sheet_by_name(name).to_python() for cell in row
        ]
    partner = load_partner([folder.parent], folder.name)
    data = sample.read_bytes()
    text = data.decode("utf-8-sig" if data.startswith(b"\xef\xbb\xbf") else partner.format.encodings[0])
    return [cell for row in csv.reader(text.splitlines()) for cell in row]


def _conformed(office: Office, folder: Path) -> list[dict[str, str]]:
    partner = load_partner([folder.parent], folder.name)
    sample = next(folder.glob("sample.*"))
    landed = acquire(office, partner, file=sample, as_of=AS_OF, kind=partner.cadence.kind)
    assert landed is not None
    with office.engine.begin() as conn:
        conn.execute(delivery.update().values(notice_version="v1" if partner.basis.notice == "manifest" else None))
    conform(office, partner, landed.delivery_id)
    staged = staging_table(landed.delivery_id)
    with office.engine.connect() as conn:
        data_key = office.keys.unwrap(conn.scalar(sa.select(delivery.c.wrapped_key)))
        rows = conn.execute(sa.select(staged).order_by(staged.c.row_no)).all()
    return [_flat(row, _kept(row, data_key)) for row in rows]


def _kept(row: sa.Row, data_key: bytes) -> Personal:
    return open_record(data_key, row.salt, row.record_id.bytes, row.sealed) if row.sealed else Personal()


def _flat(row: sa.Row, kept: Personal) -> dict[str, str]:
    values = {
        **row._mapping,
        "kept_name": kept.name,
        "kept_document": kept.document_no,
        "kept_mobile": kept.mobile + (f"|{kept.mobile2}" if kept.mobile2 else ""),
    }
    return {name: "" if values[name] is None else str(values[name]) for name in COLUMNS}
