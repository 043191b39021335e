"""Transports: one file each, found by name. A new one is one new file here and nothing else.

A transport module holds `Options` (its part of partner.yml, strictly typed) and
`waiting(options, partner, connection, session_wanted) -> ContextManager[Iterator[Offer]]`, a context in which the
offers may be read, oldest as-of first.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from types import ModuleType

from talentpool.errors import DeclarationError


@dataclass(frozen=True)
class Offer:
    """A delivery that waits at the partner's. `offer_id` changes when any of its files does."""

    name: str
    as_of: date
    offer_id: str
    manifest: bytes | None
    chunks: Callable[[], Iterator[bytes]]


def kinds() -> list[str]:
    """Names of the transports that exist."""
    return sorted(module.name for module in pkgutil.iter_modules(__path__))


def transport(kind: str) -> ModuleType:
    """The module of transport `kind`; DeclarationError lists the valid ones."""
    if kind not in kinds():
        raise DeclarationError(f"unknown transport kind {kind!r}; valid: {', '.join(kinds())}")
    return importlib.import_module(f"{__name__}.{kind}")
