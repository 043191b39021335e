"""A process that fails by a fault of its own (talentpool.child)."""

from __future__ import annotations

from typing import Any

from talentpool.child import serve


def _fail(request: dict[str, Any]) -> float:
    return len(request) / 0


def main() -> None:
    serve(_fail)
