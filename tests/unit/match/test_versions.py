"""Versions of the weights: kept, put in force by somebody, taken back; nothing changes before."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import sqlalchemy as sa
from click.testing import CliRunner

from rosters import Office, person
from talentpool.__main__ import cli
from talentpool.errors import UsageError
from talentpool.match import activate, active_weights, keep_weights, links, match, versions
from talentpool.match.scoring.versions import FIRST
from talentpool.match.scoring.weights import Weights, load_weights

WHO = {"by": "李专员", "note": "年度校准"}
SHIPPED = load_weights().version


def heavier(bits: float = 1.0) -> Weights:
    whole = load_weights().model_dump()
    whole["comparisons"]["mobile"]["same"]["w"] += bits
    return Weights.model_validate(whole)


def in_force(office: Office) -> int:
    with office.engine.connect() as conn:
        return active_weights(conn).version


@pytest.fixture
def two_rosters(office: Office) -> Office:
    """260 people on two rosters, some with another mobile, some without a birth date of their own."""
    office.deliver("2026-10-31", [person(n) for n in range(260)], partner="postal")
    again = []
    for n in range(260):
        row = person(n, staff_no=f"D{n:04d}")
        again.append(row | ({"mobile": f"137{n:08d}"} if n % 4 == 0 else {}) | ({"document_no": ""} if n % 3 else {}))
    office.deliver("2026-10-31", again, partner="didi")
    match(office.engine, office.keys)
    return office


def test_without_an_active_version_the_shipped_file_holds(office: Office) -> None:
    with office.engine.begin() as conn:
        assert keep_weights(conn, heavier(), by="", note="") == FIRST
        assert active_weights(conn) == load_weights()
        told = versions(conn)
    assert [(one["version"], one["shipped"], one["active"]) for one in told] == [
        (SHIPPED, True, True), (FIRST, False, False),
    ]  # fmt: skip


def test_a_version_is_put_in_force_and_the_shipped_one_again(office: Office) -> None:
    with office.engine.begin() as conn:
        numbers = [keep_weights(conn, heavier(bits), **WHO) for bits in (1.0, 2.0)]
    assert numbers == [FIRST, FIRST + 1]
    for version, before in ((FIRST, SHIPPED), (FIRST + 1, FIRST), (SHIPPED, FIRST + 1)):
        with office.engine.begin() as conn:
            assert activate(conn, version, **WHO) == before
        assert in_force(office) == version
    logged = office.ask("select subject, actor, reason, details ->> 'before' from audit_log"
                        " where subject like 'match_weights:%' order by seq")  # fmt: skip
    assert logged == [(f"match_weights:{version}", "李专员", "年度校准", str(before))
                      for version, before in ((FIRST, SHIPPED), (FIRST + 1, FIRST), (SHIPPED, FIRST + 1))]  # fmt: skip
    with pytest.raises(sa.exc.IntegrityError), office.engine.begin() as conn:
        conn.exec_driver_sql("update match_weights set active = true")


def test_what_cannot_be_in_force_is_refused_in_words(office: Office) -> None:
    with office.engine.begin() as conn:
        keep_weights(conn, heavier(), **WHO)
        conn.exec_driver_sql("""update match_weights set weights = weights #- '{comparisons,name,pinyin}'""")
    for version, by, why in (
        (FIRST + 7, "李专员", "no weights of version 1007; `talentpool match weights`"),
        (FIRST, "李专员", f"do not fit this release .*not so: name.*activate {SHIPPED}"),
        (SHIPPED, "李专员", "active already"),
        (SHIPPED, " ", "who decides"),
    ):
        with pytest.raises(UsageError, match=why), office.engine.begin() as conn:
            activate(conn, version, by=by, note="x")
    assert in_force(office) == SHIPPED
    assert office.one("select count(*) from audit_log where action = 'decision'") == 0


def test_an_active_version_that_an_upgrade_left_behind_stops_matching_and_the_shipped_one_heals_it(
    office: Office,
) -> None:
    office.deliver("2026-10-31", [person(1), person(2)])
    with office.engine.begin() as conn:
        activate(conn, keep_weights(conn, heavier(), **WHO), **WHO)
        conn.exec_driver_sql("""update match_weights set weights = weights #- '{comparisons,name,pinyin}'""")
    with pytest.raises(UsageError, match="activate the shipped ones"):
        match(office.engine, office.keys)
    with office.engine.begin() as conn:
        activate(conn, SHIPPED, **WHO)
    assert match(office.engine, office.keys).persons == 2


def test_a_version_changes_nothing_until_it_is_active_and_then_all_is_looked_at_again(two_rosters: Office) -> None:
    before = list(links(two_rosters.engine))
    edges = two_rosters.ask("select * from edge order by 1, 2, 3")
    with two_rosters.engine.begin() as conn:
        version = keep_weights(conn, heavier(), **WHO)
    assert match(two_rosters.engine, two_rosters.keys).changed == 0
    assert (list(links(two_rosters.engine)), two_rosters.ask("select * from edge order by 1, 2, 3")) == (before, edges)
    with two_rosters.engine.begin() as conn:
        activate(conn, version, **WHO)
    assert match(two_rosters.engine, two_rosters.keys).changed == 520
    last = "select records, weights_version from match_run order by match_run_id desc limit 1"
    assert two_rosters.ask(last) == [(520, FIRST)]
    assert match(two_rosters.engine, two_rosters.keys).changed == 0


@pytest.fixture
def run(two_rosters: Office, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("TALENTPOOL_DATABASE_URL", two_rosters.engine.url.render_as_string(hide_password=False))
    monkeypatch.setenv("TALENTPOOL_HOME", str(two_rosters.settings.home))

    def command(*words: str) -> tuple[dict, str]:
        result = CliRunner().invoke(cli, ["match", *words], standalone_mode=False)
        if result.exception is not None:
            raise result.exception
        return json.loads(result.stdout), result.stderr

    return command


def test_the_command_line_imports_activates_and_lists(run, tmp_path: Path) -> None:
    run("export-weights", str(SHIPPED), str(tmp_path / "weights.yml"))
    run("import-weights", str(tmp_path / "weights.yml"), "--by", "李专员", "--note", "年度校准")
    assert run("activate", str(FIRST), "--by", "李专员", "--note", "看过")[0] == {"active": FIRST, "before": SHIPPED}
    listed = run("weights")[0]["versions"]
    assert [(one["version"], one["active"], one["made_by"]) for one in listed] == [
        (SHIPPED, False, None), (FIRST, True, "李专员"),
    ]  # fmt: skip
    assert run()[0]["changed"] == 520 and run()[0]["changed"] == 0 and run("--full")[0]["changed"] == 520
    with pytest.raises(Exception, match="--full is for a matching run"):
        run("--full", "weights")


def test_weights_go_into_a_file_and_come_out_of_it(run, two_rosters: Office, tmp_path: Path) -> None:
    file = tmp_path / "weights.yml"
    run("export-weights", str(SHIPPED), str(file))
    words = ("--by", "李专员", "--note", "邻市的权重")
    assert run("import-weights", str(file), *words)[0] == {"version": FIRST, "active": False}
    with two_rosters.engine.begin() as conn:
        activate(conn, FIRST, **WHO)
        assert active_weights(conn) == load_weights().model_copy(update={"version": FIRST})
    whole = file.read_text(encoding="utf-8")
    for text, why in (
        (whole.replace("pinyin", "sound", 1), "not so: name"),
        (whole.replace("w: 22.0", "w: .inf"), "finite"),
        (whole.replace("w: 22.0", "w: heavy"), "comparisons.document.same.w"),
        (
            whole.replace("same: 4.0", "same: -2.5"),
            r"bands: .*review \(-2\), same \(-2.5\) and surely \(12\) must be in",
        ),
        (whole.replace("w: 15.2", "w: 15.2\n      rare: true"), r"leave out comparisons.mobile.same.rare"),
        (whole.replace("prior:", "prior:\n  rare: true"), r"leave out prior.rare"),
        ("a: [", "no YAML file"),
        ("just words", "weights.yml"),
    ):
        assert text != whole, why
        file.write_text(text, encoding="utf-8")
        with pytest.raises(UsageError, match=why):
            run("import-weights", str(file), *words)
    file.write_bytes(whole.encode("gb18030"))
    with pytest.raises(UsageError, match="UTF-8"):
        run("import-weights", str(file), *words)
    assert two_rosters.one("select count(*) from match_weights") == 1
