"""Offer `talentpool receipt`: take what came back of a list."""

from __future__ import annotations

import getpass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import click

from talentpool.commands.output import DATE, opened, say
from talentpool.errors import UsageError
from talentpool.settings import Settings

if TYPE_CHECKING:
    import sqlalchemy as sa

    from talentpool.campaigns import Approver

ACTS = ("correct", "show")


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
    from talentpool.campaigns.receipts import correct, take
    from talentpool.campaigns.receipts.outcomes import Outcome
    from talentpool.campaigns.receipts.standing import tally
    from talentpool.office_day import today_in_office
    from talentpool.private_files import replace

    act = words[0] if words[0] in ACTS else ""
    rest = words[1:] if act else words
    if len(rest) != {"": 2, "correct": 2, "show": 1}[act] or not rest[0].isdigit() or int(rest[0]) >= 2**63:
        raise UsageError("receipt LIST_ID F.xlsx; receipt correct LIST_ID ROW_ID; receipt show LIST_ID")
    settings, list_id = Settings(), int(rest[0])
    today = today_in_office(settings)
    with opened(settings) as office:
        if act == "show":
            with office.engine.connect() as conn:
                whole = tally(conn, list_id)
            say({"list_id": list_id} | (whole[()].as_json() if whole else {"people": 0}))
            return
        with office.engine.connect() as conn:
            who = _who(conn, by)
        if act == "correct":
            if outcome not in list(Outcome) or not by:
                raise UsageError(f"receipt correct LIST_ID ROW_ID --by NAME --reason WHY --outcome {'|'.join(Outcome)}")
            entry = correct(office, list_id, rest[1], Outcome(outcome), who, reason=reason or "", today=today,
                            delivered=delivered, on_day=day)  # fmt: skip
            say(
                {
                    "list_id": list_id,
                    "row_id": entry.row_id,
                    "outcome": entry.outcome.value,
                    "delivered": entry.delivered,
                }
            )
            return
        path = Path(rest[1])
        try:
            data = path.read_bytes()
        except OSError as error:
            raise UsageError(f"{path}: cannot be read ({error.strerror})") from error
        done = take(office, list_id, data, who, name=path.name, today=today, via="command")
    told = done.as_json()
    if done.sheet is not None:
        place = out or path.with_name(f"{path.stem}.需更正.xlsx")
        replace(place, done.sheet)
        told["sheet"] = str(place)
    say(told, 3 if done.faults else 0)


def _who(conn: sa.Connection, by: str | None) -> Approver:
    """The officer of that name; where nobody is named the machine's login, which speaks for the whole office."""
    from talentpool.campaigns import Approver, known_officer

    return known_officer(conn, by) if by else Approver(f"login:{getpass.getuser()}", frozenset({"city_officer"}))
