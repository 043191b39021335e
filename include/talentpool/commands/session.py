"""Offer `talentpool session`: sign-ups for the slots of a session, and how many came to a session or an event."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from talentpool.commands.output import opened, say
from talentpool.errors import UsageError
from talentpool.settings import Settings

if TYPE_CHECKING:
    from talentpool.office import Office

USAGE = (
    "session sign-up LIST_ID F.xlsx --by NAME; session count LIST_ID SLOT COUNTY NUMBER --by NAME (SLOT 0: an event);"
    " session show LIST_ID"
)
WORDS = {"sign-up": 3, "count": 5, "show": 2}


@click.command()
@click.argument("words", nargs=-1, required=True, metavar="sign-up LIST_ID F.xlsx | count ... | show LIST_ID")
@click.option("--by", help="an officer whom the office's table knows")
@click.option(
    "--out", type=click.Path(path_type=Path, dir_okay=False), help="where the sheet goes with its faults marked"
)
@click.option("--children", is_flag=True, help="of an event: the number is of children who came along")
@click.option("--reason", default="", help="of another count than the first: why")
def session(words: tuple[str, ...], by: str | None, out: Path | None, children: bool, reason: str) -> None:
    """Take sign-ups for a session, and count who came: numbers, never people.

    \b
      sign-up LIST_ID F.xlsx               the list's sheet with 场次 filled in; faults come back in a copy (exit 3)
      count LIST_ID SLOT COUNTY NUMBER     so many of a county's people came to a slot; SLOT 0 is an event
      show LIST_ID                         each slot: seats, sign-ups, who waits, who came
    """
    act, *rest = words
    numbers = [rest[0], rest[1], rest[3]] if act == "count" and len(words) == 5 else rest[:1]
    if WORDS.get(act) != len(words) or not all(one.isdecimal() and int(one) < 2**31 for one in numbers):
        raise UsageError(USAGE)
    with opened(Settings()) as office:
        if act == "show":
            say(_shown(office, int(rest[0])))
        elif not by:
            raise UsageError(USAGE)
        elif act == "count":
            say(_counted(office, rest, by, children=children, reason=reason))
        else:
            say(*_signed(office, int(rest[0]), Path(rest[1]), by, out))


def _shown(office: Office, list_id: int) -> dict[str, Any]:
    from talentpool.campaigns.lists import find
    from talentpool.campaigns.sessions.line import counted, filled
    from talentpool.campaigns.sessions.slots import slots_of

    with office.engine.connect() as conn:
        stored = find(conn, list_id)
        told = [
            {"slot": one.slot.number, "place": one.slot.place, "time": one.slot.time, "capacity": one.slot.capacity,
             "signed": one.signed, "waiting": one.waiting, "came": one.came}
            for one in filled(conn, list_id, slots_of(stored))
        ]  # fmt: skip
        event = [{"county": county, "what": what, "number": number}
                 for (slot, county, what), number in counted(conn, list_id).items() if not slot]  # fmt: skip
    return {"list_id": list_id, "slots": told, "event": event}


def _counted(office: Office, rest: list[str], by: str, *, children: bool, reason: str) -> dict[str, Any]:
    from talentpool.campaigns import known_officer
    from talentpool.campaigns.sessions.counting import count

    with office.engine.connect() as conn:
        who = known_officer(conn, by)
    what = "children" if children else "came"
    count(office, int(rest[0]), int(rest[1]), rest[2], int(rest[3]), who, what=what, why=reason)
    return {"list_id": int(rest[0]), "slot": int(rest[1]), "county": rest[2], "what": what, "number": int(rest[3])}


def _signed(office: Office, list_id: int, path: Path, by: str, out: Path | None) -> tuple[dict[str, Any], int]:
    from talentpool.campaigns import known_officer
    from talentpool.campaigns.sessions.signing import sign_up
    from talentpool.private_files import replace

    try:
        data = path.read_bytes()
    except OSError as error:
        raise UsageError(f"{path}: cannot be read ({error.strerror})") from error
    place = out or path.with_name(f"{path.stem}.需更正.xlsx")
    if not place.parent.is_dir() or (place.exists() and place.samefile(path)):
        raise UsageError(f"{place}: name a file in a folder that is there, and not the sheet itself; nothing was taken")
    with office.engine.connect() as conn:
        who = known_officer(conn, by)
    done = sign_up(office, list_id, data, who, name=path.name, via="command")
    told = done.as_json()
    if done.sheet is not None:
        replace(place, done.sheet)
        told["sheet"] = str(place)
    return told, 3 if done.faults else 0
