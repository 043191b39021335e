"""The log comes to a database that has lived: what it holds stays what it is."""

from __future__ import annotations

from alembic import command
from alembic.config import Config

from reference_cli import SIGNED, Run
from rosters import Office, person
from talentpool.database import migrate
from talentpool.load import digest
from talentpool.settings import INCLUDE


def test_rows_of_the_first_revision_live_on(run: Run, office: Office) -> None:
    office.deliver("2026-01-31", [person(n, county="屯留县") for n in range(1, 6)])
    office.deliver("2026-02-28", [person(n, county="屯留县", station="新站") for n in range(2, 8)])
    before = digest(office.engine)
    config = Config()
    config.set_main_option("script_location", str(INCLUDE / "migrations"))
    with office.engine.begin() as conn:
        config.attributes["connection"] = conn
        command.downgrade(config, "0001")
    assert office.one("select to_regclass('reference_change') is null") is True

    migrate(office.engine)
    assert digest(office.engine) == before
    assert office.ask("select distinct reference_version from delivery") == [({},)]
    assert run("set", "holiday", "date=2027-01-01", "kind=holiday", "name=元旦", *SIGNED)[1]["version"] == 1
    third = office.deliver("2026-03-31", [person(n, county="屯留县", station="新站") for n in range(2, 8)])
    assert office.one("select changed from delivery where delivery_id = :id", id=third.delivery_id) == 0
