"""Read the manifest beside a file, in which the partner says what the file is, also as Windows writes it."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Collection, Iterable, Iterator
from datetime import date, datetime
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, model_validator

from talentpool.errors import RejectedError
from talentpool.office_day import OFFICE_TIME

SUFFIX = ".manifest.json"
MAX_BYTES = 64 * 1024
_ENCODINGS = ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"))


def _count(value: Any) -> Any:
    """20, "20", 20.0, "20.0" and "1,020"."""
    if isinstance(value, bool):
        return None
    text = str(value).strip().replace(",", "") if isinstance(value, (str, float)) else ""
    return int(text.split(".")[0]) if re.fullmatch(r"\d{1,15}(\.0*)?", text, re.ASCII) else value


def _day(value: Any) -> Any:
    """2026-10-31, 20261031, 2026/10/31, with a time of day or not; a moment, as .NET or a browser has it, is a day here."""
    text = str(value).strip() if isinstance(value, (str, int)) and not isinstance(value, bool) else ""
    stamp = re.fullmatch(r"\\?/Date\((\d{1,14})(?:[+-]\d{4})?\)\\?/", text, re.ASCII)
    if stamp:
        return datetime.fromtimestamp(int(stamp[1]) / 1000, OFFICE_TIME).date()
    if re.fullmatch(r"\d{4}-\d{2}-\d{2}T[\d:.]+(?:Z|[+-]\d{2}:\d{2})", text, re.ASCII):
        try:
            return datetime.fromisoformat(text).astimezone(OFFICE_TIME).date()
        except ValueError:
            return value
    day = re.fullmatch(r"(\d{4})([-/.]?)(\d{1,2})\2(\d{1,2})(?:[T ][\d:.]+)?", text, re.ASCII)
    if day and (day[2] or len(text) == 8):
        return f"{day[1]}-{int(day[3]):02d}-{int(day[4]):02d}"
    western = re.fullmatch(r"(\d{1,2})([-/.])(\d{1,2})\2(\d{4})(?:[T ][\d:.]+)?", text, re.ASCII)
    if western and (int(western[1]) > 12) != (int(western[3]) > 12):  # else it is said which day comes first by nobody
        month, day_of_month = sorted((int(western[1]), int(western[3])))
        return f"{western[4]}-{month:02d}-{day_of_month:02d}"
    return value


def _text(value: Any) -> Any:
    return (value.strip() or None) if isinstance(value, str) else value


def _word(value: Any) -> Any:
    return value.strip().lower() if isinstance(value, str) else value


def _hex(value: Any) -> Any:
    """As Get-FileHash, certutil, BitConverter and openssl print it."""
    if not isinstance(value, str):
        return value
    return re.sub(r"[\s-]", "", re.sub(r"^\s*sha-?256\s*[:=]", "", value, flags=re.IGNORECASE)).lower()


def _base_name(value: Any) -> Any:
    """Of a path; one that was written with single backslashes holds signs that JSON made of them."""
    if not isinstance(value, str):
        return value
    for letter, sign in zip("bfnrt", "\b\f\n\r\t", strict=True):
        value = re.sub(rf"(?<=.){sign}(?=\w)", rf"\\{letter}", value)
    return _text(re.split(r"[\\/]", value)[-1])


Count = Annotated[int, BeforeValidator(_count), Field(ge=0)]
Day = Annotated[date, BeforeValidator(_day)]
Text = Annotated[str | None, BeforeValidator(_text)]


class Manifest(BaseModel):
    """Schema version 1. `since` is required of a delta; `file`, when given, must be the file's name."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    schema_version: Annotated[Literal[1], BeforeValidator(_count)]
    rows: Count
    bytes: Count
    sha256: Annotated[str, BeforeValidator(_hex), Field(pattern=r"^[0-9a-f]{64}$")]
    encoding: str
    kind: Annotated[Literal["full", "delta"], BeforeValidator(_word)]
    as_of: Day
    since: Annotated[date | None, BeforeValidator(lambda value: _day(_text(value)))] = None
    notice_version: Text = None
    file: Annotated[str | None, BeforeValidator(_base_name)] = None

    @model_validator(mode="after")
    def _dates(self) -> Manifest:
        if self.since is not None and self.since >= self.as_of:
            raise ValueError("since is not before as_of")
        return self


EXPECTED = {
    "schema_version": "1",
    "rows": "数据行数",
    "bytes": "文件字节数",
    "sha256": "64 位十六进制",
    "encoding": "如 utf-8",
    "kind": "full 或 delta",
    "as_of": "YYYY-MM-DD",
    "since": "YYYY-MM-DD，早于 as_of",
    "notice_version": "文本",
    "file": "文件名",
}
NO_HASH = "0" * 64
"""Stands for the content of a delivery that was refused before its bytes were read."""
_ESCAPED = re.compile(r'(\\["\\/bfnrt]|\\u[0-9a-fA-F]{4})|\\')
"""What JSON escapes, or else a backslash of a path that should have been doubled."""
_NAMES = {name.replace("_", ""): name for name in Manifest.model_fields}


def read_manifest(data: bytes, name: str) -> Manifest:
    """Parse; RejectedError(manifest_invalid) names the fields, or manifest_mismatch when it names another file."""
    said, contrary = _fields(data, name)
    try:
        manifest = Manifest.model_validate(said)
    except ValidationError as error:
        wrong = {str(e["loc"][0]) if e["loc"] else "since" for e in error.errors()}
        raise _invalid(name, wrong) from None
    if contrary:
        raise _invalid(name, contrary, "同一字段写了两个不同的值")
    if manifest.file is not None and manifest.file.casefold() != name.casefold():
        raise RejectedError(
            "manifest_mismatch", f"{name}{SUFFIX}：清单的 file 字段写的是另一个文件；请核对清单与数据文件后重新交付"
        )
    return manifest


def _fields(data: bytes, name: str) -> tuple[dict[str, Any], set[str]]:
    """Its known fields, whatever the case of their names, and those it gives two values."""
    contrary: set[str] = set()

    def known(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        said: dict[str, Any] = {}
        for key, value in pairs:
            field = _NAMES.get(re.sub(r"[\s_-]", "", key).lower())
            if field is None:
                continue
            if field in said and said[field] != value:
                contrary.add(field)
            said[field] = value
        return said

    try:
        text = _decoded(data)
        try:
            said = json.loads(text, object_pairs_hook=known)
        except ValueError:
            contrary.clear()
            said = json.loads(_ESCAPED.sub(lambda found: found[1] or r"\\", text), object_pairs_hook=known)
    except json.JSONDecodeError as error:
        raise _no_json(name, error) from None
    except (ValueError, RecursionError):  # neither JSON nor text
        raise RejectedError(
            "manifest_invalid", f"{name}{SUFFIX}：不是 JSON 文本；请按对接说明重新生成清单（UTF-8 编码）"
        ) from None
    if isinstance(said, list) and len(said) == 1:  # how PowerShell writes what it holds as a list
        said = said[0]
    if not isinstance(said, dict):
        raise RejectedError("manifest_invalid", f"{name}{SUFFIX}：应为一个 JSON 对象；请按对接说明重新生成清单")
    return said, contrary


def _no_json(name: str, error: json.JSONDecodeError) -> RejectedError:
    """Where a text stops being JSON; a comma before the closing bracket is what people leave there.

    Python 3.13 points to such a comma itself, those before it to what follows: the line said is the comma's.
    """
    before, after = error.doc[: error.pos].rstrip(), error.doc[error.pos :].lstrip()
    passed = before.endswith(",") and after[:1] in ("}", "]")
    line = before.count("\n") + 1 if passed else error.lineno
    comma = passed or re.match(r",\s*[}\]]", after)
    why = "最后一项之后多了一个逗号，请删去" if comma else "请按对接说明重新生成清单（UTF-8 编码）"
    return RejectedError("manifest_invalid", f"{name}{SUFFIX}：不是 JSON 文本（第 {line} 行）；{why}")


def _decoded(data: bytes) -> str:
    for mark, encoding in _ENCODINGS:
        if data.startswith(mark):
            return data.decode(encoding).strip("\0\x1a \r\n\t")
    if data[1:2] == b"\0" or data[:1] == b"\0":
        return data.decode("utf-16-le" if data[1:2] == b"\0" else "utf-16-be").strip("\0\x1a \r\n\t")
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError:
        text = data.decode("gb18030")
    return text.strip("\0\x1a \r\n\t")


def _invalid(name: str, fields: Iterable[str], why: str = "字段缺失或有误") -> RejectedError:
    named = "、".join(f"{field}（{EXPECTED[field]}）" for field in sorted(fields))
    return RejectedError("manifest_invalid", f"{name}{SUFFIX}：{why}：{named}；请按对接说明重新生成清单")


def sidecar(name: str, suffix: str, names: Collection[str]) -> str | None:
    """What lies beside a file under its name and `suffix`, in whatever case; the exact one first."""
    wanted = name + suffix
    if wanted in names:
        return wanted
    folded = wanted.casefold()
    return min((other for other in names if other.casefold() == folded), default=None)


class Counted:
    """Counts and hashes what passes through, to hold it against the manifest."""

    def __init__(self) -> None:
        self.bytes = 0
        self._hash = hashlib.sha256()

    def update(self, chunk: bytes) -> None:
        self.bytes += len(chunk)
        self._hash.update(chunk)

    def counting(self, chunks: Iterator[bytes]) -> Iterator[bytes]:
        """The same chunks, each counted as it passes."""
        for chunk in chunks:
            self.update(chunk)
            yield chunk

    def take(self, other: Counted) -> None:
        """Become what another has counted."""
        self.bytes, self._hash = other.bytes, other._hash

    @property
    def sha256(self) -> str:
        return self._hash.hexdigest()

    @property
    def on_record(self) -> str:
        """The hash as a delivery's row has it."""
        return self.sha256 if self.bytes else NO_HASH

    def verify(self, manifest: Manifest, name: str) -> None:
        """RejectedError when size or hash differ."""
        if self.bytes != manifest.bytes:
            raise RejectedError(
                "bytes_mismatch",
                f"{name}：文件有 {self.bytes} 字节，清单写的是 {manifest.bytes}；请重新上传完整文件，或重新生成清单",
            )
        if self.sha256 != manifest.sha256.lower():
            raise RejectedError(
                "hash_mismatch", f"{name}：文件的 SHA-256 与清单不符；请重新上传完整文件，或重新生成清单"
            )
