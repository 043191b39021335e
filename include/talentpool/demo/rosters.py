"""Make what the partners write about the true people: roster rows with faults that stay from month to month."""

from __future__ import annotations

import random
from dataclasses import dataclass, replace
from datetime import date, timedelta

from talentpool.area import shipped, unambiguous
from talentpool.demo.names import spoil_name
from talentpool.demo.population import NO_END, City, Person
from talentpool.demo.profiles import Noise, Profile
from talentpool.settings import INCLUDE

OUTSIDE, OUTSIDE_CODE = "太原市小店区", "140105"
FAR = "河北省石家庄市长安区"
"""A county outside the area; the second one where the first lies inside."""
TYPO = str.maketrans("0123456789", "1234567890")


@dataclass(frozen=True, repr=False, slots=True)
class Row:
    """One roster row, as text by canonical field."""

    staff_no: str
    name: str
    sex: str
    document_no: str
    birth_date: str
    mobile: str
    county: str
    station: str
    occupation: str
    hired_on: str
    left_on: str = ""
    consented_on: str = ""
    notice_version: str = "v1"
    document_type: str = ""
    mobile2: str = ""


@dataclass(repr=False, slots=True)
class Entry:
    """A person's place on one roster: the row of each month it is on it."""

    person: Person
    rows: dict[int, Row]


def write_rosters(
    rng: random.Random,
    city: City,
    profile: Profile,
    noise: Noise,
    counties: dict[str, str],
    as_ofs: list[date],
    hard: bool,
) -> list[Entry]:
    """Entries of one partner's roster, staff numbers given in order of drawing."""
    entries = []
    people = city.rosters[profile.partner]
    phones = _SharedPhones(people)
    words = _Words(counties)
    borrowable = [person for person in people if person.last_month == NO_END]
    number = 0
    for person in people:
        for copy in range(2 if rng.random() < noise.twice else 1):
            number += 1
            staff_no = f"{profile.partner[0].upper()}{number:07d}"
            consented = min(person.hired + timedelta(days=3), as_ofs[person.first_month])
            row = _first_row(rng, person, profile, noise, staff_no, words, consented, hard)
            row = replace(row, mobile=_mobile(rng, person, profile, noise, phones, city))
            row = _age_faults(rng, row, noise, as_ofs[-1])
            if borrowable and rng.random() < noise.borrowed:
                row = replace(row, document_no=rng.choice(borrowable).document)
            entries.append(Entry(person, _months(rng, person, profile.partner, row, noise, city, words, as_ofs)))
            del copy
    return entries


class _Words:
    """How partners call counties: `today` and `abolished` by today's code, and one `outside` the area."""

    def __init__(self, counties: dict[str, str]) -> None:
        known = [c for c in shipped(INCLUDE / "reference") if (c.code if c.current else c.successor) in counties]
        names = unambiguous(known)
        self.today = {code: names.get(code, name) for code, name in counties.items()}
        self.abolished = {county.successor: names[county.code] for county in known if not county.current}
        self.outside = FAR if OUTSIDE_CODE in counties else OUTSIDE


def _first_row(
    rng: random.Random,
    person: Person,
    profile: Profile,
    noise: Noise,
    staff_no: str,
    words: _Words,
    consented: date,
    hard: bool,
) -> Row:
    draw = rng.random()
    county = words.today[person.county] if draw < 0.7 else person.county
    if draw < noise.county_abolished:
        county = words.abolished.get(person.county, county)
    elif draw < noise.county_abolished + noise.county_outside:
        county = words.outside
    consent = rng.random()
    return Row(
        staff_no=staff_no,
        name=spoil_name(rng, person.name) if rng.random() < noise.name_variant else person.name,
        sex="男" if person.sex == 1 else "女",
        document_no=_document(rng, person, noise, profile.documents if hard else 1.0),
        birth_date=_birth(rng, person, noise),
        mobile="",
        county=county,
        station=person.station,
        occupation=profile.word,
        hired_on=person.hired.isoformat(),
        consented_on="" if consent < noise.no_consent else consented.isoformat(),
        notice_version="v0" if noise.no_consent < consent < noise.no_consent + noise.unknown_notice else "v1",
    )


def _document(rng: random.Random, person: Person, noise: Noise, full: float) -> str:
    """Full with the preset's share (times `full`), else missing, masked, mistyped or of the old kind."""
    draw = rng.random()
    faults = noise.id_missing + noise.id_masked + noise.id_typo + noise.id_legacy
    if full < 1 and rng.random() > full:
        draw *= faults
    if (draw := draw - noise.id_missing) < 0:
        return ""
    if (draw := draw - noise.id_masked) < 0:
        number = person.document
        return number[:4] + "*" * 10 + number[-4:] if rng.random() < 0.6 else "*" * 14 + number[-4:]
    if (draw := draw - noise.id_typo) < 0:
        at = rng.randrange(6, 17)
        return person.document[:at] + person.document[at].translate(TYPO) + person.document[at + 1 :]
    if draw - noise.id_legacy < 0 and person.born.year < 2000:
        return person.document[:6] + person.document[8:17]
    return person.document


class _SharedPhones:
    """Whose number stands in somebody else's row: a relative's, or that of the head of a station."""

    def __init__(self, people: list[Person]) -> None:
        self._families: dict[tuple[str, str], list[Person]] = {}
        self._heads: dict[str, Person] = {}
        for person in people:
            self._families.setdefault((person.county, person.name[0]), []).append(person)
            self._heads.setdefault(person.county, person)

    def of(self, rng: random.Random, person: Person) -> str:
        # a mover's county may have nobody else
        if rng.random() < 0.5:
            return rng.choice(self._families.get((person.county, person.name[0]), [person])).mobile
        return self._heads.get(person.county, person).mobile


def _mobile(
    rng: random.Random, person: Person, profile: Profile, noise: Noise, phones: _SharedPhones, city: City
) -> str:
    draw = rng.random()
    if (draw := draw - noise.mobile_missing) < 0:
        return ""
    if (draw := draw - noise.mobile_shared) < 0:
        return phones.of(rng, person)
    if (draw := draw - noise.mobile_junk) < 0:
        return rng.choice(("13800138000", "11111111111", "12345678901", "0355-2023456", "无"))
    if person.profile is not profile and draw - noise.mobile_changed < 0:
        return city.taken.mobile(rng, person.mobile)
    return person.mobile if rng.random() > 0.02 else f"+86 {person.mobile[:3]} {person.mobile[3:7]} {person.mobile[7:]}"


def _birth(rng: random.Random, person: Person, noise: Noise) -> str:
    draw = rng.random()
    if draw < noise.birth_missing:
        return ""
    if draw < noise.birth_missing + noise.birth_wrong:
        return (person.born + timedelta(days=rng.choice((-365, -30, 1, 9, 30, 365)))).isoformat()
    form = rng.random()
    if form < 0.05:
        return person.born.strftime("%Y/%m/%d")
    return person.born.strftime("%Y%m%d") if form < 0.08 else person.born.isoformat()


def _age_faults(rng: random.Random, row: Row, noise: Noise, end: date) -> Row:
    """A few rows that must not get in: children on somebody's list."""
    draw = rng.random()
    if draw < noise.under_14:
        years = rng.choice((11, 12, 13))
    elif draw < noise.under_14 + noise.too_young:
        years = rng.choice((14, 15))
    else:
        return row
    born = date(end.year - years, 1, 15)
    return replace(row, document_no="", birth_date=born.isoformat(), hired_on="")


def _months(
    rng: random.Random,
    person: Person,
    partner: str,
    row: Row,
    noise: Noise,
    city: City,
    words: _Words,
    as_ofs: list[date],
) -> dict[int, Row]:
    """The row of each month: the same, but for movers (whose true county follows) and new mobiles."""
    rows = {}
    for month, _ in enumerate(as_ofs):
        if month > 0:
            if rng.random() < noise.new_mobile and row.mobile:
                row = replace(row, mobile=city.taken.mobile(rng, person.mobile))
            if rng.random() < noise.move and row.county != words.outside:
                county = person.county if rng.random() < 0.7 else rng.choice(list(words.today))
                row = replace(row, county=words.today[county], station=rng.choice(city.stations[county]))
                if person.profile.partner == partner:
                    person.county, person.station = county, row.station
        if person.first_month <= month <= person.last_month:
            rows[month] = row
    return rows
