"""What a person asks about themselves, taken to its end by two people, as the office does it."""

from __future__ import annotations

from datetime import date
from typing import Any

from talentpool.office import Office
from talentpool.services.rights import Answered, confirm, register

SECOND = "李主任"


def withdraw(office: Office, asked: str, **more: Any) -> Answered:
    """Registered, verified, confirmed by a second person and carried out."""
    return _to_the_end("withdraw", office, asked, **more)


def erase(office: Office, asked: str, **more: Any) -> Answered:
    return _to_the_end("erase", office, asked, **more)


def _to_the_end(
    kind: str, office: Office, asked: str, *, by: str, reason: str,
    received_on: date, tell_partner: bool = False,
) -> Answered:  # fmt: skip
    entry = register(
        office, kind, asked, by=by, reason=reason, received_on=received_on, identity="in_person",
        tell_partner=tell_partner,
    )  # fmt: skip
    done = confirm(office, entry.request_id, by=SECOND)
    assert isinstance(done, Answered)
    return done
