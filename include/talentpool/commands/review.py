"""Offer `talentpool review` (judge pairs that wait for a person) and `talentpool explain` (say why)."""

from __future__ import annotations

import getpass
from dataclasses import asdict
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import click

from talentpool.commands.output import atomic, opened, say
from talentpool.errors import UsageError

BY = click.option("--by", required=True, help="who judges")
LIMIT = click.option("--limit", type=click.IntRange(min=1, max=50_000), default=200, show_default=True)
GONE = click.option("--gone", is_flag=True, help="show only judgements about records that no longer exist")
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

    with opened(keys=True) as office, office.engine.connect() as conn:
        pairs = pending(conn, office.keys, limit=limit)
        say({"waiting": review_pending(conn), "pairs": pairs})


def _judgement(verdict: str, about: str) -> click.Command:
    @review.command(verdict, help=about)
    @click.argument("pair_id")
    @BY
    @NOTE
    def command(pair_id: str, by: str, note: str) -> None:
        from talentpool.review import judge

        with opened(keys=True) as office:
            judged = judge(office, pair_id, verdict, by=by, note=note)  # type: ignore[arg-type]
        say(asdict(judged))

    return command


_judgement("same", "Judge that both records are one person.")
_judgement("different", "Judge that the two records are two people, for good.")
_judgement("unsure", "Put the pair off (暂缓): nobody can say now, and nothing changes.")


@review.command()
@click.argument("pair_id")
@click.option(
    "--split", "of_split", is_flag=True, help="take back every judgement of the split that this pair belongs to"
)
@BY
@NOTE
def undo(pair_id: str, of_split: bool, by: str, note: str) -> None:
    """Take back a judgement, or all of a split; the evidence alone decides again."""
    from talentpool.review import split_of, undo_split
    from talentpool.review import undo as take_back

    with opened(keys=True) as office:
        if not of_split:
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
    from talentpool.review import split as split_person

    with opened(keys=True) as office:
        named = []
        for name in leaving:
            partner, colon, staff_no = name.partition(":")
            if not (partner and colon and staff_no):
                raise UsageError("--leaving names a record as <partner>:<staff number>")
            named.append(record_id(office.keys, partner, staff_no))
        split_id = uuid4()
        persons = split_person(office, person_id, named, by=by, note=note, split_id=split_id)
        say({"persons": persons, "split_id": str(split_id)})


@review.command("judgements")
@LIMIT
@GONE
def judgements_(limit: int, gone: bool) -> None:
    """List judgements on record, newest first; `review undo` takes one back."""
    say(_listed("judgements", limit, gone))


@review.command("decisions", hidden=True)
@LIMIT
@GONE
def decisions(limit: int, gone: bool) -> None:
    """List judgements as `review judgements` does, under the key that this name always had."""
    click.echo("talentpool: `review decisions` is called `review judgements` now", err=True)
    say(_listed("decisions", limit, gone))


def _listed(key: str, limit: int, gone: bool) -> dict[str, Any]:
    from talentpool.review import judgements

    with opened() as office, office.engine.begin() as conn:
        on_record = judgements(conn)
    lost = [judgement for judgement in on_record if judgement.gone]
    shown = (lost if gone else on_record)[:limit]
    return {"on_record": len(on_record), "gone": len(lost), key: [judgement.as_json() for judgement in shown]}


@review.command("export")
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@click.option("--by", help="who takes the file; the login of this machine when not given")
def export_(file: Path, by: str | None) -> None:
    """Write the judgements on record as CSV with staff numbers and no names; the export is recorded."""
    from talentpool.review import export_judgements

    with opened() as office, atomic(file) as stream:
        count = export_judgements(office.engine, stream, by=by or f"login:{getpass.getuser()}")
    say({"judgements": count, "file": str(file)})


@review.command("import")
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@BY
@NOTE
def import_(file: Path, by: str, note: str) -> None:
    """Import the judgements of an exported file, all or none; the answer names a line that contradicts another."""
    from talentpool.review import import_judgements

    with opened(keys=True) as office:
        say(asdict(import_judgements(office, file, by=by, note=note)))


@click.group()
def explain() -> None:
    """Explain why two records are one person or not, which records make a person, and why a list has somebody or not."""


@explain.command("pair")
@click.argument("pair_id")
def pair_(pair_id: str) -> None:
    """Show the evidence of a pair: each comparison with its level, its bits and the reason."""
    from talentpool.review import explain_pair

    with opened(keys=True) as office, office.engine.begin() as conn:
        say(explain_pair(conn, office.keys, pair_id))


@explain.command("person")
@click.argument("person_id", type=click.UUID)
def person_(person_id: UUID) -> None:
    """Show the records of a person, the pairs that join them, judgements and events."""
    from talentpool.review import explain_person

    with opened(keys=True) as office, office.engine.begin() as conn:
        explained = explain_person(conn, office.keys, person_id)
    if explained is None:
        raise UsageError("there is no person with that id (any more); `talentpool links` lists today's ids")
    say(explained)
