"""Tell whether a row is still of the person for whom an officer remembered a value, by what the row said then.

A partner may mend, mask or write anew what stands beside the corrected cell; a number that was handed on brings another
person. What the cells beside it said is sealed together with the value, and compared as every row is with its record
(stranger.py): masks that fit, 15 digits beside 18, other characters of one name. The corrected cell itself is no evidence:
it was wrong, and may have been somebody else's.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from talentpool.conform.rows.stranger import mask_fits
from talentpool.conform.values.dates import read_date
from talentpool.conform.values.documents import FOR_LIFE, USABLE, comparable, read_document
from talentpool.conform.values.mobiles import read_mobile
from talentpool.conform.values.names import HIDDEN, Name, read_name
from talentpool.conform.values.no_names import MASKS, called_by, fits, shown

Cells = Mapping[str, str]
BESIDE = ("name", "document_no", "document_type", "mobile", "mobile2", "birth_date")
"""Cells by which a person is known."""
_BETWEEN = "\x1e"
_LEGIBLE = 6
"""Digits from which a number with a fault names somebody, when it is said again."""
_LEGACY = 15
_FOUND = SAME, FITS, RENEWED, OTHER, UNKNOWN = ("same", "fits", "renewed", "other", "unknown")
"""How two values compare, what speaks most for one person first. RENEWED: another number of a document that is renewed."""


def compared(cell: str) -> str:
    """A cell as it is compared: forms, blanks and capitals make no other value of it."""
    return "".join(unicodedata.normalize("NFKC", cell).split()).casefold()


def packed_cells(cells: Cells) -> str:
    """What a row says of its person, as one text to be sealed."""
    return _BETWEEN.join(cells.get(name, "").replace(_BETWEEN, " ") for name in BESIDE)


def opened_cells(text: str) -> dict[str, str] | None:
    """The cells of packed_cells(); None for a value that was sealed without them."""
    parts = text.split(_BETWEEN)
    return dict(zip(BESIDE, parts, strict=True)) if len(parts) == len(BESIDE) else None


@dataclass(frozen=True, repr=False)
class Then:
    """What a row said, and what else its cells are known to be: values that officers put in the place of some."""

    cells: Cells
    known: Sequence[tuple[str, str]] = ()

    def of(self, name: str) -> list[str]:
        return [self.cells[name], *(value for field, value in self.known if field == name)]


def same_person(then: Then, now: Cells, field: str, *, delta: bool) -> bool:
    """Whether the row `now` is of the person of `then`. `field`: the corrected one. In a delta an empty cell says nothing.

    What agrees must name the person: the name, a number, or a mask that fits one of them while nothing differs. Another
    number that is kept for life is outweighed by the whole name alone, another name by a number.
    """
    beside = [name for name in BESIDE if name != field]
    if all(compared(now[name]) == compared(then.cells[name]) or (delta and not now[name].strip()) for name in beside):
        return True
    name = UNKNOWN if field == "name" else _best(_names, then.of("name"), now["name"])
    number = UNKNOWN if field == "document_no" else _numbers(then, now)
    mobile, birth = _mobiles(then, now, field), _births(then, now, field)
    if SAME in {name, number}:
        return True
    if number in {OTHER, RENEWED}:
        return number == RENEWED and mobile is True
    if name == OTHER and field == "document_no" and _is_somebodys(then.cells):
        return False
    if mobile is True:
        return birth is not False or FITS in (name, number)
    if number == FITS:
        return name != OTHER
    return name == FITS and False not in (mobile, birth)


def says_the_same(field: str, then: Cells, now: Cells) -> bool:
    """Whether a cell says in another form, or hidden in part, what it said."""
    was, said = then[field], now[field]
    if field == "name":
        found = _names(was, said)
        return found == SAME or (found == FITS and _read_name(said).status in HIDDEN)
    if field == "document_no":
        same = _number((was, said), (then["document_type"], now["document_type"])) in (SAME, FITS)
        return same or _hides(said, was)
    if field in ("mobile", "mobile2"):
        whole, masked = read_mobile(was), read_mobile(said)
        fitting = whole.status == "ok" and masked.status == "masked" and mask_fits(masked.number, whole.number)
        return fitting or _hides(said, was)
    return False


def _hides(mask: str, text: str) -> bool:
    """Whether a cell is the other one, sign by sign, some of it hidden: of a number with a fault, which no rule reads."""
    hidden, whole = compared(mask), compared(text)
    signs = list(zip(hidden, whole, strict=False))
    same = len(hidden) == len(whole) and all(one == other or one in MASKS for one, other in signs)
    return same and any(one in MASKS for one in hidden)


def _best(compare: Callable[[str, str], str], known: Sequence[str], now: str) -> str:
    found = {compare(one, now) for one in known}
    return next(one for one in _FOUND if one in found)


def _names(then: str, now: str) -> str:
    was, said = _read_name(then), _read_name(now)
    if was.form and said.form:
        return SAME if was.form == said.form else OTHER
    if was.status in HIDDEN and said.status in HIDDEN:
        return FITS if shown(was.name) == shown(said.name) != "" else UNKNOWN
    hidden, whole = (was, said) if was.status in HIDDEN else (said, was)
    if hidden.status not in HIDDEN or not whole.form:
        return UNKNOWN
    return FITS if fits(hidden.name, whole.name) else OTHER


def _read_name(cell: str) -> Name:
    """A name; whoever is called 张先生 here is hidden behind the surname, for the row stands where theirs stood."""
    read = read_name(cell)
    surname = called_by(cell) if read.status == "placeholder" else ""
    return Name("masked", f"{surname}*") if surname else read


def _numbers(then: Then, now: Cells) -> str:
    types = then.cells["document_type"], now["document_type"]
    return _best(lambda was, said: _number((was, said), types), then.of("document_no"), now["document_no"])


def _number(cells: tuple[str, str], types: tuple[str, str]) -> str:
    was, said = map(read_document, cells, types)
    statuses = {was.status, said.status}
    if statuses <= USABLE:
        if comparable(was.number, types[0]) == comparable(said.number, types[1]):
            return SAME
        return OTHER if statuses <= FOR_LIFE else RENEWED
    if "masked" in statuses and statuses & USABLE:
        masked, whole = (was.number, said.number) if was.status == "masked" else (said.number, was.number)
        return FITS if mask_fits(masked, whole) or _fits_legacy(masked, whole) else OTHER
    if compared(cells[0]) == compared(cells[1]) and sum(map(str.isdigit, cells[0])) >= _LEGIBLE:
        return FITS if statuses == {"masked"} else SAME
    return UNKNOWN


def _fits_legacy(masked: str, whole: str) -> bool:
    """Whether it is the mask of the 15 digits from which the number of 18 was made."""
    return len(masked) == _LEGACY and whole[6:8] == "19" and mask_fits(masked, whole[:6] + whole[8:17])


def _is_somebodys(cells: Cells) -> bool:
    """Whether a number that was corrected is whole: its owner may be whose name stands beside it by now."""
    return read_document(cells["document_no"], cells["document_type"]).status in USABLE


def _mobiles(then: Then, now: Cells, field: str) -> bool | None:
    fields = [name for name in ("mobile", "mobile2") if name != field]
    was = [read_mobile(cell) for name in fields for cell in then.of(name)]
    said = [read_mobile(now[name]) for name in fields]
    whole, other = (
        {n for one in ones for n in (one.number, one.second) if one.status == "ok" and n} for ones in (was, said)
    )
    if whole & other:
        return True
    hidden = [(one.number, other) for one in was if one.status == "masked"]
    hidden += [(one.number, whole) for one in said if one.status == "masked"]
    if any(mask_fits(mask, number) for mask, numbers in hidden for number in numbers):
        return True
    return False if (whole and other) or any(numbers for _, numbers in hidden) else None


def _births(then: Then, now: Cells, field: str) -> bool | None:
    if field == "birth_date":
        return None
    said = read_date(now["birth_date"], "birth_date").day
    was = {day for cell in then.of("birth_date") if (day := read_date(cell, "birth_date").day)}
    return said in was if said and was else None
