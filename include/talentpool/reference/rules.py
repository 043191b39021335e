"""Check what must hold between rows: one function a table finds the faults of a state of all tables.

An edit is refused when it brings a finding that was not there before; `talentpool reference check` lists them all.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from talentpool.declare.occasion.working_days import LONGEST_NOTICE, SATURDAY, WorkingDays
from talentpool.reference.tables import Key, Row, State
from talentpool.reference.working_days import WORKED

Tables = dict[str, State]


@dataclass(frozen=True)
class Finding:
    """Something to put right: which row, a code, and in words what to do. Holds no value of a person."""

    table: str
    code: str
    key: Key
    text: str


def findings(tables: Tables, partners: frozenset[str]) -> list[Finding]:
    """Everything that does not hold; `partners` are the declared codes."""
    return [
        *_divisions(tables["division"]),
        *_stations(tables["station"], tables["division"], partners),
        *_occupations(tables["occupation"]),
        *_holidays(tables["holiday"]),
        *_contacts(tables["contact"], tables["division"]),
        *_recipients(tables["recipient"], tables["division"]),
    ]


def _divisions(state: State) -> Iterator[Finding]:
    current = current_divisions(state)
    abolished = {row["code"]: row for row in state.values() if row["status"] == "abolished"}
    for key, row in state.items():
        code, successor = row["code"], row["successor_code"]
        if row["status"] == "current":
            if current[code] is not row:
                yield _division(key, "code_doubled", "the code is current under two names; abolish one of them")
            if successor is not None:
                yield _division(key, "current_with_successor", "a current division has no successor; clear it")
            prefecture = current.get(row["parent_code"] or "")
            if row["level"] == "county" and (prefecture is None or prefecture["level"] != "prefecture"):
                yield _division(key, "prefecture_missing", "parent_code is not a current prefecture")
        elif successor is not None and _runs_in_circles(row, abolished, current):
            yield _division(key, "successor_cycle", "its successors lead back to itself")
        elif successor is not None and successor not in current:
            what = "is abolished too; name today's" if successor in abolished else "is not in the table; add it first"
            yield _division(
                key, "successor_not_current", f"its successor {successor} {what} (or import both rows in one file)"
            )


def _division(key: Key, code: str, text: str) -> Finding:
    return Finding("division", code, key, text)


def _runs_in_circles(row: Row, abolished: dict[str, Row], current: dict[str, Row]) -> bool:
    seen, at = {row["code"]}, row["successor_code"]
    while at is not None and at not in current:
        if at in seen:
            return True
        seen.add(at)
        at = abolished[at]["successor_code"] if at in abolished else None
    return False


def current_divisions(state: State) -> dict[str, Row]:
    """Code -> its current row."""
    return {row["code"]: row for row in state.values() if row["status"] == "current"}


def _stations(state: State, divisions: State, partners: frozenset[str]) -> Iterator[Finding]:
    counties = {code for code, row in current_divisions(divisions).items() if row["level"] == "county"}
    successors = {row["code"]: row["successor_code"] for row in divisions.values() if row["status"] == "abolished"}
    for key, row in state.items():
        if row["county"] not in counties:
            successor = successors.get(row["county"])
            text = "its county is not a current one; see `talentpool reference list division`"
            if successor:
                text = f"its county is abolished; its head and key belong to the same station in {successor}"
            yield Finding("station", "county_not_current", key, text)
        if row["partner"] not in partners:
            valid = ", ".join(sorted(partners)) or "none"
            yield Finding("station", "partner_unknown", key, f"its partner is not declared; valid: {valid}")
        if row["recipient_key"] and not _is_key("age", row["recipient_key"]):
            yield Finding("station", "public_key_wrong", key, "its recipient_key is not an age public key (age1...)")


def _contacts(state: State, divisions: State) -> Iterator[Finding]:
    current = current_divisions(divisions)
    for key, row in state.items():
        if row["area"] not in current:
            yield Finding("contact", "area_not_current", key, "its area is not a current division; nobody turns to it")


def _occupations(state: State) -> Iterator[Finding]:
    if ("other",) not in state:
        yield Finding("occupation", "other_missing", ("other",), "unknown words are kept as `other`; it must stay")
    owners: dict[str, set[str]] = defaultdict(set)
    for row in state.values():
        for word in (row["code"], row["name"], *row["aliases"]):
            owners[word].add(row["code"])
    for word, codes in owners.items():
        if len(codes) > 1:
            yield Finding(
                "occupation", "word_doubled", (word,), f"is a word of {', '.join(sorted(codes))}; it can mean one only"
            )


def _holidays(state: State) -> Iterator[Finding]:
    for key, row in state.items():
        if row["kind"] == WORKED and date.fromisoformat(row["date"]).isoweekday() < SATURDAY:
            text = "a make-up workday is a Saturday or Sunday that is worked; this day is worked anyway"
            yield Finding("holiday", "workday_on_weekday", key, text)
    working = WorkingDays(
        frozenset(date.fromisoformat(key[0]) for key, row in state.items() if row["kind"] != WORKED),
        frozenset(date.fromisoformat(key[0]) for key, row in state.items() if row["kind"] == WORKED),
    )
    for first, days in working.breaks():
        if days > LONGEST_NOTICE:
            text = f"{days} days off in a row; look through the rows (no notice has had more than nine)"
            yield Finding("holiday", "break_too_long", (first.isoformat(),), text)


def _recipients(state: State, divisions: State) -> Iterator[Finding]:
    current = current_divisions(divisions)
    for key, row in state.items():
        if row["division"] not in current:
            yield Finding("recipient", "division_not_current", key, "its division is not a current one")
        if row["kind"] == "zip":
            if row["public_key"] or not row["password_by"]:
                text = "a zip has no public_key, and password_by says how its password is handed over"
                yield Finding("recipient", "password_by_missing", key, text)
        elif not row["public_key"] or row["password_by"]:
            yield Finding("recipient", "public_key_missing", key, f"{row['kind']} takes a public_key and no password")
        elif not _is_key(row["kind"], row["public_key"]):
            yield Finding("recipient", "public_key_wrong", key, f"its public_key is not an {row['kind']} public key")


def _is_key(kind: str, text: str) -> bool:
    from talentpool.errors import UsageError
    from talentpool.guard.sealing import check_public_key

    try:
        check_public_key(kind, text)
    except UsageError:
        return False
    return True
