"""Two records, one on each of two rosters: whether they are one person, wait for somebody, or stay apart."""

from __future__ import annotations

from rosters import Office, person
from talentpool.match import links, match
from talentpool.review import pending

TODAY = "2026-10-31"
BARE = {"name": "霍思远", "document_no": "", "birth_date": "1996-08-08", "sex": "男", "mobile": "13500040001"}
"""Known by name, birth date, sex and mobile alone."""


def judged(office: Office) -> dict[tuple[str, str], str]:
    """Of didi's A.. and meituan's B..: same, review or apart."""
    match(office.engine, office.keys)
    owner = {(partner, staff_no): who for partner, staff_no, who in links(office.engine)}
    with office.engine.begin() as conn:
        waits = {frozenset(one[side]["staff_no"] for side in ("left", "right")) for one in pending(conn, office.keys)}
    pairs = [(a, "B" + a[1:]) for _, a in owner if a.startswith("A") and ("meituan", "B" + a[1:]) in owner]
    assert pairs
    return {
        (a, b): "same"
        if owner["didi", a] == owner["meituan", b]
        else "review"
        if frozenset((a, b)) in waits
        else "apart"
        for a, b in pairs
    }


def delivered(office: Office, one: dict[str, str], other: dict[str, str]) -> str:
    """What becomes of two records, one on each of two rosters."""
    office.deliver(TODAY, [person(7), person(1) | {"staff_no": "A1"} | one], partner="didi")
    office.deliver(TODAY, [person(8), person(1) | {"staff_no": "B1"} | other], partner="meituan")
    return judged(office)["A1", "B1"]
