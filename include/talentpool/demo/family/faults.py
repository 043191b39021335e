"""Write names, numbers and dates as they come out wrong: by sound, by sight, by hand, or hidden on purpose."""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import date, timedelta
from functools import cache

from pypinyin import lazy_pinyin

from talentpool.conform.characters.look_alikes import simplify
from talentpool.demo.family.naming import Name, inventory
from talentpool.demo.family.traits import PartnerTraits

_NEAR_SOUNDS = (("ing", "in"), ("in", "ing"), ("eng", "en"), ("en", "eng"), ("zh", "z"), ("z", "zh"), ("sh", "s"), ("s", "sh"),
                ("ch", "c"), ("c", "ch"), ("n", "l"), ("l", "n"), ("f", "h"), ("ang", "an"), ("an", "ang"))  # fmt: skip
_INITIALS = frozenset(("zh", "z", "sh", "s", "ch", "c", "n", "l", "f", "h"))
_TITLES = ("师傅", "师傅", "哥", "(新)", "2")
PLACEHOLDERS = ("未知", "测试", "待补", "无", "骑手1")


@cache
def _by_sound() -> tuple[dict[str, str], dict[str, list[str]]]:
    """(character -> syllable without tone, syllable -> the characters an input method offers, commonest first)."""
    of = inventory()
    texts = [of["surnames"], *of["more"].values()]
    texts += [text for sexes in of["cohorts"].values() for fashion in sexes.values() for text in fashion.values()]
    characters = list(dict.fromkeys(ch for text in texts for ch in text if ch != " "))
    syllables = dict(zip(characters, lazy_pinyin(characters), strict=True))
    offered: dict[str, list[str]] = {}
    for character, syllable in syllables.items():
        offered.setdefault(syllable, []).append(character)
    return syllables, offered


@cache
def _by_sight() -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for pair in inventory()["look_alikes"].split():
        a, b = pair[0], pair[1]
        found.setdefault(a, []).append(b)
        found.setdefault(b, []).append(a)
    return found


@cache
def _rare() -> frozenset[str]:
    return frozenset(inventory()["rare"].split())


@cache
def _traditional() -> dict[str, str]:
    return {simple: chr(code) for code, simple in sorted(simplify().items(), reverse=True) if code < 0xA000}


def _near(syllable: str) -> list[str]:
    """Syllables that many do not tell apart: in and ing, z and zh, n and l."""
    found = []
    for a, b in _NEAR_SOUNDS:
        if a in _INITIALS and syllable.startswith(a):
            found.append(b + syllable[len(a) :])
        elif a not in _INITIALS and syllable.endswith(a):
            found.append(syllable[: -len(a)] + b)
    return found


def misheard(rng: random.Random, name: Name) -> str:
    """Another character of the same syllable, now and then of one that sounds alike; seldom in the surname."""
    syllables, offered = _by_sound()
    text = str(name)
    places = [at for at, ch in enumerate(text) if ch in syllables and (at >= len(name.surname) or rng.random() < 0.1)]
    rng.shuffle(places)
    for at in places:
        syllable = syllables[text[at]]
        near = [sound for sound in _near(syllable) if sound in offered]
        if near and rng.random() < 0.25:
            syllable = rng.choice(near)
        others = [ch for ch in offered[syllable] if ch != text[at]][:8]
        if others:
            return text[:at] + others[min(int(rng.expovariate(0.6)), len(others) - 1)] + text[at + 1 :]
    return text


def misread(rng: random.Random, name: Name) -> str:
    """A character that looks like the right one."""
    text = str(name)
    places = [at for at, ch in enumerate(text) if ch in _by_sight()]
    if not places:
        return text
    at = rng.choice(places)
    return text[:at] + rng.choice(_by_sight()[text[at]]) + text[at + 1 :]


def mistyped(rng: random.Random, name: Name) -> str:
    """A character lost, doubled or swapped, spaces, traditional forms, a title, another separator."""
    text, at = str(name), len(name.surname)
    kinds = ["space", "traditional", "title", "double", "wide"]
    if not at:  # half of a long name, or another separator
        first = text.partition("·")[0]
        return first if rng.random() < 0.3 else text.replace("·", rng.choice(("•", ".", "", "・", " ")))
    if len(name.given) == 2:
        kinds += ["lost", "lost", "swapped", "swapped"]
    match rng.choice(kinds):
        case "space":
            return f"{text[:at]} {text[at:]}"
        case "traditional":
            return "".join(_traditional().get(ch, ch) for ch in text)
        case "title":
            return text + rng.choice(_TITLES)
        case "double":
            return text + text[-1]
        case "lost":
            return text[:at] + text[at + rng.randrange(2)]
        case "swapped":
            return text[:at] + text[-1] + text[-2]
        case _:
            return f"\u3000{text} "


def written_name(rng: random.Random, name: Name, of: PartnerTraits) -> str:
    """The name's cell."""
    draw = rng.random()
    if name.given[-1:] in _rare() and rng.random() < of.rare_lost:
        return f"{name.surname}{name.given[:-1]}{rng.choice(('?', '', *lazy_pinyin(name.given[-1])))}"
    if draw < of.name_placeholder:
        return rng.choice(PLACEHOLDERS)
    draw -= of.name_placeholder
    if draw < of.name_masked:
        return masked_name(rng, name)
    if draw - of.name_masked < of.name_fault:
        ways: list[Callable[[random.Random, Name], str]] = [misheard, misread, mistyped]
        (way,) = rng.choices(ways, (of.by_sound, of.by_sight, of.by_hand))
        spoiled = way(rng, name)
        return spoiled if spoiled != str(name) else mistyped(rng, name)
    return str(name)


def masked_name(rng: random.Random, name: Name) -> str:
    text = str(name)
    if len(text) == 2 or rng.random() < 0.4:
        return text[0] + "*" * (len(text) - 1)
    return text[0] + "*" * (len(text) - 2) + text[-1]


def wrong_digits(rng: random.Random, number: str, since: int) -> str:
    """One digit at or after `since` mistyped, or two neighbours transposed."""
    at = rng.randrange(since, len(number))
    if rng.random() < 0.35 and number[at : at + 1] != number[at + 1 : at + 2] and at + 1 < len(number):
        return number[:at] + number[at + 1] + number[at] + number[at + 2 :]
    other = rng.choice([digit for digit in "0123456789" if digit != number[at]])
    return number[:at] + other + number[at + 1 :]


def wrong_birth(rng: random.Random, born: date, *, swapped: bool) -> date:
    """Month and day exchanged where that is a date, or a year or ten off."""
    if swapped:
        return born.replace(month=born.day, day=born.month) if born.day <= 12 else born
    years = rng.choice((-1, -1, 1, 1, -10))
    return born.replace(year=born.year + years, day=min(born.day, 28)) if born.month == 2 else (
        born.replace(year=born.year + years)
    )  # fmt: skip


def any_day(rng: random.Random, first: date, last: date) -> date:
    """A day between two, both included; `last` where they are the other way round."""
    return first + timedelta(days=rng.randint(0, (last - first).days)) if first < last else last
