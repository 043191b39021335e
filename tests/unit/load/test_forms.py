"""The same rows are the same facts in whatever form of file they come."""

from __future__ import annotations

import uuid
from datetime import date
from pathlib import Path

import pytest
import sqlalchemy as sa

import workbooks
from rosters import Office, person, write_template
from talentpool.database import connect
from talentpool.expect import count_flags
from talentpool.flow import ingest
from talentpool.load import digest
from talentpool.match import match
from talentpool.settings import Settings

AS_OF = date(2026, 10, 31)
ROWS = [
    *(person(n) for n in range(1, 21)),
    person(30, name="欧阳·试验"),
    person(31, county="火星"),
    person(32, document_no="", mobile=""),
]


@pytest.fixture
def other(office: Office, server_url: str) -> Office:
    """A second, empty deployment with the keys of the first."""
    name = f"forms_{uuid.uuid4().hex[:10]}"
    admin = sa.create_engine(sa.make_url(server_url).set(database="postgres"), isolation_level="AUTOCOMMIT")
    with admin.connect() as conn:
        conn.exec_driver_sql(f"create database {name} template template_talentpool")
    admin.dispose()
    url = sa.make_url(server_url).set(database=name).render_as_string(hide_password=False)
    home = office.folder / name
    home.mkdir()
    settings = Settings(database_url=url, home=home, keys=office.settings.keys_dir, profile="demo")
    return Office(connect(settings), settings, home)


def facts(office: Office, roster: Path) -> tuple[str, str]:
    """The digests after a roster of ROWS: of now, and of its date."""
    found = ingest(office, office.partner(), file=roster, as_of=AS_OF, count=count_flags)
    assert (found.status, found.accepted, found.quarantined) == ("published", 22, 1)
    match(office.engine, office.keys)
    return digest(office.engine), digest(office.engine, AS_OF)


@pytest.mark.parametrize("form", ["utf-8", "gb18030", "xlsx"])
def test_the_same_rows_have_the_same_digest_in_every_form_of_file(office: Office, other: Office, form: str) -> None:
    marked = write_template(office.folder / "marked.csv", ROWS, "utf-8-sig")
    if form == "xlsx":
        again = other.folder / "roster.xlsx"
        again.write_bytes(workbooks.roster(ROWS))
    else:
        again = write_template(other.folder / "roster.csv", ROWS, form)
    assert facts(office, marked) == facts(other, again)
    other.engine.dispose()
