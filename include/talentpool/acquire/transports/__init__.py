"""Find a transport by name: one file each. A new transport is one new file here and nothing else.

A transport module registers `Options` (its part of partner.yml, strictly typed) with declare, and holds
`waiting(options, connection, settings) -> ContextManager[Waiting]`, a context in which the offers may be read, oldest
as-of first; UnavailableError says what to check when they cannot be.
"""

from __future__ import annotations

import importlib
import pkgutil
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from types import ModuleType
from typing import Literal

from talentpool.acquire.names import Overlooked
from talentpool.declare import registered
from talentpool.errors import DeclarationError


@dataclass(frozen=True)
class Offer:
    """A delivery that waits at the partner's. `offer_id` changes when any of its files does.

    A source without a manifest file states what it knows here instead: `kind` (with it `since`, None = a full
    snapshot or unknown), `rows` (how many it says there are), `notice_version`. A manifest's word goes before these.
    `clear(sha256)`, where the source is ours to tidy: remove what was offered if it still holds these bytes; whether it
    is gone.
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
    clear: Callable[[str], bool] | None = None


class Waiting(Iterator[Offer]):
    """The offers of a partner, to be asked for one by one, and the files beside them that are not taken."""

    def __init__(self, offers: Iterator[Offer], overlooked: Sequence[Overlooked] = ()) -> None:
        self._offers = offers
        self.overlooked = tuple(overlooked)

    def __next__(self) -> Offer:
        return next(self._offers)


def transport(kind: str) -> ModuleType:
    """The module of transport `kind`; DeclarationError lists the valid ones."""
    options = registered()
    if kind not in options:
        raise DeclarationError(f"unknown transport kind {kind!r}; valid: {', '.join(options)}")
    return sys.modules[options[kind].__module__]


for _found in pkgutil.iter_modules(__path__):  # each registers its options; they need what stands above
    importlib.import_module(f"{__name__}.{_found.name}")
