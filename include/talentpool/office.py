"""Hold together what every stage works with: the database, the settings and the keys of one deployment."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cached_property
from typing import TYPE_CHECKING, Self

from talentpool.database import connect
from talentpool.guard import open_keys

if TYPE_CHECKING:
    import sqlalchemy as sa

    from talentpool.guard import KeyRing
    from talentpool.guard.sources import KeySource
    from talentpool.settings import Settings


class Office:
    """One deployment at work.

    `keys` are opened when they are first asked for: who edits a reference table needs none. `source`: where they come
    from, when not from what the settings name.
    """

    def __init__(
        self, engine: sa.Engine, settings: Settings, keys: KeyRing | None = None, *, source: KeySource | None = None
    ) -> None:
        self.engine, self.settings, self._source = engine, settings, source
        if keys is not None:
            self.keys = keys

    @cached_property
    def keys(self) -> KeyRing:
        """The keys, checked against the database's. Raises what open_keys raises."""
        return open_keys(self.settings, self.engine, self._source)

    def but(self, *, engine: sa.Engine | None = None, settings: Settings | None = None) -> Office:
        """The same with another database or other settings, and the same keys."""
        return Office(engine or self.engine, settings or self.settings, self.keys)

    @classmethod
    @contextmanager
    def opened(cls, settings: Settings, *, source: KeySource | None = None, keys: bool = False) -> Iterator[Self]:
        """The deployment of `settings`, with the tasks' login; its connections are closed at the end.

        `keys`: opened at once, so that nothing is written by who has none or the wrong ones.
        UnavailableError when the server cannot be reached, or its schema is another version's.
        """
        engine = connect(settings)
        try:
            office = cls(engine, settings, source=source)
            if keys:
                office.keys  # noqa: B018 - opening is checking
            yield office
        finally:
            engine.dispose()
