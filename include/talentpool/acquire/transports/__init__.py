"""Transports: one file each, found by name. A new one is one new file here and nothing else.

A transport module holds `Options` (its part of partner.yml, strictly typed) and
`waiting(options, connection) -> ContextManager[Iterator[Offer]]`, a context in which the offers may be read, oldest
as-of first; UnavailableError says what to check when they cannot be.
"""

from __future__ import annotations

import importlib
import logging
import pkgutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from types import ModuleType
from typing import Literal

from talentpool.errors import DeclarationError

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Offer:
    """A delivery that waits at the partner's. `offer_id` changes when any of its files does.

    A source without a manifest file states what it knows here instead: `kind` (with it `since`, None = a full
    snapshot or unknown), `rows` (how many it says there are), `notice_version`. A manifest's word goes before these.
    """

    name: str
    as_of: date
    offer_id: str
    manifest: bytes | None
    chunks: Callable[[], Iterator[bytes]]
    kind: Literal["full", "delta"] | None = None
    since: date | None = None
    rows: int | None = None
    notice_version: str | None = None


def as_of_date(digits: str) -> date | None:
    """The date in a file's name (YYYYMMDD); None, and a word in the log, when it is no day of the calendar."""
    try:
        return date(int(digits[:4]), int(digits[4:6]), int(digits[6:8]))
    except ValueError:
        log.warning("a file named for %s is left alone: there is no such day", digits)
        return None


def kinds() -> list[str]:
    """Names of the transports that exist."""
    return sorted(module.name for module in pkgutil.iter_modules(__path__))


def transport(kind: str) -> ModuleType:
    """The module of transport `kind`; DeclarationError lists the valid ones."""
    if kind not in kinds():
        raise DeclarationError(f"unknown transport kind {kind!r}; valid: {', '.join(kinds())}")
    return importlib.import_module(f"{__name__}.{kind}")
