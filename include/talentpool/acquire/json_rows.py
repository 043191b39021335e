"""Write the rows of JSON pages to one CSV: each value as its exact text, never in plain outside memory.

The header is known only when the last page was read, for a partner may leave out keys that are empty. Until then the
pages are held compressed in memory, up to a cap: a temporary file would hold personal data in plain, and reading all
pages twice would double the calls that the partner counts. At 250 bytes a row the cap admits some three million rows.
"""

from __future__ import annotations

import csv
import io
import json
import zlib
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NoReturn

from talentpool.errors import RejectedError

MAX_SPOOL = 256 * 1024**2
MAX_KEYS = 200
MAX_ROW = 512 * 1024
"""Bytes of a row's keys and values; as a line of CSV, with quotes doubled, it stays below what a line may be."""
Row = Mapping[str, Any]


class Exact(str):
    """A JSON number or constant as the text it was written in."""

    __slots__ = ()


def parse_json(text: str | bytes) -> Any:
    """Parse with numbers as their exact text. ValueError without a word of the content, also of a doubled key."""
    try:
        return json.loads(
            text, parse_int=Exact, parse_float=Exact, parse_constant=_refuse, object_pairs_hook=_once_each
        )
    except (ValueError, RecursionError):  # the error of the parser holds the document
        raise ValueError("not JSON") from None


def cell(value: Any) -> str:
    """A JSON value as the text of a CSV cell: null is empty, what is nested stays JSON."""
    if value is None:
        return ""
    return value if isinstance(value, str) else _json_text(value)


class Spool:
    """Pages of one snapshot, compressed in memory. RejectedError file_too_large above the cap."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._keys: dict[str, None] = {}
        self._pages: list[bytes] = []
        self._size = 0
        self.rows = 0

    def add(self, rows: Sequence[Row]) -> None:
        """Keep a page. RejectedError names the row that cannot be written as UTF-8, or too many keys."""
        cells = [{key: cell(value) for key, value in row.items()} for row in rows]
        for number, row in enumerate(cells, self.rows + 1):
            self._keys |= dict.fromkeys(row)
            if len(self._keys) > MAX_KEYS:
                raise RejectedError(
                    "shape_too_large",
                    f"{self._name}：第 {number} 行起字段超过 {MAX_KEYS} 个；请合作单位只传名册所需的字段后重新提供",
                )
            _check_text(row, self._name, number)
        page = zlib.compress(json.dumps(cells, ensure_ascii=False, separators=(",", ":")).encode(), 1)
        self._size += len(page)
        if self._size > MAX_SPOOL:
            raise RejectedError(
                "file_too_large", f"{self._name}：名册压缩后仍大于 {MAX_SPOOL // 1024**2} MB；请合作单位拆分后重新提供"
            )
        self._pages.append(page)
        self.rows += len(rows)

    def csv(self) -> Iterator[bytes]:
        """One UTF-8 CSV, a page at a time; the header holds the keys in the order of their first appearance."""
        yield _lines([list(self._keys)])
        for page in self._pages:
            rows = json.loads(zlib.decompress(page))
            yield _lines([[row.get(key, "") for key in self._keys] for row in rows])


def _lines(rows: list[list[str]]) -> bytes:
    text = io.StringIO(newline="")
    csv.writer(text, lineterminator="\r\n").writerows(rows)
    return text.getvalue().encode()


def _check_text(row: Row, name: str, number: int) -> None:
    try:
        size = len("".join((*row, *row.values())).encode())
    except UnicodeEncodeError:  # its text would quote the value
        raise RejectedError(
            "encoding_unknown",
            f"{name}：第 {number} 行有残缺的字符（半个字），可能导出时被截断；请合作单位改正后重新提供",
        ) from None
    if size > MAX_ROW:
        raise RejectedError(
            "shape_too_large",
            f"{name}：第 {number} 行超过 {MAX_ROW // 1024} KB；请合作单位去掉长文本字段（如照片编码）后重新提供",
        )


def _json_text(value: Any) -> str:
    if isinstance(value, Exact):
        return str(value)
    if isinstance(value, dict):
        return "{" + ",".join(f"{json.dumps(k, ensure_ascii=False)}:{_json_text(v)}" for k, v in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ",".join(map(_json_text, value)) + "]"
    return json.dumps(value, ensure_ascii=False)


def _once_each(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError("a key is there twice")
    return found


def _refuse(constant: str) -> NoReturn:
    raise ValueError(f"{constant} is no JSON")
