"""Write what a partner's roster says of its people: hidden, missing and damaged values that stay from month to month."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta
from heapq import heappop, heappush

from talentpool.demo.family.faults import any_day, written_name, wrong_birth, wrong_digits
from talentpool.demo.family.jobs import Job
from talentpool.demo.family.people import Drawing, Resident
from talentpool.demo.profiles import Profile
from talentpool.demo.rosters import Entry, Row

_MASKS = ((6, 4), (4, 4), (3, 4), (6, 2))
"""Digits of a document number left at its head and tail, one way for most rows of a partner."""
_DEFAULTS = ("1990-01-01", "1980-01-01", "1985-01-01", "1988-08-08")
NO_CONSENT = 0.002
LEAST_FULL, MOST_FULL = 0.10, 0.97
"""Full document numbers in the worst and the best county. A roster with fewer is held by the partners' declarations."""


class Roster:
    """The roster of one partner."""

    def __init__(
        self, drawing: Drawing, profile: Profile, words: Mapping[str, str], as_ofs: Sequence[date], *, second: bool
    ) -> None:
        self._drawing, self._rng, self._of = drawing, drawing.rng, drawing.traits.partners[profile.partner]
        self._profile, self._words, self._as_ofs, self._second = profile, words, as_ofs, second
        self._mask, self._default = self._rng.choice(_MASKS), self._rng.choice(_DEFAULTS)
        self._born_as = self._rng.choice(("%Y-%m-%d", "%Y/%m/%d", "%Y%m%d"))
        self._by_code = self._rng.random()
        self._full = {
            county: min(
                max(self._of.id_full * (1 + self._rng.uniform(-1, 1) * self._of.id_by_county), LEAST_FULL), MOST_FULL
            )
            for county in words
        }

    def entries(self, jobs: list[Job]) -> list[Entry]:
        """An entry for each job; who stands on the roster twice gets the second one later, with a later number."""
        rng, found = self._rng, []
        lenders = [job.person for job in jobs]
        freed: list[tuple[int, str]] = []
        number = rng.randrange(10_000, 90_000)
        again = [self._registered_again(job) for job in jobs if rng.random() < self._of.twice]
        for job in sorted(
            [*jobs, *again], key=lambda job: job.first
        ):  # those who join come last, as they do on a roster
            number += rng.randint(1, 3)
            staff_no = self._given_again(job, freed) or f"{self._profile.partner[0].upper()}{number:07d}"
            found.append(Entry(job.person, self._months(job, self._row(job, staff_no, lenders))))
            if not job.first and job.last < len(self._as_ofs):
                heappush(freed, (job.last, staff_no))
        self._one_document_for_many(found)
        if rng.random() < 0.5:
            rng.shuffle(found)
        return [entry for entry in found if entry.rows]

    def _given_again(self, job: Job, freed: list[tuple[int, str]]) -> str:
        """The number of somebody who left before, or ''. Only in a roster that names everybody: a delta of few rows in
        which a number changes hands is held."""
        every = self._profile.full_every
        in_full = every > 0 and job.first % every == 0
        free = in_full and freed and job.first >= freed[0][0] + (1 if every == 1 else 2)
        return heappop(freed)[1] if free and self._rng.random() < self._of.staff_no_reused else ""

    def _registered_again(self, job: Job) -> Job:
        rng = self._rng
        again = replace(job, mobiles=dict(job.mobiles), places=dict(job.places))
        if rng.random() >= self._of.hired_kept:
            again.hired = any_day(rng, job.hired, max(job.hired, self._as_ofs[job.first]))
        if rng.random() < 0.3:
            again.mobile = job.person.second or self._drawing.taken.mobile(rng)
        return again

    def _row(self, job: Job, staff_no: str, lenders: list[Resident]) -> Row:
        rng, of, person = self._rng, self._of, job.person
        borrowed = rng.random() < self._drawing.traits.borrowed
        holder = rng.choice(lenders) if borrowed else person
        document = self._document(holder, job.county)
        born = holder.born if borrowed and rng.random() < 0.5 else person.born
        mobile = self._mobile(job.mobile)
        consented = min(job.hired + timedelta(days=rng.randrange(40)), self._as_ofs[job.first])
        return Row(
            staff_no=staff_no,
            name=written_name(rng, person.called, of),
            sex="" if rng.random() < of.sex_missing else "男" if person.sex == 1 else "女",
            document_no=document,
            birth_date=self._birth(born, full=len(document) == 18 and "*" not in document),
            mobile=mobile,
            county=self._county(job.county),
            station=job.station,
            occupation=self._profile.word,
            hired_on=job.hired.isoformat(),
            consented_on="" if rng.random() < NO_CONSENT else consented.isoformat(),
            mobile2=self._mobile2(job, mobile),
        )

    def _county(self, code: str) -> str:
        return code if self._rng.random() < self._by_code * 0.3 else self._words[code]

    def _document(self, person: Resident, county: str) -> str:
        rng, of, number = self._rng, self._of, person.document
        if rng.random() < self._full[county]:
            draw = rng.random()
            if draw < of.id_typo:
                return wrong_digits(rng, number, 6)
            return number[:6] + number[8:17] if draw < of.id_typo + of.id_legacy and person.born.year < 2000 else number
        (kind,) = rng.choices(
            ("head", "all", "missing"), (of.of_rest_masked_head, of.of_rest_masked_all, of.of_rest_missing)
        )
        if kind == "missing":
            return ""
        head, tail = self._mask if rng.random() < 0.9 else rng.choice(_MASKS)
        if kind == "all":
            head, tail = 0, 4
        return number[:head] + "*" * (18 - head - tail) + number[-tail:]

    def _birth(self, born: date, *, full: bool) -> str:
        rng, of = self._rng, self._of
        if rng.random() < of.birth_missing:
            return ""
        if not full and rng.random() < of.birth_default:
            return self._default
        draw = rng.random()
        if draw < of.birth_swapped:
            born = wrong_birth(rng, born, swapped=True)
        elif draw < of.birth_swapped + of.birth_year_off:
            born = wrong_birth(rng, born, swapped=False)
        return born.strftime(self._born_as)

    def _mobile(self, number: str) -> str:
        rng, of = self._rng, self._of
        draw = rng.random()
        if draw < of.mobile_missing:
            return ""
        if (draw := draw - of.mobile_missing) < of.mobile_masked:
            return f"{number[:3]}****{number[-4:]}"
        if draw - of.mobile_masked < of.mobile_typo:
            return wrong_digits(rng, number, 2)
        return f"{number[:3]} {number[3:7]} {number[7:]}" if rng.random() < 0.01 else number

    def _mobile2(self, job: Job, mobile: str) -> str:
        """The other of a person's two numbers, where the roster has the column and it is filled in."""
        person = job.person
        other = person.mobile if job.mobile == person.second else person.second
        filled = self._second and person.second and mobile and self._rng.random() < self._of.mobile2_filled
        return other if filled else ""

    def _months(self, job: Job, row: Row) -> dict[int, Row]:
        """The row of each month: the same, but for movers and new numbers."""
        rows = {}
        for month in range(len(self._as_ofs)):
            if month in job.mobiles and row.mobile:
                row = replace(row, mobile=self._mobile(job.mobiles[month]) or row.mobile)
            if month in job.places:
                county, station = job.places[month]
                row = replace(row, county=self._county(county), station=station)
            if job.first <= month <= job.last:
                rows[month] = row
        return rows

    def _one_document_for_many(self, entries: list[Entry]) -> None:
        """Somebody filled a column down: three to six riders of a station have one number."""
        rng = self._rng
        for _ in range(int(self._drawing.traits.one_document_for_many * len(entries) / 4 + rng.random())):
            one = rng.choice(entries)
            station = next(iter(one.rows.values())).station if one.rows else ""
            there = [entry for entry in entries if any(row.station == station for row in entry.rows.values())]
            for entry in rng.sample(there, min(rng.randint(3, 6), len(there))):
                entry.rows = {month: replace(row, document_no=one.person.document) for month, row in entry.rows.items()}
