"""Who is on record gets what is theirs, a station's head that station alone; who waits holds back nobody else."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pyrage
import pytest
from click.testing import CliRunner

from approvals import unapproved_folder
from asking import withdraw
from databases import Twins
from releases import AS_OF, OURS, SIGNED, THEIRS, TODAY, changed, declare, names, opened, run, text_of, workbooks, young
from rosters import Office
from talentpool.__main__ import cli
from talentpool.campaigns.lists import Release, find
from talentpool.campaigns.release.plans import on_record
from talentpool.campaigns.release.provisions import approve_export
from talentpool.campaigns.release.releasing import Released, release_on_record
from talentpool.campaigns.release.trace import trace
from talentpool.errors import UsageError
from talentpool.match import match
from talentpool.model import station
from talentpool.reference import set_row, table_named

STATIONS = ("太行站", "漳泽站", "城南站")
HEAD = f"station:didi:{OURS}:太行站"


@pytest.fixture
def city(twins: Twins) -> Iterator[Office]:
    """Sixty people on a locked list: three stations of one county, one of another; nothing may leave in plain."""
    office = twins.office()
    ours = [young(n, county=OURS, station=STATIONS[n % 3]) for n in range(50)]
    office.deliver("2026-10-31", [*ours, *(young(n, county=THEIRS) for n in range(50, 60))])
    match(office.engine, office.keys)
    yield changed(office, profile="production")


@pytest.fixture
def listed(city: Office) -> int:
    return run(city, lock=True).list_id


def give_key(office: Office, name: str, county: str = OURS) -> pyrage.x25519.Identity:
    identity = pyrage.x25519.Identity.generate()
    cells = {
        "partner": "didi",
        "county": county,
        "name": name,
        "head": "测试站长",
        "recipient_key": str(identity.to_public()),
    }
    set_row(office, table_named("station"), cells, by="王主任", reason="站长密钥登记")
    return identity


def released(office: Office, list_id: int, out: Path, by: str = "李专员") -> Released:
    with office.engine.connect() as conn:
        stored = find(conn, list_id)
    return release_on_record(office, stored, Release(by, out, TODAY))


def test_a_stations_head_gets_that_stations_people_sealed_to_the_stations_key(
    city: Office, listed: int, tmp_path: Path
) -> None:
    head, other = give_key(city, "太行站"), give_key(city, "漳泽站")
    made = run(city, HEAD, out=tmp_path)
    assert [Path(name).name[13:] for name in made.files] == ["001.xlsx.age", "002.pdf.age"]
    book = opened(head, made.files[0])
    here = city.ask("select row_id from target_row where selected and station = '太行站' and county = :c", c=OURS)
    assert sorted(str(row[1]) for row in book["名单"].iter_rows(min_row=4, values_only=True)) == sorted(
        row_id for (row_id,) in here
    )
    said = text_of(book)
    assert "网约车 太行站" in said and "漳泽站" not in said and "仅供 网约车 太行站 使用" in said
    with pytest.raises(pyrage.DecryptError):
        opened(other, made.files[0])
    (row,) = city.ask(
        "select recipient, people, counties, recipient_facts from provision order by export_id desc limit 1"
    )
    assert row[:3] == (HEAD, 17, [OURS])
    assert {"partner": "didi", "station": "太行站", "kind": "age"}.items() <= row[3].items()
    assert "测试站长" not in json.dumps(row[3], ensure_ascii=False)


def test_a_head_without_a_key_or_without_people_and_a_key_that_is_none_get_nothing(
    city: Office, listed: int, tmp_path: Path
) -> None:
    with pytest.raises(UsageError, match="has no key"):
        run(city, HEAD, out=tmp_path)
    with pytest.raises(UsageError, match="station:<partner>"):
        run(city, "station:didi", out=tmp_path)
    give_key(city, "空站")
    with pytest.raises(UsageError, match="nobody"):
        run(city, f"station:didi:{OURS}:空站", out=tmp_path)
    cells = {"partner": "didi", "county": OURS, "name": "太行站", "recipient_key": "age1junk"}
    with pytest.raises(UsageError, match="not an age public key"):
        set_row(city, table_named("station"), cells, by="王主任", reason="登记")
    with city.engine.begin() as conn:  # as an office wrote it before keys were checked
        conn.execute(
            station.update()
            .where(station.c.name == "太行站", station.c.county == OURS)
            .values(recipient_key="age1junk")
        )
    with pytest.raises(UsageError, match="set another one") as refused:
        run(city, HEAD, out=tmp_path)
    assert "age1junk" not in str(refused.value)
    assert not list(tmp_path.iterdir()) and city.one("select count(*) from provision") == 0


def test_everybody_on_record_gets_theirs_once_and_what_lacks_a_key_is_counted(
    city: Office, listed: int, tmp_path: Path
) -> None:
    head, key = give_key(city, "太行站"), pyrage.x25519.Identity.generate()
    declare(city, "ours", "age", OURS, public_key=str(key.to_public()))
    declare(city, "whole_city", "age", "140400", public_key=str(key.to_public()))
    declare(city, "late", "age", THEIRS, public_key=str(key.to_public()), valid_until="2026-11-23")
    done = released(city, listed, tmp_path)
    assert (done.released, done.before, done.files, done.people) == (2, 0, 8 + 2, 50 + 17)
    assert (done.counties_without, done.stations_without_key, done.approve, done.faults) == (1, 3, [], [])
    assert (
        done.told()
        == "本次下发 2 份导出（10 个文件），此前已下发 0 份；1 个区县没有登记接收方；3 个站点没有密钥，由区县转交。"
    )
    sent = city.ask("select recipient from provision where state = 'made' order by export_id")
    assert [code for (code,) in sent] == ["ours", HEAD], "whoever is to get several counties is named by hand"
    assert city.one("select state from target_list") == "released"
    again = released(city, listed, tmp_path)
    assert (again.released, again.before, again.files) == (0, 2, 0)
    new = give_key(city, "太行站")  # another head: the sheets of before open to the old key alone
    assert released(city, listed, tmp_path).released == 1
    newest = sorted(path for path in tmp_path.iterdir() if path.name.endswith("xlsx.age"))[-1]
    assert len(names(opened(new, str(newest)))) == 17
    with pytest.raises(pyrage.DecryptError):
        opened(head, str(newest))


def test_who_waits_for_a_second_person_waits_alone_and_is_never_passed_over(
    city: Office, listed: int, tmp_path: Path
) -> None:
    careful = changed(city, profile="production", export_approval_above=20)
    key = pyrage.x25519.Identity.generate()
    declare(city, "ours", "age", OURS, public_key=str(key.to_public()))
    give_key(city, "太行站")
    done = released(careful, listed, tmp_path)
    assert (done.released, len(done.approve), done.is_done) == (1, 1, False)
    assert "等待第二人批准" in done.told() and str(done.approve[0]) in done.told()
    for _ in range(2):
        waits = released(careful, listed, tmp_path)
        assert (waits.released, waits.before, waits.approve) == (0, 1, done.approve), "asking again is one question"
    assert city.ask("select recipient from provision where state = 'made'") == [(HEAD,)]
    assert approve_export(city.engine, done.approve[0], "赵审批")["people"] == 50
    last = released(careful, listed, tmp_path)
    assert (last.released, last.before, last.is_done) == (1, 1, True)


def test_one_wrong_key_holds_back_nobody_else(city: Office, listed: int, tmp_path: Path) -> None:
    give_key(city, "太行站"), give_key(city, "漳泽站")
    with city.engine.begin() as conn:
        conn.execute(
            station.update()
            .where(station.c.name == "太行站", station.c.county == OURS)
            .values(recipient_key="age1junk")
        )
    done = released(city, listed, tmp_path)
    assert (done.released, done.faults) == (1, [HEAD])
    assert "1 个接收方的登记或密钥有误" in done.told()


def test_a_draft_is_not_released(city: Office, tmp_path: Path) -> None:
    give_key(city, "太行站")
    with pytest.raises(UsageError, match="only a locked list"):
        released(city, run(city, lock=False).list_id, tmp_path)


def test_a_leaked_sheet_of_a_station_is_traced_to_its_head(city: Office, listed: int, tmp_path: Path) -> None:
    head = give_key(city, "太行站")
    declare(city, "ours", "age", OURS, public_key=str(head.to_public()))
    run(city, "ours", out=tmp_path / "a")
    made = run(city, HEAD, out=tmp_path / "b")
    leaked = tmp_path / "leaked.xlsx"
    opened(head, workbooks(made.files)[0]).save(leaked)
    with city.engine.connect() as conn:
        found = trace(conn, city.keys, leaked)
    assert found.printed == made.exports[0]["export_id"] == found.candidates[0].export_id
    assert found.candidates[0].recipient == HEAD


def test_a_withdrawal_names_the_stations_export_only_where_its_sheets_name_the_person(
    city: Office, listed: int, tmp_path: Path
) -> None:
    give_key(city, "太行站"), give_key(city, "漳泽站")
    made = {one["recipient"]: one for name in ("太行站", "漳泽站")
            for one in run(city, f"station:didi:{OURS}:{name}", out=tmp_path).exports}  # fmt: skip
    answered = withdraw(city, "didi:T00003", **SIGNED)  # of 太行站
    assert [one["recipient"] for one in answered.call_back] == [HEAD]
    assert not any(Path(name).exists() for name in made[HEAD]["files"])
    assert all(Path(name).exists() for name in made[f"station:didi:{OURS}:漳泽站"]["files"])


def test_the_command_releases_to_everybody_on_record_and_says_what_waits(
    city: Office, listed: int, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("TALENTPOOL_DATABASE_URL", city.engine.url.render_as_string(hide_password=False))
    monkeypatch.setenv("TALENTPOOL_KEYS", str(city.settings.keys_dir))
    monkeypatch.setenv("TALENTPOOL_HOME", str(city.settings.home))
    monkeypatch.setenv("TALENTPOOL_PROFILE", "production")
    monkeypatch.setenv("TALENTPOOL_EXPORT_APPROVAL_ABOVE", "20")
    monkeypatch.setenv("TALENTPOOL_CAMPAIGNS", str(unapproved_folder(city.settings, tmp_path / "campaigns")))
    give_key(city, "太行站")
    declare(city, "ours", "age", OURS, public_key=str(pyrage.x25519.Identity.generate().to_public()))
    words = ["target", "warm_winter", "--as-of", str(AS_OF), "--lock", "--recipient", "on-record", "--by", "李专员"]
    answer = CliRunner().invoke(cli, [*words, "--out", str(tmp_path / "out")])
    said = json.loads(answer.output)
    assert (answer.exit_code, said["released"], len(said["approve"])) == (3, 1, 1)
    with city.engine.connect() as conn:
        assert on_record(conn, find(conn, listed), TODAY).codes == ("ours", HEAD)


@pytest.mark.parametrize(
    ("beside", "named"),
    [(["--as-of", "2026-10-31", "--lock"], "--as-of, --lock"), (["--county", OURS], "--county"), (["--verify"], "--verify"),
     (["--dry-run", "--stock", "9"], "--dry-run, --stock"), (["--supplement", "--reason", "x"], "--supplement, --reason")],
)  # fmt: skip
def test_an_export_by_number_refuses_what_says_nothing_there(beside: list[str], named: str) -> None:
    answer = CliRunner().invoke(cli, ["target", "7", "--recipient", "ours", "--by", "李专员", *beside])
    assert isinstance(answer.exception, UsageError) and f"locked; {named} " in str(answer.exception)
