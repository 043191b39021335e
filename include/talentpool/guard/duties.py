"""Keep duties apart that exclude each other: whoever drafts a list does not approve it; so with exports.

A name that the office's table of officers knows has one role (guard/officers.py); the role says which duties it may
take on. A name that is not in it (a demo, a scheduled run) is held to the first rule only.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Collection

import sqlalchemy as sa

from talentpool.errors import RefusedError
from talentpool.model import officer
from talentpool.texts.redact import redact

LOGIN = "login:"
"""Before the login of a machine, where a command names nobody."""
DUTIES = {
    "plan a campaign": ("city_officer",),
    "draft": ("city_officer",),
    "approve": ("city_officer", "city_approver"),
    "void": ("city_officer", "city_approver"),
    "export": ("city_officer",),
    "approve an export": ("city_officer", "city_approver"),
    "decide on a delivery": ("city_officer",),
    "pin a bound": ("city_officer",),
    "judge a pair": ("city_officer", "county_officer"),
    "take a judgement back": ("city_officer",),
    "import judgements": ("city_officer",),
    "resume a suspended person": ("city_officer", "county_officer"),
    "say who withdrew": ("city_officer",),
    "hand out a stop list": ("city_officer",),
    "mend a row": ("city_officer", "county_officer"),
    "register a request": ("city_officer", "county_officer"),
    "confirm an erasure": ("city_officer", "city_approver"),
    "hand out a copy": ("city_officer",),
    "place a hold": ("city_officer",),
    "end a hold": ("city_officer", "city_approver"),
}
"""Duty -> the roles that may take it on; a county's officer stands for every county."""
SHOWS = ("city_officer", "city_approver", "auditor")
"""Roles that show people, or who saw them; with a county's officer, who stands for every county."""
RUNS = ("Admin", "Op", "operator")
"""Roles that make users, connections and variables: who can give rights uses none that show people."""
EXCLUSIVE = (
    frozenset({"city_officer", "city_approver"}),
    frozenset({"city_officer", "auditor"}),
    frozenset({"city_approver", "auditor"}),
    *(frozenset({runs, shows}) for runs in RUNS for shows in SHOWS),
)
"""Roles that one person never has both of; a county's officer (county_officer_<code>) has none of these."""


def check_duty(conn: sa.Connection, by: str, duty: str) -> None:
    """RefusedError when the office knows `by` as somebody whose role does not go with the duty, or who has left."""
    known = conn.execute(
        sa.select(officer.c.role, officer.c.removed_at).where(officer.c.name == spelt(by))
    ).one_or_none()
    if known is None:
        return
    if known.removed_at is not None:
        raise RefusedError("role", f"{redact(by)} is not an officer any more")
    if _kind(known.role) not in DUTIES[duty]:
        raise RefusedError("role", f"{redact(by)} is {known.role}; only {' or '.join(DUTIES[duty])} may {duty}")


def check_county(conn: sa.Connection, by: str, *places: str | None) -> None:
    """RefusedError when the office knows `by` as an officer of none of these counties (None = none is known).
    Lets pass whom it does not know."""
    counties = conn.scalar(sa.select(officer.c.counties).where(officer.c.name == spelt(by)))
    if counties is not None and not set(counties) & set(places):
        raise RefusedError("scope", f"{redact(by)} decides for {', '.join(counties) or 'no county'}; ask the city")


def two_people(first: Collection[str], second: str, what: str) -> None:
    """RefusedError when the second person is one of the first. `what`: what the first one did, for the message."""
    if spelt(second) in {spelt(name) for name in first}:
        raise RefusedError("same_person", f"{second.strip()} {what}; somebody else must approve")


def spelt(name: str) -> str:
    """A name as one person has it, however it is typed: a blank, a capital, an invisible character or the `login:` of a machine's
    login makes nobody else of them. The database has the same (name_of_one, migration 0043)."""
    typed = unicodedata.normalize("NFKC", name)
    bare = "".join(sign for sign in typed if unicodedata.category(sign)[0] not in "ZC").casefold()
    return bare.removeprefix(LOGIN) or bare


def clash(roles: Collection[str]) -> frozenset[str]:
    """Of these roles of one person two that exclude each other; empty when there are none."""
    kinds = set(map(_kind, roles))
    if "county_officer" in kinds and kinds & {*SHOWS, *RUNS}:
        return frozenset(roles)
    return next((pair for pair in EXCLUSIVE if pair <= kinds), frozenset())


def shows_people(roles: Collection[str]) -> bool:
    """Whether one of these roles shows people, or who saw them."""
    return bool({*SHOWS, "county_officer"} & set(map(_kind, roles)))


def _kind(role: str) -> str:
    """A role whatever its county."""
    return "county_officer" if role.startswith("county_officer_") else role
