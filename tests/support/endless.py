"""A process that never answers, with a second of a core (talentpool.child)."""

from __future__ import annotations

from typing import Any

from talentpool.child import serve


def _for_ever(request: dict[str, Any]) -> None:
    while True:
        pass


def main() -> None:
    serve(_for_ever, cpu_seconds=1)
