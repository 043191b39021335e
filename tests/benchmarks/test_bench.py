"""The benchmarks run to their end, say what their page says they say, and leave nothing behind."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from bench.__main__ import main
from bench.bench import Bench, Options
from bench.claims import BOUNDS, claim
from bench.machine import machine
from bench.parts.draws import RULES, SPLINK, judge_draws
from bench.population import make_population
from bench.quality import grouped, same_partition, swept
from bench.server import running
from bench.show import table

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs" / "bench" / "README.md").read_text(encoding="utf-8")
COMMITTED = sorted((ROOT / "docs" / "bench").glob("*.json"))


def bench(*words: str | Path, temporary: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "bench", *map(str, words)],
        cwd=ROOT, capture_output=True, text=True, check=False,
        env={**os.environ, "TMPDIR": str(temporary)},
    )  # fmt: skip


def keys_of(name: str) -> set[str]:
    """The keys of a table of the page, by the heading above it."""
    section = PAGE.split(f"## {name}\n", 1)[1].split("\n## ", 1)[0]
    return set(re.findall(r"^\| `(\w+)` \|", section, flags=re.MULTILINE))


@pytest.fixture(scope="module")
def result(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Any]]:
    """A small run: one size, one preset, once, of the parts that hold all the machinery."""
    folder = tmp_path_factory.mktemp("bench")
    temporary = Path(tempfile.mkdtemp(prefix="tp-test-bench-"))  # a server's own user may not enter pytest's folders
    temporary.chmod(0o755)
    words = ("--sizes", "2k", "--presets", "hard", "--parts", "ingest,clean,profile,match", "--repeats", "1",
             "--seed", "7")  # fmt: skip
    done = bench(*words, "--out", folder / "bench.json", temporary=temporary)
    assert done.returncode == 0, done.stderr
    assert [path for path in temporary.iterdir() if path.name.startswith("tp-bench")] == []
    assert done.stdout.count("| ingest | first load |") == 1
    assert "Where the time goes: next full snapshot" in done.stdout
    yield json.loads((folder / "bench.json").read_text(encoding="utf-8"))
    shutil.rmtree(temporary)


@pytest.mark.slow
def test_the_result_has_the_keys_that_its_page_names(result: dict[str, Any]) -> None:
    for name, found in (
        ("Result", result), ("Machine", result["machine"]), ("Options", result["options"]),
        ("Claim", result["claims"][0]), ("Step", result["profile"][0]),
    ):  # fmt: skip
        assert keys_of(name), name
        assert set(found) == keys_of(name), name


@pytest.mark.slow
def test_a_run_measures_the_product_beside_its_peer(result: dict[str, Any]) -> None:
    found = {(one["part"], one["what"]): one for one in result["claims"]}
    assert {("ingest", "first load"), ("month", "next full snapshot"), ("clean", "reading alone")} <= set(found)
    assert {("ingest", "peak memory, main"), ("month", "write-ahead log")} <= set(found)
    for one in found.values():
        assert len(one["measured"]) == 1 and len(one["peer"]) >= 1
        assert one["ratio"] > 0
        assert one["holds"] is None or one["part"] == "profile", "a bound at a million rows says nothing about fewer"
    assert len(found["ingest", "first load"]["peer"]) == 3


@pytest.mark.slow
def test_every_second_of_the_profile_belongs_to_a_step(result: dict[str, Any]) -> None:
    for what in ("first load", "next full snapshot"):
        steps = [step for step in result["profile"] if step["what"] == what]
        assert {"acquire", "conform", "expect", "publish"} <= {step["stage"] for step in steps}
        assert sum(step["share"] for step in steps) == pytest.approx(1, abs=0.01)
        rest = next(step for step in steps if step["step"] == "everything else")
        assert rest["share"] < 0.5, steps


def test_the_second_month_differs_in_exactly_the_rows_it_says(tmp_path: Path) -> None:
    made = make_population(tmp_path / "rosters", "didi", "usual", 2_000)
    before, after = (path.read_text(encoding="utf-8").splitlines()[1:] for path in (made.first, made.second))
    known = {line.split(",")[0]: line for line in before}
    now = {line.split(",")[0]: line for line in after}
    assert len(before) == len(known) == made.rows == 2_000
    assert len(after) == len(now) == made.second_rows
    assert (made.changed, made.new, made.gone) == (40, 10, 10)
    assert sum(known[key] != now[key] for key in known.keys() & now.keys()) == made.changed
    assert len(now.keys() - known.keys()) == made.new
    assert len(known.keys() - now.keys()) == made.gone


@pytest.mark.parametrize(
    "words",
    [
        ("--sizes", "some"),
        ("--sizes", "10"),
        ("--presets", "odd"),
        ("--parts", "x"),
        ("--fast",),
        ("--seeds", "some"),
        ("--seeds", "9-8"),
        ("--seeds", "7,7"),
    ],
)
def test_what_is_not_an_option_is_refused_before_anything_starts(
    words: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bench.__main__.running", lambda: pytest.fail("a server was started"))
    done = CliRunner().invoke(main, words)
    assert done.exit_code == 2, done.stderr
    assert done.stdout == ""


@pytest.mark.slow
def test_matching_is_measured_beside_its_peers_and_finds_more_than_they_do(result: dict[str, Any]) -> None:
    found = {one["what"]: one for one in result["claims"] if one["part"] == "match"}
    assert {"all records", "all records, no training", "peak memory, main", "recall at precision 0.999"} <= set(found)
    assert 0.9 < found["F1 at the best threshold"]["measured"][0] <= 1
    assert {"without decryption", "without decryption, no training", "500 rows changed"} <= set(found)
    steps = [step["step"] for step in result["profile"] if step["what"] == "matching without decryption"]
    assert steps == ["read", "facts", "names", "keys", "pairs", "rarity", "score", "cluster"]
    for what in ("F1 of persons", "B-cubed F1"):
        beside = {one["against"]: one["ratio"] for one in result["claims"] if one["what"] == what}
        assert beside["plain rules"] > 1 and beside["pandas drop_duplicates"] > 1


def test_a_partition_is_measured_by_pairs_and_by_records() -> None:
    """Five records: two of the three of one person found, one of them beside somebody else."""
    found = grouped(["a", "a", "b", "b", "c"], [1, 1, 1, 2, 2])
    assert (found["precision"], found["recall"]) == (pytest.approx(1 / 2), pytest.approx(1 / 4))
    assert found["b3_precision"] == pytest.approx((1 + 1 + 1 / 2 + 1 / 2 + 1) / 5)
    assert found["b3_recall"] == pytest.approx((2 / 3 + 2 / 3 + 1 / 3 + 1 / 2 + 1 / 2) / 5)
    assert same_partition([5, 5, 7], ["x", "x", "y"]) and not same_partition([5, 5, 7], ["x", "y", "y"])
    assert not same_partition([5, 6, 7], ["x", "x", "y"])


def test_no_threshold_cuts_through_equal_scores() -> None:
    """Four records of one person and one of another; of the two pairs of 3 bits one is right, whichever comes first."""
    people = [1, 1, 1, 1, 2]
    for same in ([True, True, False], [True, False, True]):
        found = swept([9.0, 3.0, 3.0], same, people)
        assert found["f1"] == pytest.approx(2 * 2 / (3 + 6)), same
        assert found["recall_precise"] == pytest.approx(1 / 6), same
    assert swept([], [], people) == {"f1": 0, "recall_precise": 0}


def test_a_bound_is_held_against_the_ratio_or_against_the_figure_itself() -> None:
    most = BOUNDS["ingest", "first load"].limit
    kept = claim("ingest", "first load", [most], "peer", [1.0], rows=1_000_000)
    assert kept.holds is True
    assert claim("ingest", "first load", [most * 1.01], "peer", [1.0], rows=1_000_000).holds is False
    assert claim("ingest", "first load", [most * 9], "peer", [1.0], rows=100_000).holds is None
    memory = claim("ingest", "peak memory, main", [513.0], "peer", [40.0], rows=1_000_000, unit="MiB")
    assert memory.holds is False


def test_a_bound_of_draws_speaks_of_each_and_the_table_names_the_worst_and_the_seeds() -> None:
    precision = claim("draws", "precision of persons", [1.0, 0.9989], "peer", [0.9, 1.0], preset="hard", unit="of 1")
    assert precision.holds is False and precision.bound == 0.999
    assert claim("draws", "precision of persons", [0.999] * 2, "peer", [1.0] * 2, preset="hard").holds is True
    assert claim("draws", "precision of persons", [0.999] * 2, "peer", [1.0] * 2, preset="usual").holds is False
    f1 = claim("draws", "F1 of persons", [0.95, 0.90, 0.97], "peer", [0.94, 0.91, 0.90], unit="of 1")
    assert f1.holds is False
    assert claim("draws", "F1 of persons", [0.9], "peer", [0.9]).holds is False, "above it, not beside it"
    recall = "recall at precision 0.999"
    assert claim("draws", recall, [0.9, 0.8], "peer", [0.8, 0.75], preset="hard").holds is True
    assert claim("draws", recall, [0.9, 0.8], "peer", [0.8, 0.78], preset="hard").holds is False
    assert claim("draws", recall, [0.9, 0.8], "peer", [0.8, 0.78], preset="usual").holds is None
    shown = table({"machine": machine("18"), "options": {"repeats": 1, "seeds": [7, 8, 9]}, "load_before": 0.0,
                   "load_after": 0.0, "claims": [f1.as_json()], "profile": []})  # fmt: skip
    assert "seeds 7, 8, 9" in shown
    assert "| 2 of 3 | 0.9000 | 0.9100 | 0.9500 | 0.9100 | 0.9000 | each above the peer by 0 |" in shown


@pytest.mark.slow
@pytest.mark.database
def test_draws_are_judged_beside_every_peer(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bench.parts.draws.TUNED_ON", 1)
    with running() as server:
        bench = Bench(server, Options((1_500,), ("hard",), repeats=1, seed=7, seeds=(7, 8)))
        judge_draws(bench)
    against = {one.against for one in bench.claims if one.what == "F1 of persons"}
    assert against == {RULES, *SPLINK.values()}
    assert all(len(one.measured) == len(one.peer) == 2 and one.measured[0] > 0.3 for one in bench.claims)


def test_a_committed_result_has_the_keys_of_today_and_names_no_machine() -> None:
    assert COMMITTED
    for path in COMMITTED:
        found = json.loads(path.read_text(encoding="utf-8"))
        assert set(found) == keys_of("Result"), path.name
        assert found["claims"]
        assert all(set(one) == keys_of("Claim") for one in found["claims"]), path.name
        assert "/" not in "".join(found["machine"]["libraries"]), path.name
        assert not re.search(r"/(tmp|home|work|root|usr)/", path.read_text(encoding="utf-8")), path.name
