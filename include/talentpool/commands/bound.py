"""Offer `talentpool bound`: list what a partner's deliveries are held against, pin a bound by hand, release it."""

from __future__ import annotations

from typing import Any

import click

from talentpool.commands.output import named, opened, say

KIND = click.option("--kind", type=click.Choice(["full", "delta"]), default="full", show_default=True,
                    help="of delivery")  # fmt: skip
FIELD = click.option("--field", default="", help="the column that it is of, such as mobile")
COUNTY = click.option("--county", default="", help="code of a county; unset = the whole delivery")
BY = click.option("--by", required=True, help="an officer of the office's table")
NOTE = click.option("--note", required=True, help="why; stays on record, so no personal data")


@click.group()
def bound() -> None:
    """List the bounds of a partner's deliveries; pin, move or release one."""


@bound.command("list")
@click.argument("partner")
@KIND
def list_(partner: str, kind: str) -> None:
    """List each bound with its last figure, its history and what is pinned, and every event."""
    from talentpool.acquire import load_partner
    from talentpool.services.desk.bounds import log_of, standings

    with opened() as office:
        declared = load_partner(office.settings.partner_dirs, partner)
        with office.engine.connect() as conn:
            rows, events = standings(conn, declared, kind), log_of(conn, declared.code, kind)
    told = [
        {
            "metric": one.key.metric, "field": one.key.field, "county": one.key.county, "text": one.words,
            "figure": one.figure, "low": one.low, "high": one.high, "origin": one.origin,
            "deliveries": one.spread.deliveries if one.spread else 0,
            "median": one.spread.median if one.spread else None, "mad": one.spread.mad if one.spread else None,
            "pinned": {"low": one.pin.low, "high": one.pin.high, "by": one.pin.said_by, "note": one.pin.note}
            if one.pin else None,
        }
        for one in rows
    ]  # fmt: skip
    said = [{"text": words, "to": what, "by": e.said_by, "note": e.note, "at": e.made_at} for words, what, e in events]
    say({"partner": declared.code, "kind": kind, "bounds": told, "events": said})


@bound.command()
@click.argument("partner")
@click.argument("metric")
@click.option("--high", type=float, help="at most; a share of 1, or rows")
@click.option("--low", type=float, help="at least so many rows")
@KIND
@FIELD
@COUNTY
@BY
@NOTE
def pin(partner: str, metric: str, high: float | None, low: float | None, **words: Any) -> None:
    """Set a bound of PARTNER by hand: it stands above the declared and the learned one, from the next delivery on."""
    from talentpool.bounds import pin as put_down

    say(_said(partner, metric, words, lambda conn, place, word: put_down(conn, place, word, low=low, high=high)))


@bound.command()
@click.argument("partner")
@click.argument("metric")
@KIND
@FIELD
@COUNTY
@BY
@NOTE
def release(partner: str, metric: str, **words: Any) -> None:
    """End a pinned bound: declared or learned again, from the next delivery on."""
    from talentpool.bounds import release as give_back

    say(_said(partner, metric, words, give_back))


def _said(partner: str, metric: str, words: dict[str, Any], say_it: Any) -> dict[str, Any]:
    from talentpool.acquire import load_partner
    from talentpool.bounds import Key, Place, Word

    with opened() as office:
        code = load_partner(office.settings.partner_dirs, partner).code
        place = Place(code, words["kind"], Key(metric, words["field"], words["county"]))
        by = named(office, words["by"])
        with office.engine.begin() as conn:
            number = say_it(conn, place, Word(by, words["note"]))
    return {"event": number, "bound": place.subject, "by": by}
