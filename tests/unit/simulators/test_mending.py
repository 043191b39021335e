"""A simulated partner opens its letter and sends a roster with fewer faults."""

from __future__ import annotations

import csv
import shutil
from datetime import date
from pathlib import Path

from letters import PASSWORD, connect, sealed_of
from rosters import TODAY, Office
from simulators import meituan, postal
from simulators.mending import mend, open_letter
from talentpool.demo import write_demo_data
from talentpool.services.letters import make_letter

FIRST, NEXT = "2026-09-30", "2026-10-31"
MENDABLE = ("id_bad_checksum", "mobile_unusable", "no_consent")


def test_a_letter_makes_next_months_roster_better_in_each_partners_own_form(office: Office, tmp_path: Path) -> None:
    write_demo_data(tmp_path / "demo", people=1_200, months=2, end=date(2026, 10, 31), preset="hard")
    for code, name in (("postal", "roster_postal_{}_01.csv"), ("meituan", "roster_meituan_{}_01.xlsx")):
        folder = tmp_path / "demo" / code
        first, second = (folder / day / name.format(day.replace("-", "")) for day in (FIRST, NEXT))
        done = office.take(first, FIRST, partner=code)
        make_letter(office, office.partner(code), done.delivery_id or 0, connect, by="sun", today=TODAY)
        faults = open_letter(sealed_of(office, done.delivery_id or 0), PASSWORD)
        assert len(faults) > 5
        out = tmp_path / "mended" / second.name
        cells = mend(second, faults, folder / "personnel.csv", out)
        assert cells > len(faults) / 4
        shutil.copyfile(second.with_name(f"{second.name}.manifest.json"), out.with_name(f"{out.name}.manifest.json"))
        told = []
        for number, roster in enumerate((second, out)):
            done = office.take(_delivered(code, tmp_path / f"{code}{number}", roster), NEXT, partner=code)
            assert done.status == "published" and done.rows > 100
            told.append(sum(done.reasons.get(reason, 0) for reason in MENDABLE))
        assert told[1] < told[0] / 2, code


def _delivered(code: str, root: Path, roster: Path) -> Path:
    """The roster as its partner hands it over, with a manifest of its own beside it."""
    if code == "postal":
        return postal.deliver(root, roster, as_of=date.fromisoformat(NEXT))
    meituan.deliver(root, roster, as_of=date.fromisoformat(NEXT))
    return root / "objects" / roster.name


def test_a_roster_of_changes_brings_who_is_mended(office: Office, tmp_path: Path) -> None:
    write_demo_data(tmp_path / "demo", people=1_200, months=2, end=date(2026, 10, 31), preset="hard")
    folder = tmp_path / "demo" / "didi"
    first, second = (folder / day / f"roster_didi_{day.replace('-', '')}.csv" for day in (FIRST, NEXT))
    done = office.take(first, FIRST, kind="delta")
    make_letter(office, office.partner(), done.delivery_id or 0, connect, by="sun", today=TODAY)
    faults = open_letter(sealed_of(office, done.delivery_id or 0), PASSWORD)
    out = tmp_path / "mended.csv"
    assert mend(second, faults, folder / "personnel.csv", out, before=[first]) > 0
    rows = [len(list(csv.reader(path.read_text(encoding="utf-8-sig").splitlines()))) for path in (second, out)]
    assert rows[1] > rows[0]
    assert office.take(out, NEXT, kind="delta", since=FIRST).status == "published"
