"""Offer `talentpool stock`: the ledger of what a round has to hand out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from talentpool.commands.output import opened, say
from talentpool.errors import UsageError
from talentpool.settings import Settings

if TYPE_CHECKING:
    from talentpool.campaigns import Approver
    from talentpool.office import Office

USAGE = (
    "stock show LIST_ID; stock move LIST_ID FROM TO NUMBER --by NAME; stock correct LIST_ID ENTRY [NUMBER] --by NAME"
)
WORDS = {"show": (2,), "move": (5,), "correct": (3, 4)}


@click.command()
@click.argument("words", nargs=-1, required=True, metavar="show LIST_ID | move LIST_ID FROM TO NUMBER | correct ...")
@click.option("--by", help="an officer whom the office's table knows")
@click.option("--note", default="", help="contract, delivery note, or why; nothing of a person")
@click.option("--donor", default="", help="of a gift: who gave it")
@click.option("--reason", default="", help="of a correction: why; without a name or number of a person")
def stock(words: tuple[str, ...], by: str | None, note: str, donor: str, reason: str) -> None:
    """Keep the ledger of what the round of a list has to hand out. What was handed out stands in the receipts alone.

    \b
      show LIST_ID                    what is where, the entries, and who answers for how many
      move LIST_ID FROM TO NUMBER     an entry; a place is city, county:CODE or station:PARTNER:COUNTY:NAME,
                                      stock comes from bought or donated (--donor), and ends in returned or damaged
      correct LIST_ID ENTRY [NUMBER]  turn an entry back, or a part of it, with --reason
    """
    act, *rest = words
    numbers = [rest[0] if rest else "", *(rest[3:] if act == "move" else rest[1:])]
    if len(words) not in WORDS.get(act, ()) or not all(one.isdecimal() and int(one) < 2**63 for one in numbers):
        raise UsageError(USAGE)
    list_id = int(rest[0])
    with opened(Settings()) as office:
        if act == "show":
            say(_shown(office, list_id))
            return
        if not by:
            raise UsageError(USAGE)
        who = _officer(office, by)
        if act == "move":
            say(_moved(office, list_id, rest[1:], who, note=note, donor=donor))
        else:
            say(_turned(office, list_id, numbers[1:], who, reason=reason))


def _officer(office: Office, by: str) -> Approver:
    from talentpool.campaigns import known_officer

    with office.engine.connect() as conn:
        return known_officer(conn, by)


def _shown(office: Office, list_id: int) -> dict[str, Any]:
    from talentpool.campaigns.ledger.balance import balance, entries
    from talentpool.campaigns.ledger.signed import signed
    from talentpool.campaigns.lists import find

    with office.engine.connect() as conn:
        stored = find(conn, list_id)
        found = balance(conn, stored.campaign, stored.cycle)
        made = entries(conn, stored.campaign, stored.cycle)
        told = [vars(one) for one in signed(conn, stored.campaign, stored.cycle)]
    return {"campaign": stored.campaign, "cycle": stored.cycle} | found.as_json() | {"entries": made, "signed": told}


def _moved(office: Office, list_id: int, way: list[str], who: Approver, *, note: str, donor: str) -> dict[str, Any]:
    from talentpool.campaigns.ledger.moving import Entry, enter

    number = enter(office, list_id, Entry(way[0], way[1], int(way[2]), note, donor), who)
    return {"list_id": list_id, "entry": number, "from": way[0], "to": way[1], "number": int(way[2])}


def _turned(office: Office, list_id: int, numbers: list[str], who: Approver, *, reason: str) -> dict[str, Any]:
    from talentpool.campaigns.ledger.moving import turn_back

    part = int(numbers[1]) if len(numbers) > 1 else None
    made = turn_back(office, list_id, int(numbers[0]), part, who, reason=reason)
    return {"list_id": list_id, "entry": made, "corrects": int(numbers[0])}
