"""The page 保存期限 in the real console, and what Airflow's side lets go: its database by `airflow db clean`, its logs."""

from __future__ import annotations

import os
import time
from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from browsers import browser
from console_office import Console
from drawn_lists import DAY
from talentpool.database import engine_of
from talentpool.errors import UnavailableError
from talentpool.services.retention import carry_out_all, place
from talentpool_airflow.retention import clean_database, clean_files

PAGE = "/console/retention"
HOLD = {"what": "partner", "which_partner": "didi", "until": "2027-06-30", "reason": "诉讼保全，文号 3", "sure": "yes"}


@pytest.fixture(scope="module")
def place_(listed: Console) -> Console:
    return listed


def test_who_reads_it_sees_promises_and_counts_and_only_the_city_acts(place_: Console) -> None:
    for user in ("city", "approver", "auditor"):
        page = place_.visit(PAGE, user).text
        assert "离职人员的信息" in page and "365 天" in page and "对接说明" in page and "没有暂停删除" in page
        assert ("登记暂停删除" in page) is (user == "city")
    for user in ("county", "operator", "admin", "nobody"):
        assert place_.visit(PAGE, user).status_code == 403
    for user in ("approver", "auditor", "county"):
        assert place_.post(f"{PAGE}/hold", user, HOLD).status_code == 403, user


def test_one_officer_holds_and_two_end_it_on_the_page(place_: Console) -> None:
    for wrong in ({"sure": ""}, {"reason": ""}, {"until": "x"}, {"what": "list"}, {"which_partner": "nobody"},
                  {"until": "2036-01-01"}):  # fmt: skip
        assert place_.post(f"{PAGE}/hold", "city", HOLD | wrong).status_code == 422, wrong
    page = place_.onward(place_.post(f"{PAGE}/hold", "city", HOLD), "city").text
    assert "合作单位：网约车" in page and "诉讼保全，文号 3" in page and "生效" in page
    number = place_.office.one("select max(hold_id) from retention_hold")
    word = {"reason": "诉讼终结", "sure": "yes"}
    assert place_.post(f"{PAGE}/{number}/end", "auditor", word).status_code == 403
    assert place_.post(f"{PAGE}/{number}/end", "city", word | {"sure": ""}).status_code == 422
    page = place_.onward(place_.post(f"{PAGE}/{number}/end", "approver", word), "approver").text
    assert "approver 提出结束：诉讼终结" in page and f"/{number}/end" not in page, "not by the same person"
    assert place_.post(f"{PAGE}/{number}/end", "approver", word).status_code == 403
    page = place_.onward(place_.post(f"{PAGE}/{number}/end", "city", word), "city").text
    assert "city 确认结束" in page and "已结束" in page
    assert place_.post(f"{PAGE}/{number}/end", "city", word).status_code == 422
    said = place_.visit("/console/audit", "auditor").text
    assert "诉讼保全，文号 3" in said and "合作单位 didi" in said


@pytest.mark.browser
@pytest.mark.parametrize("width", [1280, pytest.param(390, marks=pytest.mark.slow)])
def test_the_page_fits_the_screen_and_complains_of_nothing(place_: Console, tmp_path: Path, width: int) -> None:
    carry_out_all(place_.office, DAY + timedelta(days=40))
    place(place_.office, "kind:quarantine", until=DAY + timedelta(days=90), by="sun", reason="审计要求保留")
    with browser() as driven:
        for user in ("city", "auditor"):
            page, complaints = place_.window(driven, user, width)
            page.goto(place_.url + PAGE)
            page.screenshot(path=tmp_path / f"retention_{user}_{width}.png", full_page=True)
            assert page.evaluate("document.documentElement.scrollWidth") <= width
            assert complaints == []


RUN = sa.text(
    "insert into dag_run (dag_id, run_id, run_type, state, queued_at, start_date, end_date, run_after, clear_number,"
    " span_status, log_template_id) select :dag, :run, 'scheduled', 'success', at, at, at, at, 0, 'ended',"
    " (select max(id) from log_template) from (select now() - make_interval(days => :days) as at) old"
)
RUNS = (("pool__people", "r1", 400), ("pool__people", "r2", 300), ("pool__people", "r3", 10), ("only__one", "r", 400))


def test_old_runs_of_airflow_go_and_the_last_one_of_each_dag_stays(place_: Console) -> None:
    office, airflow = place_.office, engine_of(place_.airflow_url)
    with airflow.begin() as conn:
        conn.execute(RUN, [dict(zip(("dag", "run", "days"), run, strict=True)) for run in RUNS])
        conn.execute(
            sa.text("insert into log (dttm, event) values (now() - interval '200 days', 'old'), (now(), 'new')")
        )

    def there() -> list[tuple[str, str]]:
        with airflow.connect() as conn:
            query = "select dag_id, run_id from dag_run where dag_id in ('pool__people', 'only__one') order by 1, 2"
            return [(row[0], row[1]) for row in conn.execute(sa.text(query))]

    settings = office.settings
    with pytest.raises(UnavailableError, match="TALENTPOOL_AIRFLOW_DATABASE_URL"):
        clean_database(office, DAY)
    office.settings = settings.model_copy(update={"airflow_database_url": place_.airflow_url})
    try:
        asked = clean_database(office, DAY, dry_run=True)
        assert asked["counts"]["dag_run"] == 2 and len(there()) == len(RUNS), "a dry run changes nothing"
        done = clean_database(office, DAY)
        assert there() == [("only__one", "r"), ("pool__people", "r3")]
        assert done["gone"] >= asked["due"] >= 3
        with airflow.connect() as conn:
            events = set(conn.scalars(sa.text("select event from log where event in ('old', 'new')")))
            aside = "select count(*) from pg_tables where tablename like '\\_airflow\\_deleted%'"
            assert (events, conn.scalar(sa.text(aside))) == ({"new"}, 0), "nothing is kept aside"
        assert clean_database(office, DAY)["gone"] == 0, "once"
        place(office, "kind:airflow", until=DAY, by="sun", reason="审计")
        assert clean_database(office, DAY)["on_hold"]
    finally:
        office.settings = settings
        airflow.dispose()
    assert office.one("select sum(gone) from retention_report where kind = 'airflow'") == done["gone"]


def test_old_log_files_go_with_the_folders_that_they_leave_empty(place_: Console, tmp_path: Path) -> None:
    for name, days in (("dag_id=a/run_id=1/task/1.log", 100), ("dag_id=a/run_id=2/task/1.log", 80)):
        path = tmp_path / name
        path.parent.mkdir(parents=True)
        path.write_text("x")
        for one in (path, *list(path.parents)[:3]):
            os.utime(one, (time.time() - days * 86_400,) * 2)
    assert clean_files(place_.office, DAY, tmp_path)["gone"] == 1
    assert [path.name for path in sorted((tmp_path / "dag_id=a").iterdir())] == ["run_id=2"]
    assert clean_files(place_.office, DAY, tmp_path)["gone"] == 0
