"""Refuse what no typed text may hold: NUL, which the database refuses, and signs that mislead a log or page."""

from __future__ import annotations

import re

_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff]")
"""Control characters but tab and line ends, and halves of characters (bytes that are no UTF-8 arrive as such)."""


def holds_control(text: str) -> bool:
    """Whether a control character, or half a character, stands in it."""
    return _CONTROL.search(text) is not None
