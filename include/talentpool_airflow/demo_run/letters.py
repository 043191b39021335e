"""Play what partners do with letters about faults: their next rosters come back mended for a share of them."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace

import sqlalchemy as sa

from simulators.mending import Fault, mend, open_letter
from simulators.postal import LETTERS
from talentpool.acquire import partner_names
from talentpool.model import delivery
from talentpool.office import Office
from talentpool.office_day import today_in_office
from talentpool.services.letters import overview, take_out
from talentpool.texts.cells import told_codes
from talentpool_airflow.demo_run import partners
from talentpool_airflow.demo_run.layout import Layout
from talentpool_airflow.demo_run.partners import Roster

OFFICER = "city_officer"


@dataclass
class Desk:
    """What the partners' clerks know by now: faults by partner, rosters that were handed over, and how many cells were mended."""

    layout: Layout
    faults: dict[str, list[Fault]] = field(default_factory=dict)
    handed: list[Roster] = field(default_factory=list)
    opened: set[str] = field(default_factory=set)
    mended: int = 0

    def hand_over(self, roster: Roster) -> None:
        """Drop the roster as its partner does, mended where letters told what to mend."""
        partners.drop(self.layout, self._mended(roster))

    def _mended(self, roster: Roster) -> Roster:
        faults = self.faults.get(roster.partner, [])
        personnel = self.layout.demo / roster.partner / "personnel.csv"
        done = roster
        if faults and personnel.is_file():
            out = self.layout.demo / "mended" / roster.partner / roster.as_of.isoformat() / roster.path.name
            earlier = [one.path for one in self.handed if one.partner == roster.partner]
            self.mended += mend(roster.path, faults, personnel, out, before=earlier if roster.kind == "delta" else ())
            beside = roster.path.with_name(f"{roster.path.name}.manifest.json")
            if beside.is_file():
                shutil.copyfile(beside, out.with_name(beside.name))
            done = replace(roster, path=out)
        self.handed.append(done)
        return done

    def collect(self, office: Office) -> int:
        """Open every letter that is new: those in the bureau's letter box, and those that the city's officer hands on."""
        came = [
            (path.name, path.read_bytes()) for path in sorted((self.layout.sftp_root / LETTERS).glob("letter_*.xlsx"))
        ]
        came += _handed_on(office)
        passwords = partners.letter_passwords(self.layout)
        new = [(name, sealed) for name, sealed in came if name not in self.opened]
        for name, sealed in new:
            code = name.split("_")[1]
            self.faults.setdefault(code, []).extend(open_letter(sealed, passwords[code]))
            self.opened.add(name)
        return len(new)


def _handed_on(office: Office) -> list[tuple[str, bytes]]:
    with office.engine.connect() as conn:
        waiting = overview(conn, office.settings, today_in_office(office.settings))
    numbers = [one.letter_id for one in waiting if one.way == "page" and one.is_unsent and one.letter_id is not None]
    return [take_out(office, number, by=OFFICER) for number in numbers]


def told(office: Office, codes: Iterable[str], say: Callable[[str], None]) -> None:
    """The share of faulty cells of each partner's deliveries in a row, oldest first."""
    faults, of = set(told_codes("quarantined", "refused", "set_aside")), delivery.c
    names = partner_names(office.settings)
    for code in codes:
        query = sa.select(of.rows, of.reasons).where(of.partner == code, of.rows > 0).order_by(of.as_of, of.delivery_id)
        with office.engine.connect() as conn:
            shares = [sum(n for c, n in row.reasons.items() if c in faults) / row.rows for row in conn.execute(query)]
        if shares:
            say(f"待改正的单元格占行数：{names.get(code, code)} " + " → ".join(f"{share:.2%}" for share in shares))
