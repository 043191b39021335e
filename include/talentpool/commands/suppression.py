"""Offer `talentpool suppression` and `restore-consent`: decide what follows a withdrawal."""

from __future__ import annotations

import sys
from datetime import date

import click

from talentpool.commands.output import DATE, NUMBER, opened, say


@click.group()
def suppression() -> None:
    """Decide on rows that may be a person who withdrew, and list whom a partner must stop sending."""


@suppression.command("list")
def list_() -> None:
    """List rows that wait for the office's answer: delivery and row, no values of people."""
    from talentpool.services.rights import doubtful_rows

    with opened(keys=True) as office, office.engine.connect() as conn:
        say({"doubtful": doubtful_rows(conn, office.keys)})


def _word(verdict: str, about: str) -> None:
    @suppression.command(verdict, help=about)
    @click.argument("delivery_id", type=NUMBER)
    @click.argument("row_no", type=NUMBER)
    @click.option("--by", required=True, help="who decides")
    @click.option("--reason", required=True, help="on what ground; stays on record, so no personal data")
    def command(delivery_id: int, row_no: int, by: str, reason: str) -> None:
        from talentpool.services.rights import say_of_row

        with opened(keys=True) as office:
            say(say_of_row(office, delivery_id, row_no, verdict, by=by, reason=reason))


_word("same", "Decide that the row is the person who withdrew: it is erased, and refused from now on.")
_word("different", "Decide that the row is another person, who is taken in from the next roster.")


@suppression.command("stop-list")
@click.argument("partner")
@click.option("--told", is_flag=True, help="the partner was told, so delete the numbers")
@click.option("--by", help="who told the partner; needed with --told")
def stop_list(partner: str, told: bool, by: str | None) -> None:
    """List the staff numbers of people who asked in writing that this partner stop sending them (停止报送)."""
    from talentpool.services.rights import stop_list as read
    from talentpool.services.rights import told_to_stop

    with opened() as office:
        with office.engine.connect() as conn:
            numbers = read(conn, partner)
        done = told_to_stop(office, partner, by=by or "") if told else 0
    say({"partner": partner, "staff_no": numbers, "text_zh": "请停止报送下列工号（本人书面要求）", "told": done})


@click.command("restore-consent")
@click.argument("subject", metavar="[PARTNER:STAFF_NO]", required=False)
@click.option("--document-stdin", is_flag=True, help="read the document number from the first line of the input")
@click.option("--by", required=True, help="who decides")
@click.option("--reason", required=True, help="why; stays on record, so no personal data")
@click.option("--proof", required=True, help="the reference of the signed paper")
@click.option("--received-on", type=DATE, help="when the new consent came in; today when not given")
def restore_consent(
    subject: str | None, document_stdin: bool, by: str, reason: str, proof: str, received_on: date | None
) -> None:
    """Accept a person who withdrew and consents anew, from the next roster whose consent is dated later."""
    from talentpool.office_day import today_in_office
    from talentpool.services.rights import restore_consent as run

    document = sys.stdin.readline().strip() if document_stdin else None
    with opened(keys=True) as office:
        say(
            run(
                office, staff=subject, document=document, by=by, reason=reason,
                proof=proof, received_on=received_on or today_in_office(office.settings),
            )
        )  # fmt: skip
