"""Everything a roster file can do wrong, one case each: its bytes, and what must come of it.

A case is delivered on top of a published roster of a hundred people. `status` and `codes` are the verdict; `accepted`
are the staff numbers that the delivery newly brings into the live records (None: the digest must not change at all).
"""

from __future__ import annotations

import csv
import hashlib
import io
import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date

import workbooks
from rosters import document, person
from talentpool.declare import TEMPLATE_V1

CITY = [person(n) for n in range(1, 101)]
AS_OF = date(2026, 10, 31)
NEW = "T00201"
FIELDS = list(TEMPLATE_V1.values())


@dataclass(frozen=True)
class Case:
    """`codes`: those that must be counted, with their counts; `notes` likewise; `manifest`: beside the file; `bounds`, `days`:
    bounds and `as_of_days` of the partner's declaration, in place of the shipped ones."""

    name: str
    data: bytes
    status: str
    codes: dict[str, int] = field(default_factory=dict)
    notes: dict[str, int] = field(default_factory=dict)
    accepted: frozenset[str] | None = None
    manifest: bytes | None = None
    suffix: str = "csv"
    as_of: date = AS_OF
    kind: str = "full"
    partner: str = "didi"
    bounds: dict[str, float] = field(default_factory=dict)
    days: tuple[int, ...] = ()


def table(
    rows: Iterable[dict[str, str]], header: Iterable[str] = TEMPLATE_V1, more: dict[str, str] | None = None
) -> str:
    """The standard template as text; `more` adds columns with one value for every row."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    more = more or {}
    writer.writerow([*header, *more])
    for row in rows:
        writer.writerow([*(row.get(name, "") for name in FIELDS), *more.values()])
    return out.getvalue()


def city(*more: dict[str, str]) -> list[dict[str, str]]:
    return [*CITY, *more]


def new(**changes: object) -> dict[str, str]:
    """One more row than the city had, with something about it."""
    return person(201, **changes)


GOOD = table(city()).encode("utf-8-sig")
PLUS = table(city(new())).encode("utf-8-sig")


def manifest(data: bytes, **changes: object) -> bytes:
    facts = {
        "schema_version": 1,
        "file": "roster.csv",
        "rows": 101,
        "bytes": len(data),
        "sha256": hashlib.sha256(data).hexdigest(),
        "encoding": "utf-8",
        "kind": "full",
        "as_of": AS_OF.isoformat(),
        "notice_version": "v1",
    }
    return json.dumps({k: v for k, v in (facts | changes).items() if v is not None}).encode()


def rejected(name: str, data: bytes | str, code: str, **more: object) -> Case:
    data = data.encode("utf-8-sig") if isinstance(data, str) else data
    return Case(name, data, "rejected", {code: 1}, **more)  # type: ignore[arg-type]


def row(what: str, code: str, /, *, accepted: bool, note: bool = False, **changes: object) -> Case:
    """One new row with something about it: set aside with the row kept, or the row kept out."""
    data = table(city(new(**changes))).encode("utf-8-sig")
    counted = {code: 1}
    return Case(
        what, data, "published", {} if note else counted, counted if note else {}, frozenset({NEW} if accepted else ())
    )


DELIVERIES = [
    rejected("the file was cut off", PLUS[:-700], "bytes_mismatch", manifest=manifest(PLUS)),
    rejected("a byte was changed", PLUS.replace("太行站".encode(), "太衍站".encode(), 1), "hash_mismatch",
             manifest=manifest(PLUS)),
    rejected("the manifest counts other rows", PLUS, "row_count_mismatch", manifest=manifest(PLUS, rows=100)),
    rejected("the manifest names another file", PLUS, "manifest_mismatch", manifest=manifest(PLUS, file="other.csv")),
    rejected("the manifest is no JSON", PLUS, "manifest_invalid", manifest=b"rows: 101"),
    rejected("the manifest lacks its hash", PLUS, "manifest_invalid", manifest=manifest(PLUS, sha256=None)),
    rejected("the manifest is of a later schema", PLUS, "manifest_invalid", manifest=manifest(PLUS, schema_version=2)),
]  # fmt: skip

ENCODINGS = [
    rejected("GB18030 in one row of a UTF-8 file", PLUS + table([new()]).encode("gb18030"), "encoding_unknown"),
    rejected("neither encoding", PLUS + b"\xff\xff\xff,\xfe", "encoding_unknown"),
    rejected("UTF-16 with a mark", table(city(new())).encode("utf-16"), "encoding_unknown"),
    rejected("UTF-16 without a mark", table(city(new())).encode("utf-16-le"), "nul_bytes"),
    rejected("UTF-8 that somebody read as GBK and saved",
             table(city(new())).encode().decode("gb18030", "replace").encode(), "header_unknown"),
    rejected("NUL bytes", PLUS.replace(b"T00050", b"T00\x0050"), "nul_bytes"),
    Case("GB18030 throughout", table(city(new())).encode("gb18030"), "published", accepted=frozenset({NEW})),
]  # fmt: skip

_HEADER = list(TEMPLATE_V1)
HEADERS = [
    rejected("no staff numbers", table(city(), header=["编码" if h == "工号" else h for h in _HEADER]), "header_missing"),
    rejected("a column twice", table(city(), more={"姓名": "x"}), "header_doubled"),
    rejected("renamed beyond the declaration", table(city(), header=[f"字段{i}" for i in range(15)]), "header_unknown"),
    rejected("another partner's file", "员工编号,员工姓名,所属区县\r\nY1,韩某,潞州区\r\n", "header_unknown"),
    rejected("empty", b"", "header_unknown"),
    rejected("a mark and nothing else", b"\xef\xbb\xbf", "header_unknown"),
    rejected("header only", table([]), "no_rows"),
    rejected("header, blank rows and a total", table([{}, {}, {"staff_no": "合计"}]), "no_rows"),
    rejected("rows of unequal length", PLUS + b"a,b,c\r\n", "csv_malformed"),
    rejected("a quote that never closes", PLUS + b'"T00300,', "csv_malformed"),
    Case("columns nobody asked for",
         table(city(new()), more={"银行卡号": "6222020000000000001", "GPS": "36.19,113.11", "照片": "data:image"}
               ).encode("utf-8-sig"),
         "published", notes={"extra_columns": 3}, accepted=frozenset({NEW})),
    Case("a column that is called like a required one, with a remark", table(city(new()), more={"姓名（拼音）": "han"}
         ).encode("utf-8-sig"), "published", notes={"extra_columns": 1}, accepted=frozenset({NEW})),
    Case("columns in another order",
         "\r\n".join(",".join(reversed(line.split(","))) for line in table(city(new())).splitlines()).encode(),
         "published", accepted=frozenset({NEW})),
]  # fmt: skip

_LINES = table(city(new())).splitlines()
SHAPES = [
    Case("title rows above the header", "\r\n".join(["长治市骑手名册,,", "制表：某部,2026年,", *_LINES]).encode(),
         "published", accepted=frozenset({NEW})),
    Case("total, subtotal and blank rows",
         "\r\n".join([*_LINES[:50], ",,,,", "小计,49" + "," * 13, *_LINES[50:], "合计,101" + "," * 13, ",,", ""]
                     ).replace("\r\n,,\r\n", "\r\n" + "," * 14 + "\r\n").replace("\r\n,,,,\r\n", "\r\n" + "," * 14 + "\r\n"
                     ).encode(),
         "published", accepted=frozenset({NEW})),
    Case("totals, remarks and blank lines of fewer cells than a row has",
         "\r\n".join([*_LINES[:50], "   ", "小计,49", *_LINES[50:], "合计：101人", "共101人" + "," * 14, "  ,,",
                      '"制表：某部",2026年']).encode(), "published", accepted=frozenset({NEW})),
    Case("line feeds alone", table(city(new())).replace("\r\n", "\n").encode(), "published", accepted=frozenset({NEW})),
    Case("no line end at the end", table(city(new())).rstrip().encode(), "published", accepted=frozenset({NEW})),
]  # fmt: skip

VALUES = [
    row("an ID number from a numeric cell", "id_precision_lost", accepted=True, document_no="1.40199E+17"),
    row("an ID number with a wrong check digit", "id_bad_checksum", accepted=True,
        document_no=document(7)[:17] + ("0" if document(7)[17] != "0" else "1")),
    row("an ID number of seventeen digits", "id_malformed", accepted=True, document_no="14019919950505001"),
    row("an unusable mobile", "mobile_unusable", accepted=True, mobile="0355-2023456"),
    row("an unusable second mobile", "mobile2_unusable", accepted=True, mobile2="12"),
    row("an abolished county", "division_mapped", accepted=True, note=True, county="屯留县"),
    row("another abolished county", "division_mapped", accepted=True, note=True, county="长治县"),
    row("an unknown occupation", "occupation_unknown", accepted=True, note=True, occupation="航天员"),
    row("nobody one could find again", "weak_identity", accepted=True, note=True, document_no="", mobile=""),
    row("an impossible birth date", "birth_date_impossible", accepted=False, document_no="", birth_date="1995-02-30"),
    row("a birth date to come", "birth_date_future", accepted=False, document_no="", birth_date="2030-01-01"),
    row("an impossible birth date beside a good ID number", "birth_date_impossible", accepted=False,
        birth_date="1995-02-30"),
    row("a birth date to come beside a good ID number", "birth_date_future", accepted=False, birth_date="2030-01-01"),
    row("an impossible birth date of a child by its ID number", "under_14", accepted=False,
        document_no=document(9, "2014-01-15"), birth_date="2014-02-30", hired_on=""),
    row("hired on no day", "hired_on_impossible", accepted=False, hired_on="2024-13-01"),
    row("hired in the future", "hired_on_future", accepted=False, hired_on="2027-01-01"),
    row("left before hired", "left_before_hired", accepted=False, hired_on="2024-03-01", left_on="2023-01-01"),
    row("no county", "county_missing", accepted=False, county=""),
    row("a county nobody knows", "county_unknown", accepted=False, county="不存在县"),
    row("a county of another city", "county_outside", accepted=False, county="140107"),
    row("no name", "name_empty", accepted=False, name=""),
    row("a placeholder for a name", "name_placeholder", accepted=False, name="测试"),
    row("crosses for a name", "name_placeholder", accepted=False, name="XXX"),
    Case("a station's name longer than any index admits",
         table(city(new(station="".join(chr(0x4E00 + n * 5 % 20_000) for n in range(3_900))))).encode(), "published",
         accepted=frozenset({NEW})),
    row("no staff number", "staff_no_missing", accepted=False, staff_no=""),
    row("fourteen years old", "age_14_15", accepted=False, document_no="", birth_date="2012-01-15", hired_on=""),
    row("fifteen years old", "age_14_15", accepted=False, document_no="", birth_date="2011-01-15", hired_on=""),
    row("a child", "under_14", accepted=False, document_no="", birth_date="2014-01-15", hired_on=""),
    row("no date of consent", "no_consent", accepted=False, consented_on=""),
    row("a notice nobody gave", "no_consent", accepted=False, notice_version="v99"),
    Case("a staff number twice", table(city(new(), new(name="韩二"))).encode(), "published", {"staff_no_doubled": 2},
         accepted=frozenset()),
]  # fmt: skip

INERT = ["=1+1", '=HYPERLINK("http://x","y")', "+cmd|'/C calc'!A0", "@SUM(A1)", "<script>alert(1)</script>",
         "'; drop table source_record; --", "{{ 7*7 }}", "＝1+1", "%s%n", "../../etc/passwd"]  # fmt: skip

TIMES = [
    Case("six of ten people gone", table(CITY[:40]).encode(), "held", {"removals_high": 1}),
    Case("a third of the mobiles gone", table([{**r, "mobile": ""} if i % 3 == 0 else r for i, r in enumerate(CITY)]
                                              ).encode(), "held", {"nulls_jump": 1}),
    Case("staff numbers handed to others",
         table([{**person(500 + i), "staff_no": r["staff_no"]} if i < 5 else r for i, r in enumerate(CITY)]).encode(),
         "held", {"staff_no_reused_many": 1}),
    Case("a roster that came doubled, the second time under other numbers",
         table([*CITY, *({**r, "staff_no": f"9{r['staff_no']}"} for r in CITY)]).encode(), "held", {"additions_high": 1}),
    Case("more strangers than people", table(city(*(person(300 + i) for i in range(60)))).encode(), "held",
         {"additions_high": 1}),
    Case("rows of nobody beside the city", table(city(*(person(300 + i, staff_no="") for i in range(60)))).encode(), "held",
         {"rows_jump": 1, "staff_no_missing": 60}),
    Case("some strangers", table(city(*(person(300 + i) for i in range(20)))).encode(), "published",
         accepted=frozenset(person(300 + i)["staff_no"] for i in range(20))),
    Case("one mobile for many", table([{**r, "mobile": CITY[0]["mobile"]} if i < 5 else r for i, r in enumerate(CITY)]
                                      ).encode(), "published", notes={"mobile_shared": 5}, accepted=frozenset()),
    Case("a name that is longer than any", table(city(new(name="欧阳" * 13))).encode(), "published", notes={"name_length": 1},
         accepted=frozenset({NEW})),
    Case("an older date", table(city(new())).encode(), "published", notes={"as_of_older": 1}, as_of=date(2026, 8, 31)),
]  # fmt: skip


def strangers(count: int, **changes: object) -> list[dict[str, str]]:
    return [person(300 + i, **changes) for i in range(count)]


GROWTH = [
    Case("more rows than the partner can have", PLUS, "held", {"rows_out_of_bounds": 1}, bounds={"max_rows": 100}),
    Case("as many strangers at a station of their own", table(city(*strangers(120, station="别处站"))).encode(), "held",
         {"additions_high": 1, "stations_new_many": 1}),
    Case("the roster of another place", table(strangers(100, station="别处站")).encode(), "held",
         {"additions_high": 1, "removals_high": 1, "stations_gone_many": 1, "stations_new_many": 1}),
    Case("half as many again, all of another age",
         table(city(*strangers(49, document_no="", birth_date="1962-05-05"))).encode(), "held", {"shape_moved": 1}),
    Case("another partner's people under numbers of its own",
         table([{**r, "staff_no": f"E{r['staff_no']}"} for r in CITY]).encode(), "held", {"content_of_other": 1},
         partner="postal"),
    row("a station where nobody stood", "station_new", accepted=True, note=True, station="新站点"),
    row("consent before the first day of work", "consent_before_hire", accepted=True, note=True, hired_on="2026-03-01"),
    Case("a day of which the partner does not report", PLUS, "published", notes={"as_of_unusual": 1},
         accepted=frozenset({NEW}), as_of=date(2026, 10, 13), days=(-1,)),
]  # fmt: skip
"""What a delivery says beside the ones before it and beside other partners' (docs/adr/0101)."""

WORKBOOKS = [
    *(rejected(f"workbook: {what}", data, "workbook_refused", suffix="xlsx") for what, data in workbooks.REFUSED.items()),
    rejected("workbook: more than 200,000 rows", workbooks.too_many(), "file_too_large", suffix="xlsx"),
    rejected("workbook: header only", workbooks.plain([]), "no_rows", suffix="xlsx"),
    rejected("workbook: another partner's", workbooks.plain([["M1"]], header=["骑手编号"]), "header_unknown", suffix="xlsx"),
    Case("workbook: a plain one", workbooks.roster(city(new())), "published", accepted=frozenset({NEW}), suffix="xlsx"),
    Case("workbook: dates counted from 1904, as text", workbooks.date1904(workbooks.roster(city(new()))), "published",
         accepted=frozenset({NEW}), suffix="xlsx"),
    Case("workbook: a numeric ID cell",
         workbooks.roster([*CITY, new() | {"document_no": 1.40199199505050e17}]), "published",  # type: ignore[dict-item]
         {"id_precision_lost": 1}, accepted=frozenset({NEW}), suffix="xlsx"),
]  # fmt: skip

ALL = [*WORKBOOKS, *DELIVERIES, *ENCODINGS, *HEADERS, *SHAPES, *VALUES, *TIMES, *GROWTH]
