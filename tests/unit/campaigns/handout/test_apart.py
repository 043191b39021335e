"""What a host apart seals comes to what phones in the office would have marked: once, by whom, while they might."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from handing_out import HILL, RIVER, RIVERS, SUN, TODAY, full, places, signed_in
from hosts_apart import shows
from receipt_sheets import ids, stands
from talentpool.campaigns.handout import events, passes
from talentpool.campaigns.handout.apart import collecting
from talentpool.campaigns.handout.apart.collecting import Collected, carried, collect_sealed
from talentpool.campaigns.handout.apart.derived import content_key, mark_key, public_key
from talentpool.campaigns.handout.apart.packing import issue_apart, renew
from talentpool.campaigns.handout.marking import Mark, take_marks
from talentpool.campaigns.handout.passes import Account, Holder, issue, redeem
from talentpool.campaigns.handout.reserve import reserve_left, walk_ins
from talentpool.campaigns.life.acting import close
from talentpool.campaigns.lists import find
from talentpool.campaigns.receipts.outcomes import Outcome
from talentpool.errors import UnavailableError, UsageError
from talentpool.handout_host.packet import content_of, read_packet
from talentpool.handout_host.record import seal_record
from talentpool.office import Office


@pytest.fixture(autouse=True)
def _settled(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(collecting, "SETTLE_SECONDS", -1)


@pytest.fixture
def number(town: Office, list_id: int, event: int) -> int:
    """A station's sign-in on the host apart."""
    issue_apart(town, event, places(town, list_id)[0], RIVERS)
    return newest(town)


def newest(town: Office) -> int:
    with town.engine.connect() as conn:
        return int(conn.scalar(sa.text("select max(pass_id) from handout_pass")) or 0)


def packets(town: Office) -> list[Path]:
    return sorted((town.settings.handout_dir / "packets").glob("*.packet"))


def sealed(
    town: Office, number: int, *marks: Mark, kind: str = "marks", at: datetime | None = None, **more: Any
) -> bytes:
    """As the host seals it."""
    told = [
        {"key": str(one.key), "row": one.row_id, "outcome": one.outcome.value, "signer": one.signer, "county": one.county,
         "day": one.day and one.day.isoformat(), "signing": one.signing and str(one.signing)}
        for one in marks
    ]  # fmt: skip
    record = {
        "id": str(uuid4()),
        "pass": number,
        "kind": kind,
        "at": (at or datetime.now(UTC)).isoformat(),
        "marks": told,
    }
    return seal_record(public_key(town.keys), mark_key(town.keys, number), record | more)


def put(town: Office, *files: bytes) -> Path:
    """Carried into the outbox."""
    outbox = town.settings.handout_dir / "outbox"
    outbox.mkdir(parents=True, exist_ok=True)
    for data in files:
        (outbox / f"{uuid4().hex}.sealed").write_bytes(data)
    return outbox


def collected(town: Office, *files: bytes, still: bool = True) -> Collected:
    put(town, *files)
    return collect_sealed(town, lambda _: still)


def why(town: Office) -> str:
    """What is said beside the files that were set aside."""
    return "".join(path.read_text() for path in sorted((town.settings.handout_dir / "outbox/refused").glob("*.txt")))


def rows_of(town: Office, list_id: int) -> list[str]:
    """Of the station of `number`."""
    partner, station = places(town, list_id)[0]
    query = "select row_id from target_row where list_id = :l and selected and county = :c and partner = :p and station = :s"
    with town.engine.connect() as conn:
        found = conn.scalars(sa.text(f"{query} order by 1"), {"l": list_id, "c": RIVER, "p": partner, "s": station})
        return list(found)


def test_a_packet_holds_what_the_page_shows_of_the_stations_rows_and_reads_without_the_code_as_nothing(
    town: Office, list_id: int, event: int
) -> None:
    partner, station = places(town, list_id)[0]
    code = issue_apart(town, event, (partner, station), RIVERS)
    (path,) = packets(town)
    packet = read_packet(path.name, path.read_bytes())
    said = content_of(packet, content_key(town.keys, newest(town)))
    assert [row["row"] for row in said["rows"]] == rows_of(town, list_id)
    assert all("*" in row["name"] and row["mobile"].startswith("***") for row in said["rows"])
    assert {len(tail) for row in said["rows"] for tail in row["tails"]} == {4}
    assert set(said["rows"][0]) == {"row", "name", "mobile", "tails", "station", "partner", "outcome"}
    assert shows(path.parent, *ids(town, list_id), *(row["name"] for row in said["rows"]), station, code) == []
    assert not redeem(town, list_id, code, "192.0.2.1").session, "in the office it opens nothing"
    with town.engine.connect() as conn:
        log = conn.execute(
            sa.text("select details from audit_log where action = 'export' and details ? 'pass'")
        ).scalar_one()
        assert log["rows"] == len(said["rows"])
        assert code.replace("-", "") not in str(conn.execute(sa.text("select * from handout_pass")).all())


def test_sealed_marks_end_as_receipts_by_who_had_the_code(town: Office, list_id: int, event: int, number: int) -> None:
    mine, theirs = rows_of(town, list_id), ids(town, list_id, HILL)
    files = [
        sealed(town, number, kind="entered"), sealed(town, number, kind="looked", rows=1),
        sealed(town, number, full(mine[0]), Mark(uuid4()), full(theirs[0]), Mark(uuid4(), county=HILL)),
    ]  # fmt: skip
    done = collected(town, *files)
    assert (done.files, done.counted, done.not_counted, done.refused) == (3, 2, 2, 0)
    assert stands(town, list_id) == {mine[0]: ("full", 1)}
    again = collected(town, *files)
    assert (again.files, again.known, again.counted) == (3, 3, 0)
    with town.engine.connect() as conn:
        assert walk_ins(conn, event) == 1
        came = carried(conn, event)
        assert (came.marks, came.faults) == (4, {"名单上没有这一行": 1, "别的区县": 1})
        held = conn.execute(sa.text("select holder, used_at from handout_pass where pass_id = :p"), {"p": number}).one()
        assert held.used_at is not None
        log = conn.execute(sa.text("select action from audit_log where actor = :a order by seq"), {"a": held.holder})
        assert sorted(log.scalars()) == ["sign_in", "upload", "upload", "view"]
        assert conn.scalar(sa.text("select received_by from receipt")) == held.holder


SAID = st.lists(st.tuples(st.integers(0, 2), st.sampled_from(["full", "refused", "none", "walk_in"])), max_size=7)


@hypothesis_settings(
    max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
@given(SAID, st.randoms(use_true_random=False))
def test_files_in_any_order_and_any_number_of_times_come_to_what_the_page_would_have_marked(
    town: Office, list_id: int, event: int, officer: Holder, said: list[tuple[int, str]], chance: Any
) -> None:
    if not packets(town):
        issue_apart(town, event, Account(9, UUID(int=9)), RIVERS)
    number, rows = newest(town), ids(town, list_id, RIVER)
    sent = [
        Mark(uuid4()) if what == "walk_in" else full(rows[at]) if what == "full" else Mark(uuid4(), rows[at], Outcome(what))
        for at, what in said
    ]  # fmt: skip

    def comes_to(act: Callable[[], object]) -> tuple[dict[str, tuple[str, int]], int, int]:
        with town.engine.begin() as conn:
            conn.execute(sa.text("set local session_replication_role = replica"))
            for table in ("handout_entry", "handout_sealed", "receipt_row"):
                conn.execute(sa.text(f"delete from {table}"))
        act()
        with town.engine.connect() as conn:
            return stands(town, list_id), walk_ins(conn, event), events.signed(conn, event)[0]

    live = comes_to(lambda: take_marks(town, officer, sent, today=TODAY))
    files = [sealed(town, number, *sent[at : at + 2]) for at in range(0, len(sent), 2)]
    again = [sealed(town, number, one) for one in chance.choices(sent, k=2)] if sent else []  # the phone heard nothing
    shuffled = [*files, *again, *files[:2]]
    chance.shuffle(shuffled)
    assert (
        live
        == comes_to(lambda: [collected(town, one) for one in shuffled])
        == comes_to(lambda: collected(town, *files))
    )
    assert not why_or_none(town)


def why_or_none(town: Office) -> str:
    place = town.settings.handout_dir / "outbox/refused"
    return why(town) if place.is_dir() else ""


def test_what_is_tampered_foreign_cut_or_forged_is_set_aside_and_loses_nothing(
    town: Office, list_id: int, number: int
) -> None:
    (first, *_) = rows_of(town, list_id)
    good = sealed(town, number, full(first))
    forged = seal_record(public_key(town.keys), b"x" * 32, {"id": str(uuid4()), "pass": number, "kind": "marks",
                         "at": datetime.now(UTC).isoformat(), "marks": []})  # fmt: skip
    foreign = seal_record(bytes(range(32)), mark_key(town.keys, number), {})
    bad = [good[:-7], good[:90] + bytes([good[90] ^ 1]) + good[91:], foreign, b"", b"x" * 300_000]
    odd = [sealed(town, number, kind="other"), sealed(town, number, marks=[{"row": "1"}]), sealed(town, number, id="x")]
    done = collected(town, *bad, forged, *odd, sealed(town, 2**40))
    assert (done.refused, done.files, done.counted) == (len(bad) + len(odd) + 2, 0, 0)
    for word in ("打不开", "过大", "不是用本单位发出的登录码", "格式不对", "不在登记中"):
        assert word in why(town), word
    assert stands(town, list_id) == {} and not list((town.settings.handout_dir / "outbox").glob("*.sealed"))
    done = collected(town, good)
    assert done.counted == 1 and stands(town, list_id) == {first: ("full", 1)}
    assert len(list((town.settings.handout_dir / "outbox/refused").glob("*.sealed"))) == len(bad) + len(odd) + 2


def test_a_mark_counts_by_the_moment_at_which_it_was_made(town: Office, list_id: int, event: int, number: int) -> None:
    first, second, *_ = rows_of(town, list_id)
    before, early = datetime.now(UTC), sealed(town, number, full(first))
    passes.revoke(town, number, RIVERS)
    late = sealed(town, number, full(second), at=datetime.now(UTC) + timedelta(seconds=1))
    ahead = sealed(town, number, full(second), at=before + timedelta(hours=1))
    long_before = sealed(town, number, full(second), at=before - timedelta(hours=1))
    done = collected(town, late, ahead, long_before, early, sealed(town, number, kind="looked", rows=1))
    assert (done.counted, done.refused, done.files) == (1, 3, 2)
    assert stands(town, list_id) == {first: ("full", 1)}
    for word in ("登录已作废", "晚于现在", "早于发码"):
        assert word in why(town), word
    events.end(town, event, RIVERS)
    assert collected(town, sealed(town, number, full(second), at=before)).counted == 1, "marked before, carried after"
    with town.engine.begin() as conn:
        old = (
            "update handout_event set ends_at = ends_at - interval '20 days', ended_at = ended_at - interval '20 days'"
        )
        conn.execute(sa.text(f"{old}; update handout_pass set made_at = made_at - interval '21 days'"))
    assert collected(town, sealed(town, number, full(second), at=before - timedelta(days=20, minutes=1))).refused == 1
    assert "超过 14 天" in why(town)


def test_a_list_that_is_closed_takes_no_sealed_mark_and_the_file_stays(town: Office, list_id: int, number: int) -> None:
    data = sealed(town, number, full(rows_of(town, list_id)[0]))
    close(town, list_id, SUN, reason="发完")
    assert collected(town, data).refused == 1 and "不再接收回执" in why(town)
    (kept,) = (town.settings.handout_dir / "outbox/refused").glob("*.sealed")
    assert kept.read_bytes() == data


def test_walk_ins_of_two_roads_stay_within_the_reserve_also_when_they_are_carried_late(
    town: Office, list_id: int, event: int, officer: Holder, number: int
) -> None:
    assert [one.code for one in take_marks(town, officer, [Mark(uuid4())], today=TODAY)] == ["taken"]
    data = sealed(town, number, Mark(uuid4()), Mark(uuid4()))
    events.end(town, event, RIVERS)
    with town.engine.connect() as conn:
        assert reserve_left(conn, find(conn, list_id), RIVER) == 0, "held until the host's word is in"
    with pytest.raises(UsageError, match="还有 0 份"):
        events.start(town, list_id, RIVER, RIVERS, days=1, reserve=1)
    done = collected(town, data)
    assert (done.counted, done.not_counted) == (1, 1)
    with town.engine.connect() as conn:
        assert walk_ins(conn, event) == 2
    with pytest.raises(sa.exc.IntegrityError, match="reserve is empty"), town.engine.begin() as conn:
        number_of = conn.scalar(sa.text("select sealed_id from handout_sealed where kind = 'marks'"))
        conn.execute(sa.text("insert into handout_entry (entry_key, event_id, pass_id, sealed_id) values (:k, :e, :p, :s)"),
                     {"k": uuid4(), "e": event, "p": number, "s": number_of})  # fmt: skip


def test_an_officers_marks_wait_for_the_account_and_are_not_counted_when_it_changed(
    town: Office, list_id: int, event: int
) -> None:
    issue_apart(town, event, Account(9, UUID(int=9)), RIVERS)
    data = sealed(town, newest(town), full(ids(town, list_id, RIVER)[0]))
    outbox = put(town, data)

    def away(_: Holder) -> bool:
        raise UnavailableError("away")

    assert collect_sealed(town, away).waiting == 1 and len(list(outbox.glob("*.sealed"))) == 1
    assert collect_sealed(town, lambda _: False).refused == 1 and "账号已停用" in why(town)
    (kept,) = (outbox / "refused").glob("*.sealed")
    assert collected(town, kept.read_bytes()).counted == 1


def test_packets_follow_what_is_known_and_go_with_their_sign_in(
    town: Office, list_id: int, event: int, number: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    (path,), (first, *_) = packets(town), rows_of(town, list_id)
    before = read_packet(path.name, path.read_bytes())
    collected(town, sealed(town, number, full(first)))
    after = read_packet(path.name, path.read_bytes())
    rows = {row["row"]: row["outcome"] for row in content_of(after, content_key(town.keys, number))["rows"]}
    assert rows[first] == "full" and before.wrapped == after.wrapped and before.sealed != after.sealed
    with town.engine.begin() as conn:
        gone = json.dumps({"erased": True, "by_station": False})
        conn.execute(sa.text("set local session_replication_role = replica"))
        conn.execute(sa.text("update target_row set facts = facts || cast(:f as jsonb) where row_id = :r"),
                     {"f": gone, "r": first})  # fmt: skip
    assert renew(town).renewed == 1
    after = read_packet(path.name, path.read_bytes())
    assert first not in json.dumps(content_of(after, content_key(town.keys, number)))
    monkeypatch.setattr("talentpool.campaigns.handout.apart.packing.FRESH", -1)
    passes.revoke(town, number, RIVERS)
    assert renew(town).removed == 1 and packets(town) == []


def test_the_host_apart_is_no_way_in_here_and_this_one_none_there(town: Office, list_id: int, event: int) -> None:
    here = signed_in(town, list_id, issue(town, event, places(town, list_id)[0], RIVERS))
    done = collected(town, sealed(town, here.pass_id, full(rows_of(town, list_id)[0])))
    assert done.refused == 1 and "不在登记中" in why(town)
    issue_apart(town, event, places(town, list_id)[0], RIVERS)
    with pytest.raises(sa.exc.IntegrityError, match="who is signed in"), town.engine.begin() as conn:
        conn.execute(sa.text("insert into handout_entry (entry_key, event_id, pass_id) values (:k, :e, :p)"),
                     {"k": uuid4(), "e": event, "p": newest(town)})  # fmt: skip
