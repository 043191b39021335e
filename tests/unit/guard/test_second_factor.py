"""The second factor: two people bring it about, no code counts twice, and what is kept opens nothing."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pyotp
import pytest
import sqlalchemy as sa

from rosters import Office
from talentpool.errors import TamperedError, UsageError
from talentpool.guard.second_factor import admit, begin_binding, factor_state, finish_binding, shows_factor

NOW = datetime(2026, 11, 2, 8, 0, 10, tzinfo=UTC)


def bind(office: Office, user: str = "wang") -> tuple[str, list[str]]:
    """The secret on the user's device, and the printed codes."""
    with office.engine.begin() as conn:
        code = admit(conn, office.keys, user, 7, by="admin", area="140400")
        secret = begin_binding(conn, office.keys, user, code)
        assert secret and factor_state(conn, user) == "admitted"
        printed = finish_binding(conn, office.keys, user, code, pyotp.TOTP(secret).at(NOW), now=NOW, area="140400")
    assert printed
    return secret, printed


def shows(office: Office, given: str, *, after: int = 30, user: str = "wang") -> bool:
    with office.engine.begin() as conn:
        return shows_factor(conn, office.keys, user, given, now=NOW + timedelta(seconds=after))


def at(secret: str, seconds: int) -> str:
    return pyotp.TOTP(secret).at(NOW + timedelta(seconds=seconds))


def test_a_code_counts_once_and_within_half_a_minute_of_the_clock(office: Office) -> None:
    secret, _ = bind(office)
    assert not shows(office, at(secret, 0), after=0), "it was used to bind"
    assert shows(office, at(secret, 60), after=60) and not shows(office, at(secret, 60), after=60)
    assert not shows(office, at(secret, 30), after=60), "an earlier one does not count after a later one"
    assert shows(office, at(secret, 150), after=120), "a device may be half a minute fast"
    assert shows(office, at(secret, 180), after=210), "or slow"
    assert not shows(office, at(secret, 400), after=300) and not shows(office, at(secret, 330), after=420)
    for wrong in ("", "000000", "１２３４５６", "not-a-code", "0" * 500):
        assert not shows(office, wrong, after=600)


def test_a_printed_code_counts_once_in_any_spelling(office: Office) -> None:
    _, printed = bind(office)
    assert len(set(printed)) == 10
    assert shows(office, printed[0].upper().replace("-", " ")) and not shows(office, printed[0])
    assert shows(office, printed[1]) and not shows(office, printed[2], user="li")


def test_nobody_admits_oneself_and_a_code_is_one_users_for_a_day(office: Office) -> None:
    with office.engine.begin() as conn:
        for by in ("wang", " WANG ", ""):
            with pytest.raises(UsageError):
                admit(conn, office.keys, "wang", 7, by=by, area="140400")
        code = admit(conn, office.keys, "wang", 7, by="admin", area="140400")
        assert begin_binding(conn, office.keys, "li", code) is None
        assert begin_binding(conn, office.keys, "wang", "guessed") is None
        assert finish_binding(conn, office.keys, "wang", code, "123456", now=NOW, area="140400") is None
        assert begin_binding(conn, office.keys, "Wang", code.upper())
        conn.execute(sa.text("update second_factor set admitted_at = now() - interval '25 hours'"))
        assert begin_binding(conn, office.keys, "wang", code) is None


def test_a_bound_device_is_not_bound_again_without_a_second_person(office: Office) -> None:
    with office.engine.begin() as conn:
        code = admit(conn, office.keys, "wang", 7, by="admin", area="140400")
        secret = begin_binding(conn, office.keys, "wang", code) or ""
        assert finish_binding(conn, office.keys, "wang", code, at(secret, 0), now=NOW, area="140400")
        assert begin_binding(conn, office.keys, "wang", code) is None
    with office.engine.begin() as conn:
        admit(conn, office.keys, "wang", 7, by="admin", area="140400")
    assert not shows(office, at(secret, 60), after=60), "a reset ends the old device at once"
    assert office.one("select count(*) from audit_log where action = 'second_factor' and subject = 'user:wang'") == 3


def test_what_is_kept_opens_nothing_and_belongs_to_one_user(office: Office) -> None:
    secret, printed = bind(office)
    bind(office, "li")
    kept = str(office.one("select string_agg(s::text, ' ') from second_factor s"))
    assert secret not in kept and secret.encode().hex() not in kept and not any(one in kept for one in printed)
    with office.engine.begin() as conn:
        conn.execute(sa.text("update second_factor a set sealed = b.sealed from second_factor b where a.user_name = 'li'"
                             " and b.user_name = 'wang'"))  # fmt: skip
    with pytest.raises(TamperedError):
        shows(office, at(secret, 60), after=60, user="li")
