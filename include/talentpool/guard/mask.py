"""What may be shown of a value when the whole value may not."""

from __future__ import annotations


def mask_mobile(value: str) -> str:
    """138****8000; a short or foreign number keeps its last two characters at most."""
    if len(value) >= 11:
        return f"{value[:3]}{'*' * (len(value) - 7)}{value[-4:]}"
    return "*" * max(len(value) - 2, 0) + value[-2:] if len(value) > 4 else "*" * len(value)


def mask_document(value: str) -> str:
    """140***********0013; a short number shows nothing."""
    if len(value) >= 15:
        return f"{value[:3]}{'*' * (len(value) - 7)}{value[-4:]}"
    return "*" * len(value)


def mask_name(value: str) -> str:
    """The first character and at least one star; '' for ''."""
    return value[:1] + "*" * max(len(value) - 1, 1) if value else ""
