"""Offer `talentpool receipt`: take what came back of a list."""

from __future__ import annotations

import getpass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from talentpool.commands.output import DATE, opened, say
from talentpool.errors import UsageError
from talentpool.settings import Settings

if TYPE_CHECKING:
    import sqlalchemy as sa

    from talentpool.campaigns import Approver

ACTS = ("correct", "show")
OUTCOMES = ("full", "part", "none", "refused", "left", "unknown")


@click.command()
@click.argument("words", nargs=-1, required=True, metavar="LIST_ID F.xlsx | correct LIST_ID ROW_ID | show LIST_ID")
@click.option("--by", help="an officer whom the office's table knows; a sheet defaults to this machine's login")
@click.option(
    "--out", type=click.Path(path_type=Path, dir_okay=False), help="where the sheet goes with its faults marked"
)
@click.option("--outcome", help="of a correction: full, part, none, refused, left or unknown")
@click.option("--delivered", type=int, help="of a correction: as many were handed out")
@click.option("--day", type=DATE, help="of a correction: the day of the hand-out")
@click.option("--reason", help="of a correction: why; without a name or number of a person")
def receipt(
    words: tuple[str, ...],
    by: str | None,
    out: Path | None,
    outcome: str | None,
    delivered: int | None,
    day: date | None,
    reason: str | None,
) -> None:
    """Take the sheet of a locked list that came back: what is right is taken, the rest told row by row (exit 3).

    \b
    Acts, each with --by NAME of an officer on the office's table:
      correct LIST_ID ROW_ID   say what is right of a row, with --outcome and --reason
      show LIST_ID             what became of the list's rows, in counts
    """
    act = words[0] if words[0] in ACTS else ""
    rest = words[1:] if act else words
    if len(rest) != {"": 2, "correct": 2, "show": 1}[act] or not rest[0].isdecimal() or int(rest[0]) >= 2**63:
        raise UsageError("receipt LIST_ID F.xlsx; receipt correct LIST_ID ROW_ID; receipt show LIST_ID")
    settings, list_id = Settings(), int(rest[0])
    if act == "show":
        say(_shown(settings, list_id))
    elif act == "correct":
        if not by or outcome not in OUTCOMES:
            raise UsageError(f"receipt correct LIST_ID ROW_ID --by NAME --reason WHY --outcome {'|'.join(OUTCOMES)}")
        say(_corrected(settings, list_id, rest[1], outcome, by, reason or "", delivered, day))
    else:
        say(*_taken(settings, list_id, Path(rest[1]), by, out))


def _shown(settings: Settings, list_id: int) -> dict[str, Any]:
    from talentpool.campaigns.lists import find
    from talentpool.campaigns.receipts.standing import tally

    with opened(settings) as office, office.engine.connect() as conn:
        find(conn, list_id)
        whole = tally(conn, list_id)
    return {"list_id": list_id} | (whole[()].as_json() if whole else {"people": 0})


def _corrected(
    settings: Settings,
    list_id: int,
    row_id: str,
    outcome: str,
    by: str,
    reason: str,
    delivered: int | None,
    day: date | None,
) -> dict[str, Any]:
    from talentpool.campaigns.receipts.outcomes import Outcome
    from talentpool.campaigns.receipts.taking import correct
    from talentpool.office_day import today_in_office

    with opened(settings) as office:
        with office.engine.connect() as conn:
            who = _who(conn, by)
        entry = correct(office, list_id, row_id, Outcome(outcome), who, reason=reason, today=today_in_office(settings),
                        delivered=delivered, on_day=day)  # fmt: skip
    return {"list_id": list_id, "row_id": entry.row_id, "outcome": entry.outcome.value, "delivered": entry.delivered}


def _taken(
    settings: Settings, list_id: int, path: Path, by: str | None, out: Path | None
) -> tuple[dict[str, Any], int]:
    from talentpool.campaigns.receipts.taking import take
    from talentpool.office_day import today_in_office
    from talentpool.private_files import replace

    try:
        data = path.read_bytes()
    except OSError as error:
        raise UsageError(f"{path}: cannot be read ({error.strerror})") from error
    place = out or path.with_name(f"{path.stem}.需更正.xlsx")
    if not place.parent.is_dir() or (place.exists() and place.samefile(path)):
        raise UsageError(f"{place}: name a file in a folder that is there, and not the sheet itself; nothing was taken")
    with opened(settings) as office:
        with office.engine.connect() as conn:
            who = _who(conn, by)
        done = take(office, list_id, data, who, name=path.name, today=today_in_office(settings), via="command")
    told = done.as_json()
    if done.sheet is not None:
        replace(place, done.sheet)
        told["sheet"] = str(place)
    return told, 3 if done.faults else 0


def _who(conn: sa.Connection, by: str | None) -> Approver:
    """The officer of that name; where nobody is named the machine's login, which speaks for the whole office."""
    from talentpool.campaigns import Approver, known_officer

    return known_officer(conn, by) if by else Approver(f"login:{getpass.getuser()}", frozenset({"city_officer"}))
