"""What the DAG files cost before anything runs: parsed in whole processes, above what Airflow itself takes."""

from __future__ import annotations

import os
import subprocess
import sys
import time

from bench.bench import Bench, load
from bench.watch import PROJECT
from talentpool.settings import INCLUDE

CAMPAIGNS = 10
IMPORT = "import airflow.sdk"
PARSE = """
import airflow.sdk, glob, runpy, sys
spaces = [runpy.run_path(file) for file in sorted(glob.glob(sys.argv[1] + "/*.py"))]
print(len({thing.dag_id for space in spaces for thing in space.values() if isinstance(thing, airflow.sdk.DAG)}))
"""


def parse_time(bench: Bench) -> None:
    """Whole processes, with the shipped partners and ten campaigns; files whose code is compiled, as on a server."""
    folder = bench.server.home / "campaigns"
    folder.mkdir()
    shipped = (INCLUDE / "campaigns" / "warm_winter.yml").read_text(encoding="utf-8")
    for number in range(CAMPAIGNS):
        text = shipped.replace("code: warm_winter", f"code: campaign_{number}")
        (folder / f"campaign_{number}.yml").write_text(text, encoding="utf-8")
    partners = len(list((INCLUDE / "partners").glob("*/partner.yml")))
    env = {name: value for name, value in os.environ.items() if not name.startswith(("TALENTPOOL_", "AIRFLOW_"))}
    env |= {
        "AIRFLOW_HOME": str(bench.server.home / "airflow"),
        "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
        "TALENTPOOL_HOME": str(bench.server.home),
        "TALENTPOOL_CAMPAIGNS": str(folder),
    }
    began, alone, parsed = load(), [], []
    for turn in range(2 * bench.options.repeats + 1):
        only, _ = _run(IMPORT, env)
        both, said = _run(PARSE, env)
        # two DAGs a partner, one a campaign; those of the other files bear no name there
        assert int(said.split()[-1]) == 2 * partners + CAMPAIGNS, said
        if turn:  # the first one compiles, and makes Airflow's configuration
            alone.append(only)
            parsed.append(both)
    above = [both - only for both, only in zip(parsed, alone, strict=True)]
    bench.add("parse", "all DAG files, above import airflow.sdk", above, "import airflow.sdk", alone, load=began)


def _run(code: str, env: dict[str, str]) -> tuple[float, str]:
    began = time.perf_counter()
    done = subprocess.run(
        [sys.executable, "-c", code, str(PROJECT / "dags")], env=env, capture_output=True, text=True, check=False
    )
    taken = time.perf_counter() - began
    assert done.returncode == 0, done.stderr[-2000:]
    return taken, done.stdout
