"""Writes docs/access.md, who may use which page, from the routes of the console: `make docs`."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

PAGE = Path(__file__).resolve().parent / "access.md"
HEAD = """# Who may use which page

Made from the routes of every plugin app by `make docs`: each route declares who may use it, and one guard holds it
(docs/adr/0028). **yes** = the page, with the people and figures of the user's scope only (docs/access-database.md); *no* = 403,
explained, and on record. Rights that exclude each other (Admin, Op, operator or the right to change users, roles, connections or
variables, beside a role that shows people; two duties that exclude each other; another duty in the table of officers) = 403 on
every page that is not for no role, in words, until one is taken away (docs/adr/0057).

No valid token (none, expired, forged, of a deleted user) = 401 for a program, the login for a browser. A county's officer
asking for a person of another county gets 404, as for a person that does not exist. A POST that is not
from a form of ours, of this session, is 403 for everybody. Who has no role reads on 人才库 why it is empty.

"""
AT_A_PLACE = """
## The page for handing out at a place

It stands outside of Airflow's frame and knows no role: a code that an officer issues for one event of one list lets one
browser in (docs/adr/0094). Whoever shows no sign-in that holds gets 401; a station's is for the rows of that station alone,
an officer's for those of the event's county, as long as they are that county's officer or the city's.

| route | who may |
|---|---|
"""
HOLDERS = {
    "anybody": "anybody; it holds nobody's data",
    "code": "who has a code, once",
    "pass": "who is signed in for the list",
}


def access_table() -> str:
    """The page."""
    with tempfile.TemporaryDirectory() as home:
        os.environ.setdefault("AIRFLOW_HOME", home)
        from talentpool_airflow.console.access import SIGNED_IN, routes
        from talentpool_airflow.console.app import app
        from talentpool_airflow.console.user import KINDS
        from talentpool_airflow.handout import answers
        from talentpool_airflow.handout.app import app as handout

        columns = [*KINDS, "no role"]
        lines = [
            "| route | " + " | ".join(columns) + " | one user may |",
            "|---|" + "---|" * (len(columns) + 1),
        ]
        for method, path, access in routes(app):
            to = access.to if access else ()
            marks = ["**yes**" if kind in to or SIGNED_IN in to else "no" for kind in columns]
            lines.append(f"| {method} `/console{path}` | {' | '.join(marks)} | {access.rate if access else '—'} |")
        at_place = [
            f"| {method} `/handout{path}` | {HOLDERS[answers.holder_of_route(route)]} |"
            for route in handout.routes
            for method, path in answers.ways(route)
        ]
    return HEAD + "\n".join(lines) + "\n" + AT_A_PLACE + "\n".join(at_place) + "\n"


if __name__ == "__main__":
    PAGE.write_text(access_table(), encoding="utf-8")
