"""Matching, pool and list together on real tables: a missing Pool(D) is built, late data makes a new draft."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
import sqlalchemy as sa

import talentpool.pool
from talentpool.campaigns import draw
from talentpool.declare import Campaign
from talentpool.guard import KeyRing
from talentpool.model import pool_snapshot
from talentpool.office import Office
from talentpool.report import quality, render
from talentpool.settings import Settings

AS_OF = date(2026, 10, 31)


@pytest.fixture
def real_pool(city, monkeypatch: pytest.MonkeyPatch, engine: sa.Engine):
    """The city's records without the pool that the other tests write by hand."""
    monkeypatch.setattr("talentpool.campaigns.drawing.snapshot", talentpool.pool.snapshot)
    with engine.begin() as conn:
        conn.execute(pool_snapshot.delete())
        conn.execute(sa.text("update delivery set publish_seq = nextval('publish_seq_seq')"))
    return city


def test_a_missing_pool_is_built_and_its_people_are_listed(
    engine: sa.Engine, keys: KeyRing, settings: Settings, real_pool, warm_winter: Campaign, tmp_path: Path
) -> None:
    real_pool.record("postal", "1", "欧阳试一")
    real_pool.record("postal", "2", "欧阳试二", birth_date=date(1980, 1, 1))
    real_pool.record("didi", "3", "司马试三", county="140430", station="")
    first = draw(Office(engine, settings, keys), warm_winter, AS_OF, out=tmp_path)
    assert (first.eligible, first.excluded) == (2, {"age_outside": 1})
    assert {Path(file).name.split("_")[4].removesuffix(".xlsx") for file in first.files} == {"140403", "140430"}

    assert draw(Office(engine, settings, keys), warm_winter, AS_OF).list_id == first.list_id
    with engine.connect() as conn:
        assert conn.scalar(sa.select(sa.func.count()).select_from(pool_snapshot)) == 1
    figures = quality(Office(engine, settings))
    assert figures.pool is not None
    assert (figures.pool.people, figures.pool.youth) == (3, 2)
    assert [line.label for line in figures.pool.by_band.lines] == ["26-35", "46-59"]
    assert "潞州区" in render(figures)


def test_records_that_come_later_are_on_the_next_draft(
    engine: sa.Engine, keys: KeyRing, settings: Settings, real_pool, warm_winter: Campaign
) -> None:
    real_pool.record("postal", "1", "欧阳试一")
    first = draw(Office(engine, settings, keys), warm_winter, AS_OF)
    real_pool.record("postal", "2", "上官验二", mobile="13900139000", changed_seq=99)
    with engine.begin() as conn:
        conn.execute(sa.text("update delivery set publish_seq = 99 where partner = 'postal'"))
    second = draw(Office(engine, settings, keys), warm_winter, AS_OF, lock=True)
    assert (first.selected, second.selected) == (1, 2)
    assert first.list_id != second.list_id
    assert draw(Office(engine, settings, keys), warm_winter, AS_OF, lock=True).content_hash == second.content_hash
