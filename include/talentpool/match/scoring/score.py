"""Score comparisons: the bits of each level for and against one person. `edges.py` sums them and decides."""

from __future__ import annotations

import numpy as np

from talentpool.match.facts.frequencies import SMALLEST
from talentpool.match.scoring.compare import COMMON_TAIL, Compared, code
from talentpool.match.scoring.tally import DEFAULT
from talentpool.match.scoring.weights import LEVELS, Weights

OTHER_NAMES = [code("name", level) for level in ("differs", "shown_differs")]
RARE_DAY = 0.005
"""A hire date of fewer records than this share is evidence of one person; a form's default, or the day of a takeover, is not."""
ALONE = 4.0
"""Bits by which a name says less where neither a mobile, a birth date nor a document number agrees beside it, nor both station
and hire date: there are more namesakes at one station than the rarity of their names makes expect, and of a name that few bear
the rarity is a guess."""
NAMED = 4.0
"""Bits by which a birth date says more under one whole name, unless the counties differ: twins, because of whom it says less,
do not share their name."""
PAPERS_AGREE = [code("document", level) for level in ("same", "masked_fits", "tail_same")]
PAPERS_DIFFER = [code("document", level) for level in ("tail_differs", "head_differs")]


def prior_bits(weights: Weights, records: int) -> float:
    """Bits of a random pair among so many records. Steps of half a bit, so that a month's growth changes nothing."""
    return weights.prior.w - float(round(2 * np.log2(max(records, SMALLEST)))) / 2


def bits(weights: Weights, compared: Compared) -> dict[str, np.ndarray]:
    """Comparison -> bits by pair."""
    by_comparison = {}
    for comparison, levels in compared.levels.items():
        rules = [weights.comparisons[comparison][name] for name in LEVELS[comparison]]
        value = np.array([rule.w for rule in rules])[levels]
        rare = np.array([rule.rare for rule in rules])[levels]
        if rare.any():
            most = np.array([rule.most for rule in rules])[levels]
            value = np.where(rare, value + np.minimum(-np.log2(compared.shares[comparison]), most), value)
        if comparison == "document":
            value = np.where(compared.lent, 0.0, value)
        if comparison == "name":
            value = value - np.where(_alone(compared), ALONE, 0.0)
        if comparison == "mobile":
            same = levels == code("mobile", "same")
            value = value - np.where(same, np.log2(np.maximum(compared.bearers - 1, 1)), 0.0)
        if comparison == "birth":
            same = levels == code("birth", "same")
            # a default date says nothing, no more
            value = value - np.where(same, np.minimum(compared.common, value), 0.0)
            value = value + np.where(_namesakes_born_together(compared), NAMED, 0.0)
        by_comparison[comparison] = value
    return by_comparison


def unnamed(compared: Compared) -> np.ndarray:
    """Another name, and no document number to say otherwise: a mobile alone never unites."""
    other = np.isin(compared.levels["name"], OTHER_NAMES)
    return other & ~_papers_agree(compared)


def nameless(compared: Compared) -> np.ndarray:
    """No whole name on one side, and less than two of what speaks of a person beside it: a mobile, a birth date, a document
    number or its end, a character of the given name, a station or a hire date. The same full document number is enough."""
    levels = compared.levels
    shown = levels["name"] == code("name", "shown")
    hidden = shown | np.isin(levels["name"], [code("name", "unknown"), code("name", "surname")])
    others = _beside_the_name(compared) + shown + _one_place(compared)
    typed_on_many = (levels["document"] == code("document", "same")) & (levels["partner"] == code("partner", "same"))
    typed_on_many &= levels["mobile"] == code("mobile", "differs")
    enough = ((levels["document"] == code("document", "same")) & ~compared.lent) | (others >= 2)
    return hidden & (typed_on_many | ~enough)


def by_name_alone(compared: Compared) -> np.ndarray:
    """Nothing that agrees but the name, or the name and the county: however rare it is, it never unites. Of a name that few
    bear nobody knows how rare it is."""
    return ~((_beside_the_name(compared) > 0) | _one_place(compared))


def relatives(compared: Compared) -> np.ndarray:
    """What speaks for two people of one family.

    A mobile, a surname and a birth date are what twins, siblings and couples share, so two names, two sexes, two birth dates or
    two ends of a document number are never united by themselves, unless the numbers say that they are one person's. Names of
    siblings differ in one character, most often the last; two that sound alike, or one that lost a character, are one name and
    a fault only with a mobile or a birth date in common, and never as twins have them. Nobody shares a whole name with a
    brother: under one name another birth date is a fault of the roster, and so is another sex where the mobile is one, too.
    """
    levels = compared.levels
    born = levels["birth"] == code("birth", "same")
    whole, one_mobile = levels["name"] == code("name", "same"), levels["mobile"] == code("mobile", "same")
    lost = levels["name"] == code("name", "lost")
    alike = lost | (levels["name"] == code("name", "pinyin"))
    twins = born & (lost | compared.last | (levels["mobile"] == code("mobile", "differs")))
    unproved = ~born & ~one_mobile
    other = (
        (alike & (twins | unproved))
        | (levels["name"] == code("name", "one"))
        | ((levels["sex"] == code("sex", "differs")) & ~(whole & one_mobile))
    )
    other |= (levels["birth"] == code("birth", "differs")) & ~whole
    return np.isin(levels["document"], PAPERS_DIFFER) | (other & ~_papers_agree(compared))


def _beside_the_name(compared: Compared) -> np.ndarray:
    """How many agree of mobile, birth date and document number; none that a form seems to have filled in."""
    agree = (compared.levels["mobile"] == code("mobile", "same")).astype(int) + _born_together(compared)
    return np.asarray(agree + _papers_agree(compared))


def _born_together(compared: Compared) -> np.ndarray:
    """One birth date, and none that a form seems to have filled in."""
    return np.asarray((compared.levels["birth"] == code("birth", "same")) & (compared.common < DEFAULT))


def _namesakes_born_together(compared: Compared) -> np.ndarray:
    """One birth date under one whole name, and no other county."""
    levels = compared.levels
    elsewhere = levels["county"] == code("county", "differs")
    return _born_together(compared) & (levels["name"] == code("name", "same")) & ~elsewhere


def _alone(compared: Compared) -> np.ndarray:
    """Nothing personal beside the name, and no more than one of what tells a place of work."""
    station, hired = _work(compared)
    return np.asarray((_beside_the_name(compared) == 0) & ~(station & hired))


def _one_place(compared: Compared) -> np.ndarray:
    """One station, or one hire date that hardly anybody else has."""
    station, hired = _work(compared)
    return station | hired


def _work(compared: Compared) -> tuple[np.ndarray, np.ndarray]:
    """One station; one hire date that hardly anybody else has."""
    hired = (compared.levels["hired"] == code("hired", "same")) & (compared.shares["hired"] < RARE_DAY)
    return compared.levels["station"] == code("station", "same"), hired


def _papers_agree(compared: Compared) -> np.ndarray:
    """One document number or its end, unless it is one that many bear."""
    same = compared.levels["document"] == code("document", "same")
    rare = np.where(same, ~compared.lent, compared.shares["document"] < COMMON_TAIL)
    return np.isin(compared.levels["document"], PAPERS_AGREE) & rare


def two_numbers(compared: Compared) -> np.ndarray:
    """Two full document numbers under one name and mobile, and one station or hire date: a number that was mistyped, or two
    people. Never united by itself, and asked before a list is locked."""
    levels = compared.levels
    return (
        (levels["document"] == code("document", "conflict"))
        & (levels["name"] == code("name", "same"))
        & (levels["mobile"] == code("mobile", "same"))
        & ((levels["station"] == code("station", "same")) | (levels["hired"] == code("hired", "same")))
    )


def borrowed(compared: Compared) -> np.ndarray:
    """One document number under another name, however alike where many names bear the number, and without a shared mobile:
    never united by itself."""
    levels = compared.levels
    return (
        (levels["document"] == code("document", "same"))
        & (np.isin(levels["name"], OTHER_NAMES) | (compared.lent & (levels["name"] != code("name", "same"))))
        & (levels["mobile"] != code("mobile", "same"))
    )
