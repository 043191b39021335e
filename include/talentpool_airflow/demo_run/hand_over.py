"""Hand over three months of rosters, and write the partners' connections: the demo profile of docker-compose.

`python -m talentpool_airflow.demo_run.hand_over FOLDER`, on the volume that the simulated partners serve from; what
lies there already is left alone. `airflow connections import FOLDER/run/connections.json` makes the connections.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path

from talentpool_airflow.demo_run.layout import Layout, write_private
from talentpool_airflow.demo_run.partners import connections, drop, make_city

SERVED = {"postal": ("partner-postal", 2222), "sf": ("partner-sf", 8443), "meituan": ("partner-meituan", 9443)}
"""Services and ports of docker-compose.yml."""


def hand_over(home: Path, people: int | None = None, inboxes: Path | None = None) -> Path:
    """The file of connections, in the form `airflow connections import` reads."""
    layout = Layout(home, inboxes)
    layout.make()
    for roster in make_city(layout, people):
        drop(layout, roster)
    path = layout.run / "connections.json"
    write_private(path, json.dumps(connections(layout, SERVED), ensure_ascii=False))
    return path


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m talentpool_airflow.demo_run.hand_over", description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--inboxes", type=Path, help="folder of the deployment's inboxes; unset: under FOLDER")
    parser.add_argument("--people", type=int)
    given = parser.parse_args()
    print(hand_over(given.folder, given.people, given.inboxes))  # noqa: T201


if __name__ == "__main__":
    main()
