"""Offer `talentpool review` (judge pairs that wait for a person) and `talentpool explain` (say why)."""

from __future__ import annotations

import getpass
from dataclasses import asdict
from pathlib import Path
from uuid import UUID, uuid4

import click

from talentpool.commands.output import atomic, opened, say
from talentpool.errors import UsageError

BY = click.option("--by", required=True, help="who decides")
NOTE = click.option("--note", required=True, help="why; stays on record, so no personal data")


@click.group()
def review() -> None:
    """List pairs of records that may be one person, judge them, undo a judgement, or split a person."""


@review.command("list")
@click.option("--limit", type=click.IntRange(min=1, max=10_000), default=200, show_default=True)
def list_(limit: int) -> None:
    """List pairs that wait for a judgement, those with the largest effect first; values are masked."""
    from talentpool.match import review_pending
    from talentpool.review import pending

    with opened() as office, office.engine.connect() as conn:
        found = pending(conn, office.keys, limit=limit)
        say({"waiting": review_pending(conn), "pairs": found})


def _word(word: str, about: str) -> click.Command:
    @review.command(word, help=about)
    @click.argument("pair_id")
    @BY
    @NOTE
    def command(pair_id: str, by: str, note: str) -> None:
        from talentpool.review import judge

        with opened() as office:
            found = judge(office, pair_id, word, by=by, note=note)  # type: ignore[arg-type]
        say(asdict(found))

    return command


_word("same", "Judge that both records are one person.")
_word("different", "Judge that the two records are two people, for good.")
_word("unsure", "Put the pair off (暂缓): nobody can say now, and nothing changes.")


@review.command()
@click.argument("pair_id")
@click.option("--split", "whole", is_flag=True, help="take back every judgement of the split that this pair belongs to")
@BY
@NOTE
def undo(pair_id: str, whole: bool, by: str, note: str) -> None:
    """Take back a decision, or a whole split; the evidence alone decides again."""
    from talentpool.review import split_of, undo_split
    from talentpool.review import undo as take_back

    with opened() as office:
        if not whole:
            say(asdict(take_back(office, pair_id, by=by, note=note)))
            return
        with office.engine.connect() as conn:
            split_id = split_of(conn, pair_id)
        say({"split_id": str(split_id), "persons": undo_split(office, split_id, by=by, note=note)})


@review.command()
@click.argument("person_id", type=click.UUID)
@click.option(
    "--leaving",
    multiple=True,
    metavar="PARTNER:STAFF_NO",
    help="a record that belongs to somebody else; without it, all records are separated",
)
@BY
@NOTE
def split(person_id: UUID, leaving: tuple[str, ...], by: str, note: str) -> None:
    """Split a person who was put together wrongly; the records stay apart."""
    from talentpool.guard import record_id
    from talentpool.review import split as take_apart

    with opened() as office:
        named = []
        for one in leaving:
            partner, colon, staff_no = one.partition(":")
            if not (partner and colon and staff_no):
                raise UsageError("--leaving names a record as <partner>:<staff number>")
            named.append(record_id(office.keys, partner, staff_no))
        split_id = uuid4()
        persons = take_apart(office, person_id, named, by=by, note=note, split_id=split_id)
        say({"persons": persons, "split_id": str(split_id)})


@review.command()
@click.option("--limit", type=click.IntRange(min=1, max=50_000), default=200, show_default=True)
@click.option("--gone", is_flag=True, help="show only decisions about records that no longer exist")
def decisions(limit: int, gone: bool) -> None:
    """List decisions on record, newest first; `review undo` takes one back."""
    from talentpool.review import judgements

    with opened() as office, office.engine.begin() as conn:
        found = judgements(conn)
    about = [one for one in found if one.gone]
    shown = about if gone else found
    say({"on_record": len(found), "gone": len(about), "decisions": [one.as_json() for one in shown[:limit]]})


@review.command("export")
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@click.option("--by", help="who takes the file; the login of this machine when not given")
def export_(file: Path, by: str | None) -> None:
    """Write the decisions on record as CSV with staff numbers and no names; the export is recorded."""
    from talentpool.review import export_judgements

    with opened() as office, atomic(file) as stream:
        count = export_judgements(office.engine, stream, by=by or f"login:{getpass.getuser()}")
    say({"judgements": count, "file": str(file)})


@review.command("import")
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@BY
@NOTE
def import_(file: Path, by: str, note: str) -> None:
    """Import the decisions of an exported file, all or none; the answer names a line that contradicts another."""
    from talentpool.review import import_judgements

    with opened() as office:
        say(asdict(import_judgements(office, file, by=by, note=note)))


@click.group()
def explain() -> None:
    """Explain why two records are one person or not, and which records make a person; values are masked."""


@explain.command("pair")
@click.argument("pair_id")
def pair_(pair_id: str) -> None:
    """Show the evidence of a pair: each comparison with its level, its bits and the reason."""
    from talentpool.review import explain_pair

    with opened() as office, office.engine.begin() as conn:
        say(explain_pair(conn, office.keys, pair_id))


@explain.command("person")
@click.argument("person_id", type=click.UUID)
def person_(person_id: UUID) -> None:
    """Show the records of a person, the pairs that join them, judgements and events."""
    from talentpool.review import explain_person

    with opened() as office, office.engine.begin() as conn:
        found = explain_person(conn, office.keys, person_id)
    if found is None:
        raise UsageError("there is no person with that id (any more); `talentpool links` lists today's ids")
    say(found)
