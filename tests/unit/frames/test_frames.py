"""Frames: who gets which rows, that nobody is named in them, and that every one is on record before it is handed over."""

from __future__ import annotations

import re
import subprocess
import sys
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
import sqlalchemy as sa

from databases import Twins
from rosters import TODAY, Office, person
from talentpool import frames
from talentpool.errors import RefusedError, UsageError
from talentpool.frames import Viewer, tables
from talentpool.guard import Scope, add_officer, console_engine, gather, remove_officer, scope_of, scoped
from talentpool.match import match
from talentpool.model import consent_end, use_stop
from talentpool.pool import snapshot
from talentpool.report import quality
from talentpool.services.desk.counts import side_counts
from talentpool.settings import Settings

OURS, THEIRS = "140403", "140404"
DAY = date(2026, 10, 31)
HERS = person(1, name="欧阳槿翊", county=OURS, station="槿花路站")
PAGE = Path(__file__).resolve().parents[3] / "docs" / "frames.md"
MADE = {"pool": frames.pool, "deliveries": frames.deliveries, "quality": frames.quality}


@pytest.fixture(scope="module")
def city(twins: Twins) -> Office:
    """Two counties; person 1 works in both, for two partners; person 3 left; person 4's row was set aside."""
    office = twins.office()
    mine = [HERS, *(person(n, county=OURS) for n in (2, 3)), person(4, county=OURS, hired_on="2999-01-01")]
    office.deliver("2026-09-30", [*mine, person(5, county=THEIRS, document_no="", birth_date="1960-05-05")])
    mine[2] = person(3, county=OURS, left_on="2026-10-15")
    office.deliver("2026-10-31", [*mine, person(5, county=THEIRS, document_no="", birth_date="1960-05-05")])
    office.deliver("2026-10-31", [HERS | {"county": THEIRS, "staff_no": "Z1"}], partner="meituan")
    match(office.engine, office.keys)
    snapshot(office, DAY)
    return office


@pytest.fixture
def pages(city: Office) -> Iterator[sa.Engine]:
    engine = console_engine(city.settings)
    yield engine
    engine.dispose()


def viewer(engine: sa.Engine, office: Office, role: str) -> Viewer:
    """A user nobody has been before, by the pages' login."""
    return Viewer(engine, scope_of(f"u{uuid.uuid4().hex[:12]}", frozenset({role})), office.settings)


@contextmanager
def own_login(office: Office, role: str) -> Iterator[tuple[str, Settings]]:
    name = f"f{uuid.uuid4().hex[:12]}"
    with office.engine.begin() as conn:
        password = add_officer(conn, name, role, counties=[OURS, THEIRS], by="admin")
    url = office.engine.url.set(username=f"officer_{name}", password=password).render_as_string(hide_password=False)
    yield name, office.settings.model_copy(update={"officer_database_url": url})
    with office.engine.begin() as conn:
        if office.ask("select 1 from officer where name = :n and removed_at is null", n=name):
            remove_officer(conn, name, by="admin")


def log_of(office: Office, actor: str) -> list[tuple]:
    with office.engine.connect() as conn:
        gather(conn)
    return office.ask(
        "select action, subject, reason, scope, details from audit_log where actor = :a order by seq", a=actor
    )


def documented() -> dict[str, dict[str, str]]:
    """Frame -> its index and columns with their dtypes, as docs/frames.md says."""
    parts = re.findall(r"^## `(\w+)`: index `(\w+)` \((\w+)\)\n(.*?)(?=^## |\Z)", PAGE.read_text("utf-8"), re.M | re.S)
    return {
        name: {index: kind} | dict(re.findall(r"^\| `(\w+)` \| ([^|]+?) \|", text, re.M))
        for name, index, kind, text in parts
    }


def types(frame: pd.DataFrame) -> dict[str, str]:
    return {frame.index.name: str(frame.index.dtype)} | {name: str(kind) for name, kind in frame.dtypes.items()}


def test_the_city_gets_everybody_and_a_county_those_whom_it_serves(city: Office, pages: sa.Engine) -> None:
    whole = frames.pool(viewer(pages, city, "city_officer"), DAY)
    assert sorted(whole["status"]) == ["active", "active", "active", "left"]
    assert set(whole["partners"].dropna()) == {"didi", "didi|meituan"}
    assert set(whole["counties"].dropna()) == {OURS, THEIRS, f"{OURS}|{THEIRS}"}
    assert (whole["age_band"] > "46-59").sum() == 1, "bands have an order"
    (home,) = whole[whole["partners"] == "didi|meituan"]["home_county"]
    for county, other in ((OURS, THEIRS), (THEIRS, OURS)):
        side = frames.pool(viewer(pages, city, f"county_officer_{county}"), DAY)
        assert len(side) == (whole["home_county"] == county).sum() > 0
        assert set(side["home_county"]) == {county}
        assert other not in side.to_csv(), "nothing of another county, of a person who is seen there too either"
        assert (side["partners"] == "didi").any() or county != home


def test_a_frame_names_nobody(city: Office, pages: sa.Engine) -> None:
    known = [value for row in (HERS, person(2), person(3), person(5)) for key, value in row.items()
             if key in ("staff_no", "name", "document_no", "mobile", "station", "hired_on") and value]  # fmt: skip
    ids = city.ask("select person_id::text from person union select record_id::text from source_record")
    born = city.ask("select distinct birth_date::text from pool_person where birth_date is not null")
    secret = {*known, *(value for (value,) in [*ids, *born])}
    assert len(secret) > 20
    for make in MADE.values():
        frame = make(viewer(pages, city, "city_officer"), DAY)
        assert len(frame)
        told = frame.to_csv() + str(frame.attrs) + "".join(
            map(str, (c for name in frame.select_dtypes("category") for c in frame[name].cat.categories))
        )  # fmt: skip
        assert [value for value in secret if value in told] == []


@pytest.mark.parametrize("name", MADE)
def test_dtypes_are_as_documented_with_rows_and_without(
    city: Office, pages: sa.Engine, twins: Twins, name: str
) -> None:
    page = documented()[name]
    assert len(page) > 5
    assert types(MADE[name](viewer(pages, city, "city_officer"), DAY)) == page
    empty = twins.office()
    with empty.engine.begin() as conn:
        conn.execute(sa.text("insert into pool_snapshot (as_of, version, area, partners, people, content_hash)"
                             " values ('2026-10-31', 1, '140400', '{}', 0, '')"))  # fmt: skip
    engine = console_engine(empty.settings)
    frame = MADE[name](viewer(engine, empty, "city_officer"), DAY)
    engine.dispose()
    assert (len(frame), types(frame)) == (0, page)


def test_no_id_of_a_frame_is_one_of_another(city: Office, pages: sa.Engine) -> None:
    me = viewer(pages, city, "city_officer")
    several = [frames.pool(me, DAY) for _ in range(12)]
    assert len({number for frame in several for number in frame.index}) == sum(map(len, several))
    assert len({tuple(frame["home_county"].astype(str) + frame["status"].astype(str)) for frame in several}) > 1
    assert len({frame.attrs["frame"] for frame in several}) == 12


def test_a_frame_is_on_record_by_an_officers_own_login(city: Office) -> None:
    with own_login(city, f"county_officer_{OURS}") as (name, settings), frames.own_login(settings) as me:
        frame = frames.pool(me, date(2026, 11, 30))
        assert set(frame["home_county"]) == {OURS}
        wider = Viewer(me.engine, Scope(name, frozenset({"city_officer"}), None), settings)
        with pytest.raises(RefusedError, match="您的角色"):
            frames.pool(wider, DAY)
        looked, refused = log_of(city, name)
        with city.engine.begin() as conn:
            remove_officer(conn, name, by="admin")
    assert looked[:4] == ("view", "frame:pool:2026-11-30", "", OURS)
    assert looked[4] == {"frame": frame.attrs["frame"], "as_of": "2026-11-30", "rows": len(frame),
                         "pool_as_of": "2026-10-31", "pool_version": "1"}  # fmt: skip
    assert refused[:3] == ("refused", "frame:pool:2026-10-31", "frame: role")


@pytest.mark.parametrize(
    ("role", "may"),
    [
        ("city_officer", {"pool", "deliveries", "quality"}), ("city_approver", {"pool", "deliveries", "quality"}),
        (f"county_officer_{OURS}", {"pool"}), ("auditor", {"deliveries", "quality"}), ("operator", {"deliveries", "quality"}),
        ("Admin", {"deliveries", "quality"}), ("Viewer", set()),
    ],
)  # fmt: skip
def test_a_role_gets_what_its_pages_show_and_a_refusal_for_the_rest(
    city: Office, pages: sa.Engine, role: str, may: set[str]
) -> None:
    me = viewer(pages, city, role)
    for name, make in MADE.items():
        if name in may:
            assert len(make(me, DAY))
        else:
            with pytest.raises(RefusedError, match="您的角色不能取这张数据表"):
                make(me, DAY)
    lines = {(action, subject) for action, subject, *_ in log_of(city, me.scope.actor)}
    assert lines == {("view" if name in may else "refused", f"frame:{name}:{DAY}") for name in MADE}


def test_the_database_keeps_counts_of_deliveries_from_a_county_whatever_the_code_asks(
    city: Office, pages: sa.Engine
) -> None:
    for role, some in ((f"county_officer_{OURS}", False), ("Viewer", False), ("auditor", True), ("city_officer", True)):
        with scoped(pages, viewer(pages, city, role).scope) as conn:
            assert bool(conn.execute(sa.text("select * from delivery_figures")).all()) == some, role
    with pages.connect() as conn:
        assert conn.execute(sa.text("select * from delivery_figures")).all() == []


def test_a_frame_is_loaded_where_it_is_made() -> None:
    """pandas takes a third of a second: what imports this, the command line first of all, mostly makes no frame."""
    program = "import sys, talentpool.__main__, talentpool.frames; print('pandas' in sys.modules)"
    assert (
        subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout == "False\n"
    )


def test_the_tasks_login_is_nobodys(city: Office) -> None:
    with pytest.raises(RefusedError, match="不属于您"):
        frames.pool(viewer(city.engine, city, "city_officer"), DAY)


def test_roles_that_exclude_each_other_get_nothing(city: Office, pages: sa.Engine) -> None:
    me = Viewer(pages, scope_of("both", frozenset({"city_officer", "auditor"})), city.settings)
    for make in MADE.values():
        with pytest.raises(RefusedError):
            make(me, DAY)


@pytest.mark.parametrize("as_of", [date(2026, 8, 31), date(2999, 1, 1)])
def test_a_date_without_a_pool_is_said(city: Office, pages: sa.Engine, as_of: date) -> None:
    me = viewer(pages, city, "city_officer")
    with pytest.raises(UsageError, match="最早的人才库是 2026-10-31" if as_of < TODAY else "数据表"):
        frames.pool(me, as_of)
    assert log_of(city, me.scope.actor) == []


def test_who_is_out_of_use_since_the_pool_was_made_is_in_no_frame(city: Office, pages: sa.Engine) -> None:
    me = viewer(pages, city, f"county_officer_{OURS}")
    before = frames.pool(me, DAY)
    one = "record_id = (select home_record from pool_person where home_county = :county and active limit 1)"
    with city.engine.begin() as conn:
        conn.execute(sa.text(f"update source_record set status = 'suspended' where {one}"), {"county": OURS})
    try:
        assert len(frames.pool(me, DAY)) == len(before) - 1
    finally:
        with city.engine.begin() as conn:
            conn.execute(sa.text("update source_record set status = 'active' where status = 'suspended'"))


def test_who_is_left_out_leaves_no_category_behind(city: Office, pages: sa.Engine) -> None:
    me = viewer(pages, city, f"county_officer_{OURS}")
    one = "select person_id, occupation from pool_person where home_county = :county and active order by person_id limit 1"
    change = "update pool_person set occupation = :o, active = :a where person_id = :p"
    seen = "update pool_presence set status = :s where person_id = :p"
    with city.engine.connect() as conn:
        person, occupation = conn.execute(sa.text(one), {"county": OURS}).one()
    before = len(frames.pool(me, DAY))
    with city.engine.begin() as conn:
        conn.execute(sa.text(change), {"o": "only_one", "a": False, "p": person})
        conn.execute(sa.text(seen), {"s": "suspended", "p": person})
    try:
        frame = frames.pool(me, DAY)
        assert len(frame) == before - 1 and "only_one" not in frame["occupation"].cat.categories
    finally:
        with city.engine.begin() as conn:
            conn.execute(sa.text(change), {"o": occupation, "a": True, "p": person})
            conn.execute(sa.text(seen), {"s": "active", "p": person})


def test_a_date_of_another_kind_is_refused_in_words(city: Office, pages: sa.Engine) -> None:
    for given in (pd.Timestamp("2026-10-31"), "2026-10-31", None):
        with pytest.raises(UsageError, match="date"):
            frames.pool(viewer(pages, city, "city_officer"), given)  # type: ignore[arg-type]


def test_who_was_stopped_and_left_the_roster_since_is_in_no_frame_either(city: Office, pages: sa.Engine) -> None:
    """The record is `left` by then, no longer `suspended`: what ended its consent is asked, and what the person asked."""
    me = viewer(pages, city, f"county_officer_{OURS}")
    before = len(frames.pool(me, DAY))
    two = "select home_record from pool_person where home_county = :county and active order by home_record limit 2"
    with city.engine.connect() as conn:
        ended, asked = conn.scalars(sa.text(two), {"county": OURS}).all()
        partner = conn.scalar(sa.text("select partner from source_record where record_id = :r"), {"r": ended})
        delivery = conn.scalar(sa.text("select max(delivery_id) from delivery"))
    facts = {"partner": partner, "record_id": ended, "as_of": DAY, "delivery_id": delivery, "cause": "withdrawn"}
    with city.engine.begin() as conn:
        conn.execute(consent_end.insert(), facts)
        conn.execute(use_stop.insert(), {"request_id": 10**6, "record_id": asked, "purpose": ""})
        gone = sa.text("update source_record set status = 'left' where record_id = any(:them)")
        conn.execute(gone, {"them": [ended, asked]})
    try:
        assert len(frames.pool(me, DAY)) == before - 2
    finally:
        with city.engine.begin() as conn:
            conn.execute(consent_end.delete().where(consent_end.c.record_id == ended))
            conn.execute(use_stop.delete().where(use_stop.c.record_id == asked))
            back = sa.text("update source_record set status = 'active' where record_id = any(:them)")
            conn.execute(back, {"them": [ended, asked]})


def test_quality_counts_what_the_report_counts(city: Office, pages: sa.Engine) -> None:
    me = viewer(pages, city, "auditor")
    came, said = frames.deliveries(me, DAY), frames.quality(me, DAY)
    report = {one.delivery_id: one for one in quality(city).deliveries}
    assert came[["rows", "accepted", "quarantined", "refused"]].to_dict("index") == {
        number: {name: getattr(one, name) for name in ("rows", "accepted", "quarantined", "refused")}
        for number, one in report.items()
    }
    codes = said.set_index(["delivery", "code"])["rows"].to_dict()
    assert codes == {(n, r.code): r.count for n, one in report.items() for r in (*one.reasons, *one.notes)}
    assert "quarantined" in set(said["outcome"])


def test_the_reports_cross_tabs_are_the_figures_that_were_counted_with_the_snapshot(city: Office) -> None:
    """Two ways to one figure: the frame here, SQL in pool_count."""
    found = quality(city).pool
    with city.engine.connect() as conn:
        counted = side_counts(conn, city.settings)
    assert found is not None and counted is not None and found.people == 3
    for name, other in (("by_home", "by_home"), ("by_county", "by_seen"), ("by_partner", "by_partner"),
                        ("by_band", "by_band"), ("by_occupation", "by_occupation")):  # fmt: skip
        assert getattr(found, name) == getattr(counted, other), name
    assert (found.youth, found.weak, found.left, found.several) == (
        counted.youth, counted.weak, counted.left, counted.several,
    )  # fmt: skip


def test_a_cell_of_several_codes_counts_in_each_line_and_an_empty_one_in_its_own() -> None:
    frame = pd.DataFrame({"at": ["a|b", "a", None, "|b", "a"], "youth": [True, False, True, True, False]})
    for kind in ("category", "str"):
        found = tables.cross_tab(frame.astype({"at": kind, "youth": "boolean"}), "at")
        assert found.to_dict("index") == {
            "": {"people": 2, "youth": 2}, "a": {"people": 3, "youth": 1}, "b": {"people": 2, "youth": 2}
        }  # fmt: skip


def test_the_example_of_the_page_runs(city: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    (example,) = re.findall(r"```python\n(.*?)```", PAGE.read_text("utf-8"), re.S)
    with own_login(city, "city_officer") as (_, settings):
        monkeypatch.setenv("TALENTPOOL_OFFICER_DATABASE_URL", str(settings.officer_database_url))
        made: dict[str, Any] = {}
        exec(compile(example, str(PAGE), "exec"), made)
    assert made["by_band"].to_numpy().sum() == 3
    assert set(made["by_band"].index) == {"潞州区", "上党区"}
    assert made["on_several"] == 1


def test_only_tables_of_nobody_are_given_as_reference(city: Office, pages: sa.Engine) -> None:
    me = viewer(pages, city, f"county_officer_{OURS}")
    division = frames.reference(me, "division").set_index(["code", "status"])
    assert (division.loc[(OURS, "current"), "name"], str(division["from_year"].dtype)) == ("潞州区", "Int64")
    for name in ("contact", "station", "recipient", "person"):
        with pytest.raises(UsageError, match="没有参考表"):
            frames.reference(me, name)
