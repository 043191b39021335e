"""Remove ID numbers, mobiles and names from logs: texts, exception texts and fields of structured events.

Numbers are caught by their form, wherever they stand. A name has no form: it is caught where a field says that it is
one. That names are never logged otherwise is a rule for code, held by a search over all logs in the tests.
This module imports nothing of ours: every process that logs reads it first.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Mapping
from typing import Any

REDACTED = "[redacted]"
NAME_FIELDS = frozenset(
    {"姓名", "员工姓名", "骑手姓名", "name_original", "empname", "emp_name", "person_name", "full_name", "real_name"}
)
"""Fields that hold a person's name, in small letters."""
_MAYBE_NAME = frozenset({"name", "courier", "rider", "person"})
"""Fields that may hold one: when what they hold is written in Chinese characters."""
NUMBER_FIELDS = frozenset(
    {"证件号码", "身份证号", "身份证", "手机号码", "手机号", "手机", "备用手机", "document_no", "id_number", "idno",
     "id_no", "mobile", "mobile2", "phone", "empphone"}
)  # fmt: skip
"""Fields that hold a number of a person, whatever form it has."""

_GAP = r"[ \-]?"
_RANGE = r"(?!14[01])[1１][3-9３-９]\d"
"""How a mobile begins. Codes of stations and staff numbers begin with a division's, 140 and 141 in Shanxi; no mobile
does."""
_MOBILE = rf"(?<![\d.])(?:\+?86{_GAP})?{_RANGE}{_GAP}\d{{4}}{_GAP}\d{{4}}(?!\d)"
_DOCUMENT = r"(?<!\d)\d{6}[ \-]?(?:18|19|20)\d{2}[ \-]?\d{2}[ \-]?\d{2}[ \-]?\d{3}[\dXx]?(?![\dA-Za-z])"
_SIGN = r"(?: ?[\-_·.\u2010-\u2015\uff0d] ?|[ \u00a0\u3000])"
_DIVIDED = (
    rf"(?<![\d.]){_RANGE}(?:(?P<sign>{_SIGN})\d{{4}}(?P=sign)\d{{4}}|[_·](?!20\d\d[01]\d[0-3]\d)\d{{8}})(?!\d)|"
    rf"(?<!\d)\d{{6}}(?P<mark>{_SIGN})(?:19\d\d|20[01]\d){_SIGN}?\d{{2}}{_SIGN}?\d{{2}}(?P=mark)\d{{3}}[\dXx](?![\dA-Za-z])"
)
"""Numbers in groups, as people write them on tabs and in file names. 138_20261031 is a count and a date."""
_LEGACY = r"(?<![\da-fA-F])[1-9]\d{14}(?![\da-fA-F])"
_PERSONAL = re.compile(f"{_DOCUMENT}|{_MOBILE}|{_DIVIDED}|{_LEGACY}")
_HAN = r"\u3007\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
_IS_HAN = re.compile(f"[{_HAN}]")
_NAMED = re.compile(
    rf"(?P<field>(?<![A-Za-z_])(?:{'|'.join(sorted(NAME_FIELDS | _MAYBE_NAME, key=len, reverse=True))})[\"']?\s*[=:：]\s*[\"']?)"
    rf"[{_HAN}][{_HAN}·•.]*",
    re.IGNORECASE,
)
_DEEPEST = 20


def redact(text: str) -> str:
    """`text` with ID numbers, mobiles, and names behind `name=` or `姓名：` replaced; again, it stays as it is."""
    while (clean := _NAMED.sub(rf"\g<field>{REDACTED}", _PERSONAL.sub(REDACTED, text))) != text:
        text = clean  # what stood beside a number may have hidden another one
    return text


def redact_event(value: Any, field: str = "", depth: int = 0) -> Any:
    """A structured event with every text and number in it redacted, and whatever a field says is a person's.

    Values that are not made of texts, numbers, mappings and sequences stay as they are.
    """
    if isinstance(value, Mapping):
        if depth > _DEEPEST:  # it leads back to itself, or nobody will read it
            return REDACTED
        return {
            (redact(key) if isinstance(key, str) else key): redact_event(item, str(key), depth + 1)
            for key, item in value.items()
        }
    if isinstance(value, list | tuple | set | frozenset):
        if depth > _DEEPEST:
            return REDACTED
        items = [redact_event(item, field, depth + 1) for item in value]
        return tuple(items) if isinstance(value, tuple) else items
    if isinstance(value, bool) or value is None:
        return value
    if isinstance(value, bytes):
        value = value.decode("utf-8", "replace")
    if isinstance(value, BaseException):
        value = f"{type(value).__name__}: {value}"
    if isinstance(value, str):
        return REDACTED if value and _is_a_persons(field, value) else redact(value)
    if isinstance(value, int | float) and (_is_a_persons(field, str(value)) or redact(str(value)) != str(value)):
        return REDACTED
    return value


def _is_a_persons(field: str, value: str) -> bool:
    field = field.strip().lower()
    return field in NAME_FIELDS or field in NUMBER_FIELDS or (field in _MAYBE_NAME and bool(_IS_HAN.search(value)))


class RedactingFilter(logging.Filter):
    """Rewrites message and exception text of every record that passes; drops none."""

    def filter(self, record: logging.LogRecord) -> bool:
        try:
            message = record.getMessage()
        except (TypeError, ValueError, KeyError):  # a line that cannot be put together must not end the caller's work
            message = str(record.msg)
            record.msg, record.args = message, None
        clean = redact(message)
        if clean != message:  # else the arguments stay: some formatters (uvicorn's) read them
            record.msg, record.args = clean, None
        if record.exc_info and not record.exc_text:
            record.exc_text = logging.Formatter().formatException(record.exc_info)
        if record.exc_text:
            record.exc_text = redact(record.exc_text)
        if record.stack_info:
            record.stack_info = redact(record.stack_info)
        return True


def install_redaction(logger: logging.Logger | None = None) -> None:
    """Put the filter on every handler of `logger` (default: the root), once."""
    for handler in (logger or logging.getLogger()).handlers:
        if not any(isinstance(known, RedactingFilter) for known in handler.filters):
            handler.addFilter(RedactingFilter())
