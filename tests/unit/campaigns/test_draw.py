"""A drawn list: who is on it and why, what freezes it, and that nobody is served twice."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
import sqlalchemy as sa

from talentpool.campaigns import draw
from talentpool.campaigns.lists import find, read_rows
from talentpool.campaigns.round import Round
from talentpool.campaigns.selection.content import digests, hash_rows
from talentpool.declare import Campaign
from talentpool.declare.stock import Stock
from talentpool.errors import UsageError
from talentpool.guard import KeyRing
from talentpool.model import list_file, notice, pool_person, source_record, target_list, target_row
from talentpool.office import Office
from talentpool.settings import Settings

AS_OF = date(2026, 10, 31)


def _reasons(engine: sa.Engine, list_id: int) -> dict[object, str]:
    with engine.connect() as conn:
        return {row.person_id: row.reason for row in read_rows(conn, list_id)}


def test_everybody_in_the_pool_has_a_row_and_a_reason(
    engine: sa.Engine, keys: KeyRing, settings: Settings, city, warm_winter: Campaign
) -> None:
    expected = {
        city.person("甲乙丙一"): "eligible",
        city.person("甲乙丙二", birth_date=date(1990, 11, 1)): "eligible",
        city.person("甲乙丙三", birth_date=date(1990, 10, 31)): "age_outside",
        city.person("甲乙丙四", birth_date=None): "age_unknown",
        city.person("甲乙丙五", pool_active=False): "not_active",
        city.person("甲乙丙六", weak_identity=True): "weak_identity",
        city.person("甲乙丙七", pool_home_county=None): "county_unknown",
        city.person("甲乙丙八", notice_version="v9"): "no_notice",
    }
    drawn = draw(Office(engine, settings, keys), warm_winter, AS_OF)
    assert _reasons(engine, drawn.list_id) == expected
    assert (drawn.state, drawn.eligible, drawn.selected) == ("draft", 2, 2)
    assert drawn.excluded == dict.fromkeys(sorted(set(expected.values()) - {"eligible"}), 1)
    assert drawn.files == []


def test_only_a_notice_that_names_the_purpose_covers_a_person(
    engine: sa.Engine, keys: KeyRing, settings: Settings, city, warm_winter: Campaign
) -> None:
    with engine.begin() as conn:
        conn.execute(
            notice.insert(), [{"version": "v2", "purpose": "registry"}, {"version": "v3", "purpose": "warm_winter"}]
        )
    out, covered = city.person("甲乙丙一", notice_version="v2"), city.person("甲乙丙二", notice_version="v3")
    drawn = draw(Office(engine, settings, keys), warm_winter, AS_OF)
    assert _reasons(engine, drawn.list_id) == {out: "no_notice", covered: "eligible"}


def test_a_locked_list_drawn_again_is_the_same_list_whatever_the_pool_says_by_then(
    engine: sa.Engine, keys: KeyRing, settings: Settings, city, warm_winter: Campaign, tmp_path: Path
) -> None:
    city.person("甲乙丙一")
    first = draw(Office(engine, settings, keys), warm_winter, AS_OF, lock=True, out=tmp_path / "one")
    city.person("甲乙丙二")
    changed = warm_winter.model_copy(update={"item": "别的东西"})
    again = draw(Office(engine, settings, keys), changed, AS_OF, lock=True, out=tmp_path / "two")
    assert (again.list_id, again.content_hash, again.selected) == (first.list_id, first.content_hash, 1)
    names = [Path(file).name for file in first.files]
    assert names == [Path(file).name for file in again.files] != []
    for name in names:
        assert (tmp_path / "one" / name).read_bytes() == (tmp_path / "two" / name).read_bytes()


def test_the_rows_of_a_list_reproduce_its_hash(
    engine: sa.Engine, keys: KeyRing, settings: Settings, city, warm_winter: Campaign
) -> None:
    city.person("甲乙丙一")
    city.person("甲乙丙二", birth_date=None)
    drawn = draw(Office(engine, settings, keys), warm_winter, AS_OF)
    drawn_for = Round.on(warm_winter, AS_OF)
    with engine.connect() as conn:
        stored = find(conn, drawn.list_id)
        again = hash_rows(conn, drawn_for.head, digests(target_row))
        assert again == drawn.content_hash == stored.passport["content_hash"]
    with engine.begin() as conn:
        conn.exec_driver_sql("set local session_replication_role = replica")  # past the lock of a list
        conn.execute(target_row.update().values(station="别处"))
        assert hash_rows(conn, drawn_for.head, digests(target_row)) != drawn.content_hash


def test_a_cycle_takes_no_second_list_of_another_date(
    engine: sa.Engine, keys: KeyRing, settings: Settings, city, warm_winter: Campaign
) -> None:
    city.person("甲乙丙一")
    drawn = draw(Office(engine, settings, keys), warm_winter, AS_OF, lock=True)
    with pytest.raises(UsageError, match=f"locked as list {drawn.list_id} with as-of 2026-10-31.*served once"):
        draw(Office(engine, settings, keys), warm_winter, date(2026, 11, 20), lock=True)


def test_a_draft_is_replaced_when_the_pool_changed_and_kept_when_it_did_not(
    engine: sa.Engine, keys: KeyRing, settings: Settings, city, warm_winter: Campaign, tmp_path: Path
) -> None:
    out = tmp_path / "lists"
    city.person("甲乙丙一")
    first = draw(Office(engine, settings, keys), warm_winter, AS_OF, out=out)
    assert draw(Office(engine, settings, keys), warm_winter, AS_OF, out=out).list_id == first.list_id
    city.person("甲乙丙二", county="140430", station="沁县站")
    with engine.begin() as conn:
        conn.execute(pool_person.delete().where(pool_person.c.person_id == city.people["甲乙丙一"]))
    second = draw(Office(engine, settings, keys), warm_winter, AS_OF, out=out)
    assert second.list_id != first.list_id
    assert sorted(path.name for path in out.iterdir()) == sorted(Path(file).name for file in second.files)
    with engine.connect() as conn:
        assert list(conn.scalars(sa.select(target_list.c.list_id))) == [second.list_id]
        kept = set(conn.scalars(sa.select(list_file.c.name)))
    assert kept == {Path(file).name for file in second.files}
    with engine.connect() as conn, pytest.raises(UsageError, match="没有名单"):
        find(conn, first.list_id)


def test_nobody_is_served_twice_for_one_purpose_even_under_a_new_person_id(
    engine: sa.Engine, keys: KeyRing, settings: Settings, city, warm_winter: Campaign
) -> None:
    served, merged_away = city.person("甲乙丙一"), city.person("甲乙丙二")
    draw(Office(engine, settings, keys), warm_winter, AS_OF, lock=True)
    with engine.begin() as conn:
        conn.execute(pool_person.delete().where(pool_person.c.person_id == merged_away))
    new_id, newcomer = city.person("甲乙丙三"), city.person("甲乙丙四")
    city.merge(merged_away, new_id)
    second = warm_winter.model_copy(update={"code": "warm_winter_more"})
    drawn = draw(Office(engine, settings, keys), second, AS_OF)
    assert _reasons(engine, drawn.list_id) == {
        served: "served_already", new_id: "served_already", newcomer: "eligible",
    }  # fmt: skip


def test_a_short_stock_is_shared_by_a_lottery_that_repeats_under_equal_keys(
    engine: sa.Engine, keys: KeyRing, settings: Settings, city, warm_winter: Campaign
) -> None:
    for number in range(30):
        city.person(f"甲乙丙{number}")
    few = warm_winter.model_copy(update={"stock": Stock(total=10)})
    drawn = draw(Office(engine, settings, keys), few, AS_OF)
    assert (drawn.eligible, drawn.selected, drawn.excluded) == (30, 10, {"stock_short": 20})

    def chosen(list_id: int) -> set[object]:
        return {person for person, reason in _reasons(engine, list_id).items() if reason == "eligible"}

    first = chosen(drawn.list_id)
    other_cycle = few.model_copy(update={"occasion": few.occasion.model_copy(update={"month": 9, "day": 1})})
    assert chosen(draw(Office(engine, settings, keys), few, AS_OF).list_id) == first
    assert chosen(draw(Office(engine, settings, keys), other_cycle, AS_OF).list_id) != first


def test_an_empty_pool_is_not_frozen(
    engine: sa.Engine, keys: KeyRing, settings: Settings, city, warm_winter: Campaign
) -> None:
    with pytest.raises(UsageError, match="没有人入选"):
        draw(Office(engine, settings, keys), warm_winter, AS_OF, lock=True)
    assert draw(Office(engine, settings, keys), warm_winter, AS_OF).selected == 0


def test_plain_files_leave_under_the_demo_profile_only(
    engine: sa.Engine, keys: KeyRing, settings: Settings, city, warm_winter: Campaign, tmp_path: Path
) -> None:
    city.person("甲乙丙一")
    production = settings.model_copy(update={"profile": "production"})
    with pytest.raises(UsageError, match="--recipient"):
        draw(Office(engine, production, keys), warm_winter, AS_OF, lock=True, out=tmp_path / "out")
    assert not (tmp_path / "out").exists()
    assert draw(Office(engine, production, keys), warm_winter, AS_OF, lock=True).files == []


def test_facts_on_the_as_of_count_not_what_came_later(
    engine: sa.Engine, keys: KeyRing, settings: Settings, city, warm_winter: Campaign
) -> None:
    """A record version that is valid only after the as-of says nothing about the notice on it."""
    person = city.person("甲乙丙一")
    with engine.begin() as conn:
        conn.execute(source_record.update().values(valid_from=date(2026, 11, 30)))
    drawn = draw(Office(engine, settings, keys), warm_winter, AS_OF)
    assert _reasons(engine, drawn.list_id) == {person: "no_notice"}
