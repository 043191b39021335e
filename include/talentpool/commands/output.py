"""Share among commands: dates as options, a database to work on, one JSON object as the answer, whole files."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from talentpool.errors import UsageError
from talentpool.private_files import replacing
from talentpool.settings import Settings

if TYPE_CHECKING:
    from talentpool.office import Office


class IsoDate(click.ParamType):
    """YYYY-MM-DD."""

    name = "date"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> date:
        try:
            day = value if isinstance(value, date) else date.fromisoformat(value)
        except ValueError:
            self.fail("a date is written YYYY-MM-DD", param, ctx)
        if day.year not in YEARS:
            self.fail(f"no date here is before {YEARS[0]} or after {YEARS[-1]}", param, ctx)
        return day


NUMBER = click.IntRange(1, 2**63 - 1)
"""Of a list, a delivery, a row: beyond it the database has none."""
YEARS = range(1900, 2200)
DATE = IsoDate()
AS_OF = click.option("--as-of", type=DATE, help="the date whose facts are stated")


def say(result: Any, exit_code: int = 0) -> None:
    """Print the command's one JSON object and end with `exit_code`."""
    click.echo(json.dumps(result, ensure_ascii=False, default=str))
    if exit_code:
        sys.exit(exit_code)


def opened(settings: Settings | None = None, *, keys: bool = False) -> AbstractContextManager[Office]:
    """The deployment of the command's environment, its connections closed at the end. `keys`: checked before all else."""
    from talentpool.office import Office

    return Office.opened(settings or Settings(), keys=keys)


def named(office: Office, by: str) -> str:
    """The officer of that name, as the office's table has it; RefusedError for a name that it does not know, or who has left."""
    from talentpool.campaigns import known_officer

    with office.engine.connect() as conn:
        return known_officer(conn, by).name


@contextmanager
def atomic(path: Path) -> Iterator[Any]:
    """A text file that appears whole or not at all. UsageError when its folder cannot be written."""
    with ExitStack() as stack:
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            stream = stack.enter_context(replacing(path))
        except OSError as error:
            raise UsageError(f"{path}: cannot be written ({error.strerror}); name another place") from error
        yield stream
