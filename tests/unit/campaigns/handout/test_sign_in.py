"""Who is signed in marks for a station or county, while event and list last."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import sqlalchemy as sa

from handing_out import FIRST, HILL, HILLS, RIVER, RIVERS, SUN, TODAY, full, places, signed_in
from receipt_sheets import ids, stands
from talentpool.campaigns import Approver
from talentpool.campaigns.handout import events, passes
from talentpool.campaigns.handout.looking import counts, find_rows
from talentpool.campaigns.handout.marking import Told, take_marks
from talentpool.campaigns.handout.passes import Holder, holder_of, issue, redeem
from talentpool.campaigns.life.acting import close
from talentpool.campaigns.voiding import void_list
from talentpool.errors import ConflictError, RefusedError, UsageError
from talentpool.office import Office


def test_a_station_sees_and_marks_its_own_rows_alone(town: Office, list_id: int, event: int) -> None:
    place = places(town, list_id)[0]
    head = signed_in(town, list_id, issue(town, event, place, RIVERS))
    assert head.name == f"station:{place[0]}:{RIVER}:{place[1]}"
    query = "select row_id from target_row where list_id = :l and selected and county = :c and partner = :p and station = :s"
    with town.engine.connect() as conn:
        mine = set(conn.scalars(sa.text(query), {"l": list_id, "c": RIVER, "p": place[0], "s": place[1]}))
        theirs = [one for one in ids(town, list_id) if one not in mine]
        assert mine and theirs and counts(conn, head)["people"] == len(mine)
        shown = [row for one in mine for row in find_rows(conn, town, head, one)]
        assert len(shown) == len(mine) and all("*" in row.name and row.mobile.startswith("***") for row in shown)
        assert [find_rows(conn, town, head, one) for one in theirs] == [[]] * len(theirs)
        assert {row.row_id for row in find_rows(conn, town, head, "8000")} == mine
        assert find_rows(conn, town, head, "1111") == []
        for odd in ("K7QM-2F4HZ", "", "138001", "王"):
            with pytest.raises(UsageError, match="行号"):
                find_rows(conn, town, head, odd)
    told = take_marks(town, head, [full(theirs[0]), full(sorted(mine)[0])], today=TODAY)
    assert [one.code for one in told] == ["row_unknown", "taken"]
    assert set(stands(town, list_id)) == {sorted(mine)[0]}


def test_a_code_is_good_once_for_its_own_list_while_the_event_lasts(town: Office, list_id: int, event: int) -> None:
    place = places(town, list_id)[0]
    code = issue(town, event, place, RIVERS)
    assert not redeem(town, list_id + 1, code, FIRST).session
    assert redeem(town, list_id, f" {code.lower()} ", FIRST).session
    assert not redeem(town, list_id, code, FIRST).session
    revoked = issue(town, event, place, RIVERS)
    with town.engine.connect() as conn:
        newest = passes.issued(conn, [event])[0]
    passes.revoke(town, newest.pass_id, SUN)
    assert not redeem(town, list_id, revoked, FIRST).session
    late = issue(town, event, place, RIVERS)
    with town.engine.begin() as conn:
        conn.execute(sa.text("update handout_event set ends_at = clock_timestamp()"))
    assert not redeem(town, list_id, late, FIRST).session
    with town.engine.connect() as conn:
        assert code.replace("-", "") not in str(conn.execute(sa.text("select * from handout_pass")).all())
        log = (
            conn.execute(sa.text("select action from audit_log where action like 'sign%' order by seq")).scalars().all()
        )
        assert log == ["sign_in_failed", "sign_in", *["sign_in_failed"] * 3]


def test_guesses_shut_the_door_for_who_guesses_and_for_nobody_else(town: Office, list_id: int, event: int) -> None:
    code = issue(town, event, places(town, list_id)[0], RIVERS)
    tries = [redeem(town, list_id, f"AAAA-AAAA-AAA{sign}", FIRST) for sign in "23456"]
    assert [one.shut for one in tries] == [False] * 4 + [True]
    assert redeem(town, list_id, code, FIRST).wait > 0
    assert redeem(town, list_id, code, "192.0.2.2").session


def test_nothing_is_taken_after_a_revocation_the_end_of_the_event_or_of_the_list(
    town: Office, list_id: int, event: int, officer: Holder, mark: Callable[..., list[Told]]
) -> None:
    first, second, *_ = ids(town, list_id, RIVER)
    head = signed_in(town, list_id, issue(town, event, places(town, list_id)[0], RIVERS))
    passes.revoke(town, head.pass_id, RIVERS)
    with pytest.raises(ConflictError, match="登录已作废"):
        mark(full(first), by=head)
    assert [one.code for one in mark(full(first))] == ["taken"]
    with town.engine.begin() as conn:
        conn.execute(sa.text("update handout_event set ends_at = clock_timestamp()"))
    with pytest.raises(ConflictError, match="已结束"):
        mark(full(second))
    with pytest.raises(ConflictError, match="已结束"):
        issue(town, event, places(town, list_id)[0], RIVERS)
    events.start(town, list_id, RIVER, RIVERS, days=1)
    close(town, list_id, SUN, reason="发完")
    with pytest.raises(ConflictError, match="不再接收回执"):
        mark(full(second))
    with pytest.raises(ConflictError):
        events.start(town, list_id, HILL, SUN, days=1)


def test_a_void_list_ends_every_sign_in(town: Office, list_id: int, event: int) -> None:
    tried = redeem(town, list_id, issue(town, event, places(town, list_id)[0], RIVERS), FIRST)
    for by in ("sun", "zhang"):
        void_list(town, list_id, by=by, reason="数据日期写错")
    with town.engine.connect() as conn:
        assert holder_of(conn, town.keys, list_id, tried.session) is None
    with pytest.raises(UsageError):
        events.start(town, list_id, HILL, SUN, days=1)


def test_a_county_starts_ends_and_issues_for_itself_alone(town: Office, list_id: int, event: int) -> None:
    station = places(town, list_id)[0]
    for act in (
        lambda: events.start(town, list_id, HILL, RIVERS, days=1),
        lambda: events.end(town, event, HILLS),
        lambda: issue(town, event, station, HILLS),
        lambda: issue(town, event, station, Approver("x", frozenset({"auditor"}))),
    ):
        with pytest.raises(RefusedError):
            act()
    with pytest.raises(UsageError, match="没有这个站点"):
        issue(town, event, ("didi", "没有的站"), RIVERS)
    with pytest.raises(ConflictError, match="正在发放"):
        events.start(town, list_id, RIVER, SUN, days=1)
    for days in (0, 15):
        with pytest.raises(UsageError, match="天"):
            events.start(town, list_id, HILL, SUN, days=days)


def test_closing_a_list_ends_its_events(town: Office, list_id: int, event: int, officer: Holder) -> None:
    close(town, list_id, SUN, reason="已办结")
    with town.engine.connect() as conn:
        assert conn.scalar(sa.text("select count(*) from handout_event where ended_at is null")) == 0
        assert conn.scalar(sa.text("select count(*) from handout_pass where ended_at is null")) == 0
