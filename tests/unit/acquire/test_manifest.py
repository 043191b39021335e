"""Manifests as partners write them: what says the same is read the same, what says something else is refused."""

from __future__ import annotations

import json
from datetime import date
from typing import Any

import pytest

from csv_files import CASES
from rosters import Office
from talentpool.acquire.manifest import SUFFIX, Manifest, read_manifest, sidecar
from talentpool.check import check
from talentpool.errors import RejectedError
from talentpool.flow import ingest
from windows import as_windows

FACTS: dict[str, Any] = {
    "schema_version": 1, "rows": 1020, "bytes": 2652, "sha256": "ab" * 32, "encoding": "utf-8", "kind": "delta",
    "as_of": "2026-10-31", "since": "2026-09-30", "notice_version": "v1", "file": "roster.csv",
}  # fmt: skip
PLAIN = Manifest(**FACTS)


def said(**changes: Any) -> Manifest:
    return read_manifest(json.dumps(FACTS | changes).encode(), "roster.csv")


def refused(data: bytes) -> tuple[str, str]:
    with pytest.raises(RejectedError) as caught:
        read_manifest(data, "roster.csv")
    return caught.value.code, str(caught.value)


@pytest.mark.parametrize("file", ["roster.csv", "roster2.csv"])
def test_a_manifest_with_a_mark_is_read_as_without(office: Office, file: str) -> None:
    rooms = (office, office.partner())
    tried = check(*rooms, CASES / "manifest-with-bom" / file).outcome
    found = ingest(*rooms, file=CASES / "manifest-with-bom" / file)
    assert (tried.status, tried.accepted) == (found.status, found.accepted) == ("published", 20)
    assert office.one("select manifest_rows from delivery") == 20


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "gb18030"])
def test_every_encoding_of_windows_is_read(encoding: str) -> None:
    windows = read_manifest(as_windows(FACTS | {"remark": "名册"}, encoding), "roster.csv")
    assert windows.model_copy(update={"file": "roster.csv"}) == PLAIN
    ended = json.dumps(FACTS, ensure_ascii=False).encode(encoding) + "\r\n\x1a".encode(encoding.replace("-sig", ""))
    if encoding != "utf-16":  # whose mark would stand within
        assert read_manifest(ended, "roster.csv") == PLAIN


@pytest.mark.parametrize(
    "changes",
    [
        {"rows": "1020"}, {"rows": 1020.0}, {"rows": "1020.0"}, {"rows": "1,020"}, {"schema_version": "1"},
        {"schema_version": 1.0},
        {"sha256": "AB" * 32}, {"sha256": "-".join(["AB"] * 32)}, {"sha256": " ".join(["ab"] * 32) + "\r\n"}, {"kind": "Delta"},
        {"file": ".\\roster.csv"}, {"file": "C:\\out\\roster.csv"}, {"file": "out/roster.csv"}, {"notice_version": "v1\r\n"},
        {"as_of": "2026/10/31"}, {"as_of": 20261031}, {"as_of": "20261031"}, {"as_of": "2026-10-31T00:00:00"},
        {"as_of": "2026-10-31T00:00:00+08:00"}, {"as_of": "2026-10-30T16:00:00.000Z"}, {"as_of": "2026/10/31 0:00:00"},
        {"as_of": "/Date(1793376000000)/"}, {"since": "2026/9/30"}, {"generated": {"by": "x"}},
        {"as_of": "10/31/2026"}, {"as_of": "31.10.2026"}, {"as_of": "10/31/2026 0:00:00"}, {"sha256": "SHA256:" + "ab" * 32},
        {"sha256": "sha-256 = " + "AB" * 32},
    ],
)  # fmt: skip
def test_another_notation_says_the_same(changes: dict[str, Any]) -> None:
    assert said(**changes) == PLAIN


def test_names_of_fields_may_differ_in_case_and_stand_twice_with_one_value() -> None:
    named = {"SchemaVersion" if key == "schema_version" else key.upper(): value for key, value in FACTS.items()}
    assert read_manifest(json.dumps(named).encode(), "roster.csv") == PLAIN
    assert read_manifest(json.dumps([FACTS]).encode(), "roster.csv") == PLAIN
    text = json.dumps(FACTS)
    assert read_manifest(f'{{"rows": 1020, {text[1:]}'.encode(), "roster.csv") == PLAIN
    code, message = refused(f'{{"rows": 1021, {text[1:]}'.encode())
    assert code == "manifest_invalid" and "rows" in message


@pytest.mark.parametrize(
    "path", ["C:\\export\\roster.csv", "D:\\名册\\roster.csv", "C:\\new\\roster.csv", "C:\\users\\roster.csv"]
)
def test_a_path_with_single_backslashes_is_read(path: str) -> None:
    text = json.dumps(FACTS | {"file": "?"}, ensure_ascii=False).replace('"?"', f'"{path}"')
    assert read_manifest(text.encode(), "roster.csv") == PLAIN.model_copy(update={"file": "roster.csv"})


def test_a_comma_after_the_last_item_is_named_with_its_line() -> None:
    text = json.dumps(FACTS, indent=1)
    assert text.count("\n") == 11, "the closing bracket stands in line 12"
    assert "第 11 行）；最后一项之后多了一个逗号" in refused(text.replace("\n}", ",\n}").encode())[1]
    assert "（第 2 行）；请按" in refused(text.replace("\n", "\n;").encode())[1]


def test_what_is_left_empty_is_not_said() -> None:
    found = said(since="", notice_version=" ", file="")
    assert (found.since, found.notice_version, found.file) == (None, None, None)


@pytest.mark.parametrize(
    "changes",
    [
        {"rows": -1}, {"rows": 20.5}, {"rows": "20.5"}, {"rows": True}, {"rows": "many"}, {"bytes": None}, {"sha256": "ab" * 31},
        {"sha256": "zz" * 32}, {"kind": "all"}, {"as_of": "2026-02-30"}, {"as_of": "10/11/2026"}, {"since": "2026-10-31"},
        {"schema_version": 2}, {"schema_version": "one"}, {"encoding": None},
    ],
)  # fmt: skip
def test_what_is_wrong_is_named_by_its_field(changes: dict[str, Any]) -> None:
    code, message = refused(json.dumps(FACTS | changes).encode())
    assert code == "manifest_invalid"
    assert next(iter(changes)) in message and message.startswith("roster.csv.manifest.json：")


@pytest.mark.parametrize("data", [b"", b"rows: 1", b"[]", b"[1, 2]", b"3", b"\xff\xfe\x00", b"[" * 50_000, b"\xff\xff"])
def test_what_is_no_manifest_is_refused(data: bytes) -> None:
    assert refused(data)[0] == "manifest_invalid"


def test_another_file_s_manifest_is_refused() -> None:
    assert refused(json.dumps(FACTS | {"file": "C:\\out\\other.csv"}).encode())[0] == "manifest_mismatch"


def test_a_manifest_by_hand_may_be_named_in_another_case(office: Office) -> None:
    path = office.folder / "roster2.csv"
    path.write_bytes((CASES / "manifest-with-bom" / "roster2.csv").read_bytes())
    facts = json.loads((CASES / "manifest-with-bom" / "roster2.csv.manifest.json").read_bytes())
    (office.folder / "ROSTER2.CSV.Manifest.JSON").write_bytes(as_windows(facts))
    found = ingest(office, office.partner(), file=path)
    assert (found.status, found.accepted, found.as_of) == ("published", 20, str(date(2026, 9, 30)))


def test_the_exact_name_goes_before_others() -> None:
    exact = "r.csv" + SUFFIX
    assert sidecar("r.csv", SUFFIX, {"R.csv" + SUFFIX, exact}) == exact
    assert sidecar("r.csv", SUFFIX, {"R.csv" + SUFFIX, "x"}) == "R.csv" + SUFFIX
    assert sidecar("r.csv", SUFFIX, {"x", "r.csv"}) is None
