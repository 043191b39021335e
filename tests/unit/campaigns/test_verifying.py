"""A locked list is rebuilt from history whatever happened since; what was tampered with, and what was erased, shows as counts."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from talentpool.campaigns import draw
from talentpool.campaigns.forgetting import forget_in_lists
from talentpool.campaigns.lists import find, read_rows
from talentpool.campaigns.selection.content import hash_of_before
from talentpool.campaigns.verifying import verify_list
from talentpool.declare import Campaign
from talentpool.declare.stock import Stock
from talentpool.guard import KeyRing
from talentpool.model import (
    delivery,
    notice,
    person_event,
    pool_person,
    pool_presence,
    reference_change,
    source_record,
    source_record_history,
    target_list,
    target_row,
    use_stop,
)
from talentpool.office import Office
from talentpool.settings import Settings

AS_OF = date(2026, 10, 31)
BEFORE = date(2025, 12, 10)
SAID = {"only_on_list": 0, "only_rebuilt": 0, "decided_otherwise": 0, "served_elsewhere": 0, "other_facts": 0}


@pytest.fixture
def office(engine: sa.Engine, settings: Settings, keys: KeyRing) -> Office:
    return Office(engine, settings, keys)


@pytest.fixture
def few(warm_winter: Campaign) -> Campaign:
    return warm_winter.model_copy(update={"stock": Stock(total=5)})


def _people(city: Any) -> None:
    for number in range(5):
        city.person(f"河边{number}")
        city.person(f"山上{number}", "didi", county="140404", station="西街站")
    city.person("年长", birth_date=date(1970, 1, 1), age=56)


def _tampered(engine: sa.Engine, **values: Any) -> None:
    """One row of the newest list, past the triggers that hold a locked list."""
    with engine.begin() as conn:
        conn.exec_driver_sql("alter table target_row disable trigger user")
        newest = sa.select(sa.func.max(target_list.c.list_id)).scalar_subquery()
        one = sa.select(sa.func.min(sa.cast(target_row.c.person_id, sa.Text))).where(
            target_row.c.list_id == newest, target_row.c.selected
        )
        conn.execute(
            target_row.update()
            .where(target_row.c.list_id == newest, sa.cast(target_row.c.person_id, sa.Text) == one.scalar_subquery())
            .values(**values)
        )
        conn.exec_driver_sql("alter table target_row enable trigger user")


def test_a_list_is_rebuilt_whatever_was_learned_since(office: Office, city: Any, few: Campaign) -> None:
    """A stop, a list of an earlier day, a merge, a backfilled roster and a notice: none was known when it was drawn."""
    _people(city)
    with city.engine.begin() as conn:
        conn.execute(source_record.update().values(valid_from=BEFORE))
    drawn = draw(office, few, AS_OF, lock=True)
    draw(office, few, BEFORE, lock=True)
    one, other, third = (city.people[name] for name in ("河边0", "河边1", "河边2"))
    with city.engine.begin() as conn:
        record = conn.scalar(sa.select(pool_person.c.home_record).where(pool_person.c.person_id == one))
        conn.execute(use_stop.insert().values(request_id=1, record_id=record))
        conn.execute(person_event.insert().values(kind="merge", person_id=other, other_id=third, cause="test"))
        late = conn.execute(
            delivery.insert().returning(delivery.c.delivery_id).values(
                partner="postal", as_of=AS_OF, kind="full", sha256="late", bytes=1, source_name="late.csv", form="own",
                state="published", effect="history", wrapped_key=b"", rules_version=1, declaration_hash="",
                published_at=sa.func.clock_timestamp(), publish_seq=77,
            )
        ).scalar_one()  # fmt: skip
        names = [
            c.name for c in source_record_history.c if c.name not in ("delivery_id", "valid_to", "sex", "valid_from")
        ]
        copied = sa.select(
            *(source_record.c[name] for name in names), sa.literal(late), sa.literal(2), sa.literal(AS_OF),
            sa.literal(date(2027, 1, 1)),
        ).where(source_record.c.partner == "postal")  # fmt: skip
        conn.execute(
            source_record_history.insert().from_select([*names, "delivery_id", "sex", "valid_from", "valid_to"], copied)
        )
        row = {"version": "v1", "purpose": few.purpose, "published_on": None}
        conn.execute(notice.delete().where(notice.c.version == "v1", notice.c.purpose == few.purpose))
        conn.execute(
            reference_change.insert().values(
                table_name="notice", version=99, key={"version": "v1", "purpose": few.purpose}, before=row, after=None,
                changed_by="test", reason="test",
            )
        )  # fmt: skip
    city.merge(third, other)
    done = verify_list(office, drawn.list_id)
    assert (done.equal, done.rows, done.hash, done.said, done.notes) == (True, SAID, "equal", "一致", [])
    assert (done.people, done.selected, done.rebuilt_selected, done.erased) == (11, 5, 5, 0)


@pytest.mark.parametrize(
    ("values", "kind"),
    [
        ({"reason": "stock_short", "selected": False}, "decided_otherwise"),
        ({"station": "别处"}, "served_elsewhere"),
        ({"facts": sa.text("facts || '{\"age\": 17}'")}, "other_facts"),
        ({"facts": sa.text("facts || '{\"place\": 4}'")}, "other_facts"),
    ],
)
def test_a_row_that_was_changed_shows_by_its_kind_and_names_nobody(
    office: Office, city: Any, few: Campaign, values: dict[str, Any], kind: str
) -> None:
    _people(city)
    drawn = draw(office, few, AS_OF, lock=True)
    _tampered(city.engine, **values)
    done = verify_list(office, drawn.list_id)
    assert (done.equal, done.rows, done.hash) == (False, SAID | {kind: 1}, "differs")
    assert done.said == "不一致：1 行不同"
    told = str(done.as_json())
    assert not any(str(person) in told for person in city.people.values())


def test_a_person_that_the_pool_never_had_and_one_who_was_left_out(office: Office, city: Any, few: Campaign) -> None:
    _people(city)
    drawn = draw(office, few, AS_OF, lock=True)
    with city.engine.begin() as conn:
        for table in (pool_presence, pool_person):
            conn.execute(table.delete().where(table.c.person_id == city.people["年长"]))
    city.person("新来", birth_date=date(1960, 1, 1))
    done = verify_list(office, drawn.list_id)
    assert (done.equal, done.rows) == (False, SAID | {"only_on_list": 1, "only_rebuilt": 1})


@hypothesis_settings(max_examples=6, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(gone=st.sets(st.sampled_from(["河边0", "河边1", "河边2", "山上0", "山上4", "年长"]), min_size=1))
def test_after_erasures_the_rest_is_equal_and_the_rest_of_a_group_keeps_its_order(
    office: Office, city: Any, few: Campaign, gone: set[str]
) -> None:
    if not city.people:
        _people(city)
        draw(office, few, AS_OF, lock=True)
    with city.engine.connect() as conn, pytest.MonkeyPatch.context() as patch:
        for name in gone:
            person = city.people[name]
            forget_in_lists(conn, person, [])
            for table in (pool_presence, pool_person):
                conn.execute(table.delete().where(table.c.person_id == person))
        inside = office.engine.__class__
        patch.setattr(inside, "connect", lambda _self: _Open(conn))
        done = verify_list(office, 1)
        patch.undo()
        assert (done.equal, done.rows, done.hash, done.erased) == (True, SAID, "not comparable", len(gone))
        assert done.said == f"一致，另有 {len(gone)} 人信息已删除，不能重现"
        assert done.groups_equal and done.rebuilt_selected == done.selected == 5


class _Open:
    """The test's own transaction, which is rolled back by whoever is asked."""

    def __init__(self, conn: sa.Connection) -> None:
        self.conn = conn

    def __enter__(self) -> sa.Connection:
        return self.conn

    def __exit__(self, *_: object) -> None:
        self.conn.rollback()


def test_a_list_of_the_release_before_is_verified_by_its_own_hash(
    office: Office, city: Any, warm_winter: Campaign
) -> None:
    _people(city)
    drawn = draw(office, warm_winter, AS_OF)
    new = ("declaration", "hash_version", "rules_version", "occasion")
    with city.engine.begin() as conn:
        before = hash_of_before("warm_winter", "2026", AS_OF, warm_winter.hash, read_rows(conn, drawn.list_id))
        passport = {name: told for name, told in find(conn, drawn.list_id).passport.items() if name not in new}
        conn.execute(target_list.update().values(content_hash=before, passport=passport | {"content_hash": before}))
    done = verify_list(office, drawn.list_id)
    assert (done.equal, done.hash, done.rows) == (True, "equal", SAID)
    assert done.notes == ["名单未记录完整的活动声明，其余以现行声明核对"]
    _tampered(city.engine, reason="no_notice")
    assert verify_list(office, drawn.list_id).hash == "differs"


def test_nothing_is_written(office: Office, city: Any, few: Campaign) -> None:
    _people(city)
    drawn = draw(office, few, AS_OF, lock=True)
    with city.engine.connect() as conn:
        before = [str(row) for row in conn.execute(sa.text("select * from target_list")).all()]
    verify_list(office, drawn.list_id)
    with city.engine.connect() as conn:
        assert [str(row) for row in conn.execute(sa.text("select * from target_list")).all()] == before
        assert not conn.scalar(sa.text("select count(*) from pg_class where relname in ('drawn_row', 'judged_person')"))


def test_the_passport_tells_what_the_list_was_made_of(office: Office, city: Any, few: Campaign) -> None:
    _people(city)
    drawn = draw(office, few, AS_OF, lock=True, run="airflow:campaign__warm_winter/manual__1")
    with city.engine.connect() as conn:
        passport = find(conn, drawn.list_id).passport
    assert passport["run"] == "airflow:campaign__warm_winter/manual__1"
    assert Campaign.model_validate(passport["declaration"]).hash == passport["declaration_hash"] == few.hash
    assert passport["reasons"] == {"eligible": 5, "stock_short": 5, "age_outside": 1}
    assert [(each["partner"], each["as_of"], each["kind"]) for each in passport["deliveries"]] == [
        ("didi", "2026-10-31", "full"), ("postal", "2026-10-31", "full"),
    ]  # fmt: skip
    assert {"rules_version", "hash_version", "seed", "snapshot", "content_hash", "approvals"} <= passport.keys()
