"""A CSV that stops within a row: wherever it stops, nobody who stood below leaves the roster without a person's word."""

from __future__ import annotations

from datetime import date

import pytest

from rosters import Office, person, write_template
from talentpool.conform.files.csv_faults import cut_short
from talentpool.expect import count_flags
from talentpool.flow import ingest

NAMES = 40


def whole(office: Office) -> bytes:
    return write_template(office.folder / "whole.csv", [person(n) for n in range(1, NAMES + 1)]).read_bytes()


def deliver(office: Office, content: bytes, as_of: str = "2026-10-31") -> tuple[str, dict[str, int]]:
    path = office.folder / f"cut_{as_of}.csv"
    path.write_bytes(content)
    found = ingest(
        office,
        office.partner(),
        file=path,
        as_of=date.fromisoformat(as_of),
        kind="full",
        count=count_flags,
    )
    return found.status, found.reasons


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
@pytest.mark.parametrize("left", [0, 1])
def test_a_file_that_stops_in_its_last_cell_waits_for_a_person(office: Office, encoding: str, left: int) -> None:
    content = whole(office).decode("utf-8-sig")
    deliver(office, content.encode(encoding), "2026-09-30")
    lines = content.splitlines(keepends=True)
    row = lines[-6].rstrip("\r\n")
    assert row.endswith(",v1")
    cut = "".join(lines[:-6]) + row[: len(row) - 2 + left]
    status, reasons = deliver(office, cut.encode(encoding))
    assert status == "held" and "file_cut_short" in reasons
    assert office.one("select count(*) from source_record where status = 'active'") == NAMES


@pytest.mark.parametrize("cells", [1, 5, 13])
def test_one_that_stops_in_another_cell_is_refused(office: Office, cells: int) -> None:
    lines = whole(office).decode("utf-8-sig").splitlines(keepends=True)
    cut = "".join(lines[:-6]) + ",".join(lines[-6].split(",")[:cells])
    assert deliver(office, cut.encode())[0] == "rejected"


def test_a_whole_file_without_a_last_line_end_is_taken(office: Office) -> None:
    assert deliver(office, whole(office).rstrip(b"\r\n")) == ("published", {})


@pytest.mark.parametrize("ending", [b"", b"\xe9", b" ", b"a", b"\n", b"a,b\nc"])
def test_any_ending_is_looked_at(ending: bytes) -> None:
    assert not cut_short(ending, "utf-8", 2, "name") and not cut_short(ending, "gb18030", 1, "name")


def test_a_blank_at_the_end_is_a_cut_only_where_nobody_leaves_the_cell_blank() -> None:
    rows = b"".join(b"T%d,v1\n" % n for n in range(40)) + b"T41,"
    assert cut_short(rows, "utf-8", 2, "notice_version") and not cut_short(rows, "utf-8", 2, "document_type")
    assert cut_short(rows + b"v", "utf-8", 2, "document_type")


def test_a_last_column_that_is_often_blank_tells_nothing(office: Office) -> None:
    lines = whole(office).decode("utf-8-sig").splitlines()
    text = "\n".join([lines[0] + ",备注", *(line + (",甲" if n % 3 else ",") for n, line in enumerate(lines[1:]))])
    assert deliver(office, text.encode())[0] == "published"
