"""Whatever bytes come, a parser answers with rows or with its own refusal, never with another exception.

Seeded, so a find can be made again: the failing seed is in the message. `make test` tries a few thousand inputs,
`make test-full` many times as many. What was found is fixed and kept in FOUND.
"""

from __future__ import annotations

import io
import random
import zipfile
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest
import sqlalchemy as sa

from fuzz.mutate import mutate
from rosters import person
from talentpool.acquire import load_partner
from talentpool.acquire.manifest import read_manifest
from talentpool.conform.files.read import read_csv
from talentpool.conform.rows.clean import clean
from talentpool.conform.rows.cleaned import Context
from talentpool.conform.rows.plain import StaffRule
from talentpool.conform.values.codes import Occupations
from talentpool.conform.values.divisions import Divisions
from talentpool.conform.workbook.blocks import read_workbook
from talentpool.declare import FIELDS, TEMPLATE_V1, read_declaration
from talentpool.errors import RejectedError, TalentpoolError
from talentpool.settings import Settings

FOR_LONG = [pytest.mark.slow, pytest.mark.timeout(3600)]
MANY = [300, pytest.param(20_000, marks=FOR_LONG)]
MANY_BOOKS = [300, pytest.param(2_000, marks=FOR_LONG)]
"""A workbook is parsed by a process of its own, which takes a third of a second."""


def _zip_with_a_broken_name() -> bytes:
    """An entry whose name says it is UTF-8 and is not: zipfile raises UnicodeDecodeError."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("xl/é.xml", "x")
    return out.getvalue().replace("é".encode(), b"\x8f\x8f")


FOUND: dict[str, list[bytes]] = {"csv": [], "workbook": [_zip_with_a_broken_name()], "manifest": []}
"""Inputs that once ended in another exception, by parser."""


@pytest.fixture(scope="module")
def context(server_url: str) -> Context:
    engine = sa.create_engine(server_url)
    with engine.connect() as conn:
        made = Context(
            as_of=date(2026, 10, 31),
            consent_until=date(2026, 11, 3),
            hired_until=date(2026, 11, 3),
            divisions=Divisions(conn, "140400"),
            occupations=Occupations(conn, "other"),
            notices={"v1": date(2020, 1, 1)},
            inherited_notice=None,
            needs_consent=True,
            staff=StaffRule(),
        )
    engine.dispose()
    return made


def template(encoding: str = "utf-8") -> bytes:
    lines = [",".join(TEMPLATE_V1)]
    lines += [",".join(person(n).get(field, "") for field in FIELDS) for n in range(1, 8)]
    return "\r\n".join(lines).encode(encoding)


def workbook(folder: Path) -> bytes:
    import xlsxwriter

    path = folder / "seed.xlsx"
    with xlsxwriter.Workbook(path) as book:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, list(TEMPLATE_V1))
        for n in range(1, 5):
            sheet.write_row(n, 0, [person(n).get(field, "") for field in FIELDS])
    return path.read_bytes()


def storm(parse: Callable[[bytes], object], seeds: list[bytes], found: list[bytes], times: int, salt: str) -> int:
    """Parse mutated seeds; returns how many were accepted. Only a refusal of ours is an answer."""
    accepted = 0
    for number in range(len(found) + times):
        rng = random.Random(f"{salt}|{number}")
        data = found[number] if number < len(found) else mutate(rng, rng.choice(seeds))
        try:
            parse(data)
            accepted += 1
        except TalentpoolError:
            pass
        except Exception as error:
            raise AssertionError(f"input {salt}|{number} ended in {type(error).__name__}: {data[:2000]!r}") from error
    return accepted


@pytest.mark.parametrize("times", MANY)
def test_any_bytes_as_csv(context: Context, times: int) -> None:
    partner = load_partner(Settings().partner_dirs, "didi")

    def parse(data: bytes) -> None:
        for block in read_csv(lambda: io.BytesIO(data), partner, "roster.csv").blocks:
            assert len(clean(block, context)) == len(block)

    assert (
        storm(parse, [template(), template("gb18030"), template("utf-8-sig")], FOUND["csv"], times * 5, "csv")
        > times / 5
    )


@pytest.mark.parametrize("times", MANY_BOOKS)
def test_any_bytes_as_a_workbook(context: Context, tmp_path: Path, times: int) -> None:
    partner = load_partner(Settings().partner_dirs, "didi")
    seed = workbook(tmp_path)

    def parse(data: bytes) -> None:
        for block in read_workbook(io.BytesIO(data), partner, "roster.xlsx").blocks:
            assert len(clean(block, context)) == len(block)

    storm(parse, [seed], FOUND["workbook"], times, "xlsx")


@pytest.mark.parametrize("times", MANY)
def test_any_bytes_as_a_manifest(times: int) -> None:
    seed = (
        b'{"schema_version": 1, "rows": 3, "bytes": 7, "sha256": "' + b"a" * 64 + b'", "encoding": "utf-8", '
        b'"kind": "delta", "since": "2026-09-30", "as_of": "2026-10-31", "notice_version": "v1", "file": "r.csv"}'
    )

    def parse(data: bytes) -> None:
        try:
            read_manifest(data, "r.csv")
        except RejectedError as error:
            assert "a" * 64 not in str(error)
            raise

    assert storm(parse, [seed], FOUND["manifest"], times * 5, "manifest") > 0


@pytest.mark.parametrize("times", MANY)
def test_any_bytes_as_a_declaration(tmp_path: Path, times: int) -> None:
    from talentpool.declare import Partner

    seed = (Settings().partner_dirs[0] / "postal/partner.yml").read_bytes()
    path = tmp_path / "partner.yml"

    def parse(data: bytes) -> None:
        path.write_bytes(data)
        read_declaration(path, Partner)

    storm(parse, [seed], [], times, "yml")
