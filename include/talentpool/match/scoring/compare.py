"""Compare pairs of records: at which level each comparison agrees, for whole columns of pairs at once.

A level is its place in weights.LEVELS. What a document number tells already (birth date, sex) is not counted twice.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from talentpool.match.facts.features import FOR_LIFE, NO_DATE, OTHER, Facts, Features
from talentpool.match.facts.forms import Names
from talentpool.match.scoring.weights import LEVELS

SHARED_MOBILE_MAX = 6
"""A mobile in more records than this is a station's or a family's: it carries nothing."""
NAMES_MAX = 3
"""Names that one document number may bear, misspelt ones of one person; more are riders for whom a station wrote one number."""
COMMON_TAIL = 0.002
"""An end of a document number with a greater share is a form's default: twenty times what chance gives."""
WHOLE_ROSTER = 0.5
"""A station where more than this share of a county, or of one partner's in it, work says no more than the county."""
SLIP_DAYS = 60
SLIP_YEARS = 10


def code(comparison: str, level: str) -> int:
    return LEVELS[comparison].index(level)


@dataclass(frozen=True)
class Compared:
    """By pair. `levels`: comparison -> int8 level; `shares`: comparison -> share of all that agree as far as these do,
    where its rarity counts; `bearers`: records that bear the mobile the two share (0: none); `common`: bits that their
    birth date says less; `last`: names that differ in their last character alone, as those of brothers and sisters do;
    `lent`: of one document number that more than NAMES_MAX names bear: it is nobody's."""

    levels: dict[str, np.ndarray]
    shares: dict[str, np.ndarray]
    bearers: np.ndarray
    common: np.ndarray
    last: np.ndarray
    lent: np.ndarray


def compare(features: Features, bearers: np.ndarray, left: np.ndarray, right: np.ndarray) -> Compared:
    """Compare the pairs (left[i], right[i]), positions in `features.facts`.

    Args:
        bearers: (n, 3) records that bear the record's mobile, its second mobile, the one before.
    """
    facts, names = features.facts, features.names
    a, b = facts.take(left), facts.take(right)
    document = _documents(a, b)
    same_document = document == code("document", "same")
    mobile, shared = _mobiles(a, b, bearers[left])
    name, rest = _names(names, a.name, b.name)
    station = _alike("station", a.station, b.station, 0)
    counted = {"county": "county", "station": "station", "hired": "hired", "document": "tail", "sex": "sex"}
    of_all = {what: np.maximum(*(getattr(one, f"{by}_share") for one in (a, b))) for what, by in counted.items()}
    return Compared(
        {
            "document": document,
            "mobile": mobile,
            "birth": np.where(same_document, code("birth", "unknown"), _births(a.birth, b.birth)),
            "name": name,
            "sex": np.where(same_document, code("sex", "unknown"), _alike("sex", a.sex, b.sex, 0)),
            "county": _alike("county", a.county, b.county, 0),
            "station": np.where(of_all["station"] > WHOLE_ROSTER, code("station", "unknown"), station).astype(np.int8),
            "hired": _alike("hired", a.hired, b.hired, NO_DATE),
            "partner": np.where(a.partner == b.partner, code("partner", "same"), code("partner", "other")),
        },
        {"name": rest, **of_all},
        shared,
        np.maximum(a.common, b.common),
        _in_the_last(names, a.name, b.name),
        _on_many_names(same_document, names.length, a, b),
    )


def _on_many_names(same: np.ndarray, length: np.ndarray, a: Facts, b: Facts) -> np.ndarray:
    """Of pairs of one number: which are of a number that more than NAMES_MAX whole names bear, in the last full run or among
    these pairs."""
    lent = same & (length[a.name] > 0) & (length[b.name] > 0)
    many = np.maximum(a.document_names, b.document_names) > NAMES_MAX
    number, name = np.tile(a.document[lent], 2), np.concatenate([a.name[lent], b.name[lent]])
    each = np.unique(np.stack([number, name.astype(np.int64)]), axis=1)[0]
    numbers, names = np.unique(each, return_counts=True)
    return np.asarray(same & (many | np.isin(a.document, numbers[names > NAMES_MAX])))


def _documents(a: Facts, b: Facts) -> np.ndarray:
    level = np.full(len(a), code("document", "unknown"), np.int8)
    both = (a.document != 0) & (b.document != 0)
    tails = (a.tail != 0) & (b.tail != 0)
    same_tail = tails & (a.tail == b.tail)
    size = np.minimum(a.head_size, b.head_size)
    ours = a.head // np.power(10, (a.head_size - size).astype(np.int64))
    theirs = b.head // np.power(10, (b.head_size - size).astype(np.int64))
    heads = (size >= 3) & ~both
    level[heads & (ours != theirs)] = code("document", "head_differs")
    level[tails & ~same_tail] = code("document", "tail_differs")
    fits = same_tail & ~(heads & (ours != theirs))
    level[fits] = code("document", "tail_same")
    level[fits & heads] = code("document", "masked_fits")
    level[both] = code("document", "conflict")
    # neither do a passport and a resident number contradict each other, nor two passports: each renewal has its number
    level[both & ((a.document >= OTHER) | (b.document >= OTHER))] = code("document", "unknown")
    # what a permit's holder keeps has no check digit: two that differ are looked at, and nobody is told apart for ever
    kept = (a.document >= OTHER) & (b.document >= OTHER) & (a.document & b.document & FOR_LIFE != 0)
    level[both & kept] = code("document", "tail_differs")
    level[both & (a.document == b.document)] = code("document", "same")
    return level


def _mobiles(a: Facts, b: Facts, of_a: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    level = np.full(len(a), code("mobile", "unknown"), np.int8)
    # a number that changed hands is not shared: both must have borne it at one time
    ours = (a.former != 0) & (a.former == b.mobile) & (b.since < a.former_until)
    theirs = (b.former != 0) & (b.former == a.mobile) & (a.since < b.former_until)
    once = (a.former != 0) & (a.former == b.former)
    once &= np.maximum(a.former_from, b.former_from) < np.minimum(a.former_until, b.former_until)
    known = ((a.mobile != 0) | (a.mobile2 != 0)) & ((b.mobile != 0) | (b.mobile2 != 0))
    level[known] = code("mobile", "differs")
    bearers = np.zeros(len(a), np.int32)
    sides = (
        ((a.mobile != 0) & (a.mobile == b.mobile), 0), ((a.mobile != 0) & (a.mobile == b.mobile2), 0),
        ((a.mobile2 != 0) & (a.mobile2 == b.mobile), 1), ((a.mobile2 != 0) & (a.mobile2 == b.mobile2), 1),
        (theirs, 0), (ours, 2), (once, 2),
    )  # fmt: skip
    for same, which in sides:
        fewer = same & (of_a[:, which] > 0) & ((bearers == 0) | (of_a[:, which] < bearers))
        bearers[fewer] = of_a[fewer, which]
    level[bearers > 0] = code("mobile", "same")
    level[bearers > SHARED_MOBILE_MAX] = code("mobile", "shared")
    return level, bearers


def births_contradict(a: int, b: int) -> bool:
    """Whether two birth dates (days since 1970) are neither the same nor a slip apart."""
    return bool(_births(np.array([a], np.int32), np.array([b], np.int32))[0] == code("birth", "differs"))


def _births(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    level = np.full(len(a), code("birth", "differs"), np.int8)
    days = np.abs(a.astype(np.int64) - b)
    known = (a != NO_DATE) & (b != NO_DATE)
    y1, m1, d1 = _parts(np.where(known, a, 0))
    y2, m2, d2 = _parts(np.where(known, b, 0))
    near = (days <= SLIP_DAYS) | ((m1 == m2) & (d1 == d2) & (np.abs(y1 - y2) <= SLIP_YEARS))
    near |= (days >= 364) & (days <= 367)
    near |= (y1 == y2) & (m1 == d2) & (d1 == m2)
    level[near] = code("birth", "near")
    level[days == 0] = code("birth", "same")
    level[~known] = code("birth", "unknown")
    return level


def _parts(days: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    dates = days.astype("datetime64[D]")
    months = dates.astype("datetime64[M]")
    return (
        dates.astype("datetime64[Y]").astype(np.int64),
        months.astype(np.int64) % 12 + 1,
        (dates - months).astype(np.int64) + 1,
    )


def _alike(comparison: str, a: np.ndarray, b: np.ndarray, unknown: int) -> np.ndarray:
    level = np.where(a == b, code(comparison, "same"), code(comparison, "differs")).astype(np.int8)
    level[(a == unknown) | (b == unknown)] = code(comparison, "unknown")
    return level


def _in_the_last(names: Names, a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Whole names of one length that differ in the last character alone."""
    length = names.length[a]
    other = names.characters[a] != names.characters[b]
    last = np.clip(length - 1, 0, other.shape[1] - 1)
    return np.asarray(
        (length == names.length[b]) & (length > 1) & other[np.arange(len(a)), last] & (other.sum(axis=1) == 1)
    )


def _names(names: Names, a: np.ndarray, b: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Level, and the share of people whose name agrees as far as the two do."""
    level = np.full(len(a), code("name", "differs"), np.int8)
    rest = np.ones(len(a))
    # a mask or a placeholder is no name: neither equal nor another
    known = (names.length[a] > 0) & (names.length[b] > 0)
    same = (a == b) & known
    level[same] = code("name", "same")
    rest[same] = names.share[a[same]]
    level[~known] = code("name", "unknown")
    _hidden(names, a, b, ~known, level, rest)
    sounds = ~same & (names.sound[a] == names.sound[b]) & known
    level[sounds] = code("name", "pinyin")
    rest[sounds] = names.sound_share[a[sounds]]
    at = np.flatnonzero(known & ~same & ~sounds)
    la, lb = names.length[a[at]], names.length[b[at]]
    longest = np.maximum(la, lb)
    alike = at[(la == lb) & (la >= 2) & (longest <= names.characters.shape[1])]
    _one_differs(names, a, b, alike, level, rest)
    _one_lost(
        names, a, b, at[(np.abs(la - lb) == 1) & (longest >= 3) & (longest <= names.characters.shape[1])], level, rest
    )
    return level, rest


def _hidden(
    names: Names, a: np.ndarray, b: np.ndarray, unknown: np.ndarray, level: np.ndarray, rest: np.ndarray
) -> None:
    """Of names that are hidden in part: whether the ends that both show are the same."""
    at = np.flatnonzero(unknown)
    ours, theirs = names.ends[a[at]], names.ends[b[at]]
    both = (ours != 0) & (theirs != 0)
    other, same = (both & (ours != theirs)).any(axis=1), both & (ours == theirs)
    level[at[other]] = code("name", "shown_differs")
    fits = same.any(axis=1) & ~other
    level[at[fits]] = np.where(same[fits, 1], code("name", "shown"), code("name", "surname"))
    rest[at[fits]] = np.where(same, names.end_share[a[at]], 1.0).prod(axis=1)[fits]


def _one_differs(
    names: Names, a: np.ndarray, b: np.ndarray, at: np.ndarray, level: np.ndarray, rest: np.ndarray
) -> None:
    """Names of one length that differ in one character after the first."""
    other = names.characters[a[at]] != names.characters[b[at]]
    one = (other.sum(axis=1) == 1) & ~other[:, 0]
    at, other = at[one], other[one]
    level[at] = code("name", "one")
    rest[at] = np.where(other, 1.0, names.part[a[at]]).prod(axis=1)


def _one_lost(names: Names, a: np.ndarray, b: np.ndarray, at: np.ndarray, level: np.ndarray, rest: np.ndarray) -> None:
    """One name is the other without one character after the first."""
    swap = names.length[a[at]] < names.length[b[at]]
    long, short = np.where(swap, b[at], a[at]), np.where(swap, a[at], b[at])
    whole, part = names.characters[long], names.characters[short]
    head = np.cumprod(whole == part, axis=1).sum(axis=1)  # characters that agree from the left
    shifted = np.concatenate([whole[:, 1:], np.zeros((len(whole), 1), whole.dtype)], axis=1)
    place = np.arange(whole.shape[1])
    fits = ((shifted == part) | (place < head[:, None])).all(axis=1) & (head >= 1)
    at = at[fits]
    level[at] = code("name", "lost")
    rest[at] = names.share[short[fits]]
