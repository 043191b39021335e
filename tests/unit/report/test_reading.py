"""The figures as read from the tables: verdicts, reasons, people once and people in every line."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from rosters import go_on
from talentpool.model import delivery, key_check, pool_person, pool_presence, pool_snapshot, target_list, target_row
from talentpool.office import Office
from talentpool.report import fingerprint, quality, render
from talentpool.settings import Settings

AS_OF = date(2026, 10, 31)


def _deliver(engine: sa.Engine, partner: str, as_of: date = AS_OF, **facts: Any) -> int:
    row = {"kind": "full", "bytes": 1, "source_name": "x", "form": "own", "state": "published", "effect": "live",
           "wrapped_key": b"", "rules_version": 1, "declaration_hash": "", **facts}  # fmt: skip
    with engine.begin() as conn:
        conn.execute(insert(key_check).on_conflict_do_nothing(), {"key_id": "envelope", "fingerprint": "f"})
        return conn.execute(
            delivery.insert().returning(delivery.c.delivery_id),
            {"partner": partner, "as_of": as_of, "sha256": f"{partner}{as_of}{row['state']}", **row},
        ).scalar_one()


def _snapshot(engine: sa.Engine, as_of: date = AS_OF, version: int = 1) -> int:
    with engine.begin() as conn:
        return conn.execute(
            pool_snapshot.insert().returning(pool_snapshot.c.snapshot_id),
            {"as_of": as_of, "version": version, "area": "140400", "people": 0, "content_hash": "h",
             "partners": {"postal": {"as_of": str(as_of), "publish_seq": 1}}},
        ).scalar_one()  # fmt: skip


def _person(engine: sa.Engine, snapshot: int, number: int, seen: list[tuple[str, str]], **facts: Any) -> None:
    person = UUID(int=number)
    row = {"home_county": seen[0][1], "home_partner": seen[0][0], "home_station": "", "home_record": person,
           "active": True, "weak_identity": False, "age_band": "26-35", "youth": True, "sex": 1,
           "occupation": "courier", "provenance": {}, **facts}  # fmt: skip
    with engine.begin() as conn:
        conn.execute(pool_person.insert(), {"snapshot_id": snapshot, "person_id": person, **row})
        for place, (partner, county) in enumerate(seen):
            conn.execute(
                pool_presence.insert(),
                {"snapshot_id": snapshot, "record_id": UUID(int=number * 10 + place), "person_id": person,
                 "partner": partner, "county": county, "station": "", "spell_from": AS_OF,
                 "status": "active" if row["active"] else "left"},
            )  # fmt: skip


def test_a_fresh_deployment_has_figures_of_nothing(engine: sa.Engine, settings: Settings) -> None:
    found = quality(Office(engine, settings))
    assert (found.area_name, found.deliveries, found.pool, found.lists) == ("长治市", (), None, ())
    assert {"邮政快递", "网约车"} <= set(found.silent)
    assert "还没有收到任何名册" in render(found)


def test_reasons_come_in_chinese_the_most_frequent_first(engine: sa.Engine, settings: Settings) -> None:
    counted = {"no_consent": 1, "id_bad_checksum": 4, "staff_no_doubled": 2}
    _deliver(engine, "postal", rows=10, accepted=7, quarantined=2, refused=1, reasons=counted, notes={"id_masked": 3})
    (found,) = quality(Office(engine, settings)).deliveries
    assert [(reason.text, reason.count) for reason in found.reasons] == [
        ("证件号码校验位不符", 4), ("同一工号在本次交付中出现多次", 2),
        ("没有有效的授权依据（授权日期缺失、早于出生或晚于名册接收日，或告知版本未知）", 1),
    ]  # fmt: skip
    assert found.set_aside_share == 0.3
    assert not found.needs_attention


def test_a_held_delivery_needs_attention_until_a_later_one_is_published(engine: sa.Engine, settings: Settings) -> None:
    _deliver(engine, "postal", state="held", effect="none", reasons={"removals_high": 1})
    _deliver(engine, "didi", state="rejected", effect="none", reasons={"no_rows": 1})
    assert {delivery.partner for delivery in quality(Office(engine, settings)).attention} == {"postal", "didi"}
    _deliver(engine, "postal")
    assert {delivery.partner for delivery in quality(Office(engine, settings)).attention} == {"didi"}


def test_people_are_counted_once_and_in_every_line_that_sees_them(engine: sa.Engine, settings: Settings) -> None:
    _deliver(engine, "postal", rows=5, accepted=4, quarantined=1, publish_seq=1)
    snapshot = _snapshot(engine)
    _person(engine, snapshot, 1, [("postal", "140403"), ("didi", "140430")])
    _person(engine, snapshot, 2, [("postal", "140403"), ("postal", "140403")], youth=False, age_band="36-45")
    _person(engine, snapshot, 3, [("didi", "140430")], weak_identity=True, occupation="ride_hailing")
    _person(engine, snapshot, 4, [("postal", "140403")], active=False)
    _person(engine, snapshot, 5, [("postal", "140403"), ("didi", "140403"), ("sf", "140403")], age_band="36-45")
    pool = quality(Office(engine, settings)).pool
    assert pool is not None
    assert (pool.people, pool.youth, pool.weak, pool.left) == (4, 3, 1, 1)
    assert [(line.label, line.people, line.youth) for line in pool.by_home.lines] == [("潞州区", 3, 2), ("沁县", 1, 1)]
    assert (pool.by_home.sum, pool.by_home.overlap) == (4, 0)
    assert [(line.label, line.people) for line in pool.by_county.lines] == [("潞州区", 3), ("沁县", 2)]
    assert (pool.by_county.sum, pool.by_county.distinct, pool.by_county.overlap) == (5, 4, 1)
    assert {line.label: line.people for line in pool.by_partner.lines} == {"邮政快递": 3, "网约车": 3, "顺丰速运": 1}
    assert (pool.several, pool.by_partner.overlap) == (2, 3), "people, not entries"
    assert [line.label for line in pool.by_band.lines] == ["26-35", "36-45"]
    assert {line.label: line.people for line in pool.by_occupation.lines} == {"快递员": 3, "网约车司机": 1}
    (bridge,) = pool.bridges
    assert (bridge.rows, bridge.accepted, bridge.records, bridge.people) == (5, 4, 4, 3)
    assert (bridge.carried, bridge.merged) == (0, 1)


def test_an_as_of_shows_the_newest_version_of_its_pool_and_no_later_delivery(
    engine: sa.Engine, settings: Settings
) -> None:
    _deliver(engine, "postal", date(2026, 9, 30))
    _deliver(engine, "postal")
    first, second = _snapshot(engine, date(2026, 9, 30)), _snapshot(engine, date(2026, 9, 30), 2)
    _person(engine, first, 1, [("postal", "140403")])
    _person(engine, second, 1, [("postal", "140403")])
    _person(engine, second, 2, [("postal", "140403")])
    _snapshot(engine)
    found = quality(Office(engine, settings), date(2026, 9, 30))
    assert [delivery.as_of for delivery in found.deliveries] == [date(2026, 9, 30)]
    assert found.pool is not None
    assert (found.pool.version, found.pool.people) == (2, 2)


def test_a_list_shows_whom_it_serves_by_county_and_why_others_are_out(engine: sa.Engine, settings: Settings) -> None:
    with engine.begin() as conn:
        snapshot = conn.execute(
            pool_snapshot.insert().returning(pool_snapshot.c.snapshot_id),
            {"as_of": AS_OF, "version": 1, "area": "140400", "people": 0, "content_hash": "h", "partners": {}},
        ).scalar_one()
        list_id = conn.execute(
            target_list.insert().returning(target_list.c.list_id),
            {"campaign": "warm_winter", "cycle": "2026", "as_of": AS_OF, "snapshot_id": snapshot, "state": "draft",
             "declaration_hash": "", "content_hash": "c", "eligible": 1, "selected": 1,
             "excluded": {"age_outside": 2}, "passport": {"name": "暖冬行动"}},
        ).scalar_one()  # fmt: skip
        for number in (1, 2):
            conn.execute(
                target_row.insert(),
                {"list_id": list_id, "person_id": UUID(int=number), "row_id": str(number), "selected": number == 1,
                 "reason": "eligible", "county": "140403", "partner": "postal", "station": "",
                 "record_id": UUID(int=number), "facts": {}},
            )  # fmt: skip
    (found,) = quality(Office(engine, settings)).lists
    assert (found.campaign, found.by_county) == ("暖冬行动", (("潞州区", 1),))
    assert [(reason.text, reason.count) for reason in found.excluded] == [("年龄不在本次活动范围内", 2)]


def test_the_fingerprint_moves_with_whatever_the_page_shows(engine: sa.Engine, settings: Settings) -> None:
    seen = [fingerprint(engine)]
    number = _deliver(engine, "postal", state="landed", effect="none")
    seen.append(fingerprint(engine))
    with engine.begin() as conn:
        go_on(conn, "staged", "held", delivery_id=number)
    seen.append(fingerprint(engine))
    _snapshot(engine)
    seen.append(fingerprint(engine))
    assert len(set(seen)) == 4
    assert fingerprint(engine) == seen[-1]
