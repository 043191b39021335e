"""A small pool: three counties, two partners, every way a person may be in or out. Names are invented."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date
from types import SimpleNamespace
from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa

from approvals import unapproved
from talentpool.campaigns import Approver, decide
from talentpool.declare import Campaign
from talentpool.guard import KeyRing, Personal, open_keys, record_id, seal_many
from talentpool.model import (
    delivery,
    person_redirect,
    pool_person,
    pool_presence,
    pool_snapshot,
    record_salt,
    source_record,
)
from talentpool.office import Office
from talentpool.settings import Settings

AS_OF, TODAY = date(2026, 10, 31), date(2026, 12, 31)
RIVER, HILL = "140403", "140404"


@dataclass
class City:
    """Puts people into the tables that the pool leaves behind."""

    engine: sa.Engine
    keys: KeyRing
    snapshot_id: int = 0
    people: dict[str, UUID] = field(default_factory=dict)
    deliveries: dict[str, int] = field(default_factory=dict)
    made: int = 0

    def open(self) -> None:
        data_key = self.keys.new_data_key()
        self._data_key = data_key.plain
        with self.engine.begin() as conn:
            partition = sa.text(
                "do $$ declare p text; begin foreach p in array array['postal', 'didi'] loop "
                "execute format('create table if not exists source_record_%s partition of source_record "
                "for values in (%L)', p, p); end loop; end $$"
            )
            conn.execute(partition)
            for partner in ("postal", "didi"):
                self.deliveries[partner] = conn.execute(
                    delivery.insert().returning(delivery.c.delivery_id),
                    {"partner": partner, "as_of": AS_OF, "kind": "full", "sha256": partner, "bytes": 1,
                     "source_name": "x.csv", "form": "own", "state": "published", "effect": "live",
                     "wrapped_key": data_key.wrapped, "rules_version": 1, "declaration_hash": ""},
                ).scalar_one()  # fmt: skip
            self.new_version(conn)

    def new_version(self, conn: sa.Connection) -> None:
        version = self.snapshot_id + 1
        self.snapshot_id = conn.execute(
            pool_snapshot.insert().returning(pool_snapshot.c.snapshot_id),
            {"as_of": AS_OF, "version": version, "area": "140400", "people": 0, "content_hash": f"v{version}",
             "partners": {"postal": {"as_of": str(AS_OF), "publish_seq": version}}},
        ).scalar_one()  # fmt: skip

    def record(self, partner: str, staff_no: str, name: str, **facts: Any) -> UUID:
        """One source record with its sealed person."""
        row = {
            "name_status": "ok", "document_type": "id_card", "id_number_status": "valid", "mobile_status": "ok",
            "mobile2_status": "empty", "birth_date": date(2000, 1, 1), "sex": 1, "county": RIVER,
            "station": "东街站", "occupation": "courier", "notice_version": "v1", "weak_identity": False,
            "mobile": "13800138000", "changed_seq": 1, **facts,
        }  # fmt: skip
        rid = record_id(self.keys, partner, staff_no)
        payload = Personal(name=name, name_original=name, mobile=row.pop("mobile")).pack()
        (sealed,), (salt,) = seal_many(self._data_key, [rid.bytes], [payload])
        with self.engine.begin() as conn:
            conn.execute(
                source_record.insert(),
                {"partner": partner, "record_id": rid, "staff_no": staff_no, "row_hash": rid, "sealed": sealed,
                 "delivery_id": self.deliveries[partner], "first_seen": AS_OF, "valid_from": AS_OF,
                 "status": "active", "spell_from": AS_OF, **row},
            )  # fmt: skip
            conn.execute(
                record_salt.insert(),
                {"delivery_id": self.deliveries[partner], "record_id": rid, "row_no": 1, "salt": salt},
            )
        return rid

    def person(self, name: str, partner: str = "postal", *, age: int | None = 26, **facts: Any) -> UUID:
        """A person known by one record; `pool_*` facts differ from the record's own. Returns the person id."""
        pooled = {key[5:]: facts.pop(key) for key in list(facts) if key.startswith("pool_")}
        self.made += 1
        staff_no = f"{partner}-{self.made}"
        rid = self.record(partner, staff_no, name, **facts)
        pid = UUID(int=rid.int ^ 1)
        self.people[name] = pid
        row = {
            "home_county": facts.get("county", RIVER), "home_partner": partner,
            "home_station": facts.get("station", "东街站"), "home_record": rid, "active": True,
            "weak_identity": facts.get("weak_identity", False), "birth_date": facts.get("birth_date", date(2000, 1, 1)),
            "age": age, "age_band": "26-35", "youth": True, "sex": facts.get("sex", 1),
            "occupation": facts.get("occupation", "courier"), "provenance": {}, **pooled,
        }  # fmt: skip
        with self.engine.begin() as conn:
            conn.execute(pool_person.insert(), {"snapshot_id": self.snapshot_id, "person_id": pid, **row})
            conn.execute(
                pool_presence.insert(),
                {"snapshot_id": self.snapshot_id, "record_id": rid, "person_id": pid, "partner": partner,
                 "county": row["home_county"], "station": row["home_station"], "status": "active",
                 "spell_from": AS_OF},
            )  # fmt: skip
        return pid

    def merge(self, old: UUID, new: UUID) -> None:
        with self.engine.begin() as conn:
            conn.execute(person_redirect.insert(), {"old_id": old, "new_id": new})


@pytest.fixture
def keys(settings: Settings, engine: sa.Engine) -> KeyRing:
    return open_keys(settings, engine)


@pytest.fixture
def city(engine: sa.Engine, keys: KeyRing, monkeypatch: pytest.MonkeyPatch) -> Iterator[City]:
    """An open city; its snapshot is the tables as the test fills them."""
    city = City(engine, keys)
    city.open()
    monkeypatch.setattr(
        "talentpool.campaigns.drawing.snapshot", lambda *_: SimpleNamespace(snapshot_id=city.snapshot_id)
    )
    yield city


@pytest.fixture
def warm_winter(settings: Settings) -> Campaign:
    return unapproved(settings)


@pytest.fixture
def town(city: Any, settings: Settings, keys: KeyRing) -> Office:
    """Two counties with people, none of whom the tests change unless they say so."""
    for number in range(3):
        city.person(f"河边{number}", county=RIVER)
    for number in range(2):
        city.person(f"山上{number}", county=HILL, station="西街站")
    return Office(city.engine, settings, keys)


@pytest.fixture
def careful(warm_winter: Campaign) -> Campaign:
    """As it ships: every county its share, then the city."""
    return warm_winter.model_copy(update={"approvals": ("county_officer", "city_approver")})


@pytest.fixture
def say(town: Office) -> Callable[..., Any]:
    def said(list_id: int, who: Approver, **more: Any) -> Any:
        return decide(town, list_id, who, today=TODAY, **more)

    return said
