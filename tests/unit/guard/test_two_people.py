"""One person is one person, however the name is typed; a role that does not go with a duty is refused."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
import sqlalchemy as sa

from talentpool.errors import RefusedError
from talentpool.guard.duties import DUTIES, check_duty, two_people
from talentpool.guard.officers import ROLES
from talentpool.model import officer


@pytest.mark.parametrize("again", ["li_ming", " li_ming", "li_ming\t", "Li_Ming", "ｌｉ_ming"])
def test_a_name_typed_in_another_way_is_the_same_person(again: str) -> None:
    for first, second in ((["wang", "li_ming"], again), ([again], "li_ming")):
        with pytest.raises(RefusedError, match="somebody else must approve"):
            two_people(first, second, "drafted list 7")
    two_people(["wang", again], "zhao", "drafted list 7")


def test_each_duty_is_for_its_roles_and_for_nobody_who_left(engine: sa.Engine) -> None:
    with engine.begin() as conn:
        for role in ROLES:
            conn.execute(
                officer.insert(), {"name": role, "login": f"officer_{role}", "role": role, "added_by": "admin"}
            )
        gone = {"name": "gone", "login": "officer_gone", "role": "city_officer", "added_by": "admin"}
        conn.execute(officer.insert(), gone | {"removed_at": datetime(2026, 11, 1, tzinfo=UTC)})
        assert {"draft", "approve", "export"} <= set(DUTIES)
        for duty, roles in DUTIES.items():
            for role in ROLES:
                for name in (role, f" {role.upper()} "):
                    if role in roles:
                        check_duty(conn, name, duty)
                        continue
                    with pytest.raises(RefusedError, match=role):
                        check_duty(conn, name, duty)
            with pytest.raises(RefusedError, match="not an officer any more"):
                check_duty(conn, "gone", duty)
            check_duty(conn, "somebody the table does not know", duty)
