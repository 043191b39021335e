"""Pictures in a workbook do not land: the rest does, byte for byte, and the delivery is still the one that was sent."""

from __future__ import annotations

import hashlib
import io
import struct
import zipfile
import zlib
from datetime import date

import pytest
import xlsxwriter

import workbooks
from rosters import Office, person
from talentpool.acquire import Delivered, Facts, land_verified, open_landed
from talentpool.acquire.manifest import Counted
from talentpool.acquire.pictures import emptied, without_pictures
from talentpool.declare import TEMPLATE_V1
from talentpool.flow import ingest


def png(number: int) -> bytes:
    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = struct.pack(">IIBBBBB", 8, 8, 8, 2, 0, 0, 0)
    pixels = zlib.compress((b"\0" + bytes([number, 0, 0]) * 8) * 8)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", pixels) + chunk(b"IEND", b"")


def book(*, rows: tuple[int, ...] = (), cells: tuple[int, ...] = (), header: tuple[str, ...] = ()) -> bytes:
    """A roster with floating pictures in `rows`, pictures in cells of `cells`."""
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True}) as made:
        sheet = made.add_worksheet("名册")
        sheet.write_row(0, 0, [*TEMPLATE_V1, *header])
        for at in range(1, 6):
            sheet.write_row(at, 0, [person(at).get(field, "") for field in TEMPLATE_V1.values()])
        for row in rows:
            sheet.insert_image(row, 16, f"{row}.png", {"image_data": io.BytesIO(png(row))})
        for row in cells:
            sheet.embed_image(row, 16, f"{row}.png", {"image_data": io.BytesIO(png(row))})
    return out.getvalue()


def test_the_pictures_are_gone_and_every_other_part_is_as_it_was() -> None:
    data = book(rows=(1, 2), cells=(3,))
    before, after = (zipfile.ZipFile(io.BytesIO(book)) for book in (data, emptied(data)))
    assert after.testzip() is None
    assert before.namelist() == after.namelist()
    pictures = [name for name in before.namelist() if "media" in name]
    assert len(pictures) == 3
    for name in before.namelist():
        assert after.read(name) == (b"" if name in pictures else before.read(name))


@pytest.mark.parametrize(
    "data", [book(), b"\x50\x4b\x03\x04 no archive", b"", b"PK", "工号,姓名\n".encode(), b"x" * 3_000_000]
)
def test_what_has_no_pictures_passes_as_it_is(data: bytes) -> None:
    for size in (1, 1024 * 1024) if len(data) < 100_000 else (1024 * 1024,):
        pieces = (data[at : at + size] for at in range(0, len(data), size))
        assert b"".join(without_pictures(pieces)) == data


@pytest.mark.parametrize("name", ["overlapping parts", "zip bomb", "zip bomb that lies about its size", "cut off"])
def test_an_archive_that_is_not_plain_is_left_to_be_refused(name: str) -> None:
    assert emptied(workbooks.REFUSED[name]) == workbooks.REFUSED[name]


def test_what_lands_has_no_picture_and_the_hash_of_what_was_sent(office: Office) -> None:
    data = book(rows=(1, 2))
    path = office.folder / "roster.xlsx"
    path.write_bytes(data)
    facts = Facts(path.name, date(2026, 10, 31), "full")
    chunks = iter([data[:1000], data[1000:]])
    url, counted = land_verified(office, office.partner(), facts, chunks, Counted())
    assert (counted.sha256, counted.bytes) == (hashlib.sha256(data).hexdigest(), len(data))
    with open_landed(office.keys, url, Delivered(office.partner().code, counted.sha256)) as file:
        landed = file.read()
    assert {zipfile.ZipFile(io.BytesIO(data)).read(f"xl/media/image{n}.png") for n in (1, 2)} == {png(1), png(2)}
    assert [zipfile.ZipFile(io.BytesIO(landed)).read(f"xl/media/image{n}.png") for n in (1, 2)] == [b"", b""]


@pytest.mark.parametrize(
    ("data", "note"),
    [
        (book(), {}),
        (book(rows=(0,)), {"pictures_dropped": 1}),
        (book(rows=(1, 2, 3)), {"photos_dropped": 3}),
        (book(cells=(2,)), {"photos_dropped": 1}),
        (book(rows=(0,), header=("", "人脸照片")), {"photos_dropped": 1}),
    ],
)
def test_dropped_pictures_are_noted_and_photos_of_people_are_said(
    office: Office, data: bytes, note: dict[str, int]
) -> None:
    path = office.folder / "roster.xlsx"
    path.write_bytes(data)
    day = date(2026, 10, 31)
    first = ingest(office, office.partner(), file=path, as_of=day, kind="full", count=office.count)
    assert first.status == "published" and first.accepted == 5
    assert {code: count for code, count in first.notes.items() if code.endswith("_dropped")} == note
    again = ingest(office, office.partner(), file=path, as_of=day, kind="full", count=office.count)
    assert again.status == "duplicate"
