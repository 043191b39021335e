"""No ID number and no mobile in a log: a filter for handlers, exception texts included.

Names cannot be told from words by their form; that they are never logged is a rule for code, held by a search over
all logs in the tests. This filter catches what has a form.
"""

from __future__ import annotations

import logging
import re

_GAP = r"[ \-]?"
_MOBILE = rf"(?<![\d.])(?:\+?86{_GAP})?1[3-9]\d{_GAP}\d{{4}}{_GAP}\d{{4}}(?!\d)"
_DOCUMENT = r"(?<!\d)\d{6}[ \-]?(?:18|19|20)\d{2}[ \-]?\d{2}[ \-]?\d{2}[ \-]?\d{3}[\dXx]?(?![\dA-Za-z])"
_LEGACY = r"(?<![\da-fA-F])[1-9]\d{14}(?![\da-fA-F])"
_PERSONAL = re.compile(f"{_DOCUMENT}|{_MOBILE}|{_LEGACY}")


def redact(text: str) -> str:
    """`text` with ID numbers and mobiles replaced."""
    return _PERSONAL.sub("[redacted]", text)


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
