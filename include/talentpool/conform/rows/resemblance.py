"""Compare a row with the person who withdrew: which values agree, which differ, and what follows.

Pure functions over plain values and keyed hashes. What is kept of a withdrawn person is hashes alone: `lookups` to be
found by (a combination of values each, the same for everybody), `facets` to be compared with (a value each, hashed
together with the withdrawal, so that the facets of two people have nothing in common).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass

Hash = Callable[[bytes], bytes]
CERTAIN, DOUBTFUL, NOT = "certain", "doubtful", ""
_MASK = re.compile(r"[*某〇○×#]")
"""No letter x: a name that hides behind one has no match form, and Alexei is a name."""
_TAIL = re.compile(r"\*(\d{1,3}[\dX]|\d{4})$")


@dataclass(frozen=True, repr=False)
class Traits:
    """What one row, or every version of a person, says. Sets are empty where it says nothing.

    `documents`: whole resident numbers; `tails`: the last signs of a masked or whole one; `mobile_tails`: the last four
    digits of a masked or whole mobile. Names are match forms.
    """

    names: frozenset[str] = frozenset()
    births: frozenset[str] = frozenset()
    documents: frozenset[str] = frozenset()
    tails: frozenset[str] = frozenset()
    mobiles: frozenset[str] = frozenset()
    mobile_tails: frozenset[str] = frozenset()


def usable_form(form: str) -> bool:
    """Whether the match form of a name tells one name from another; a masked one or a family name alone does not."""
    return len(form) > 1 and not _MASK.search(form)


def tail_of(document: str) -> str:
    """The last signs that a masked or whole resident number shows; '' for fewer than three."""
    if "*" not in document:
        return document[-4:]
    shown = _TAIL.search(document)
    return shown[1] if shown and len(shown[1]) > 2 else ""


def lookups(traits: Traits) -> set[bytes]:
    """Combinations of values by which a person may be known again."""
    whole = {tail for tail in traits.tails if len(tail) == 4}
    pairs = {
        "name birth": (traits.names, traits.births),
        "name mobile": (traits.names, traits.mobiles),
        "name tail": (traits.names, whole),
        "name mobile tail": (traits.names, traits.mobile_tails),
        "birth mobile": (traits.births, traits.mobiles),
        # who comes back behind a masked name
        "tail mobile": (whole, traits.mobiles),
        "tail birth": (whole, traits.births),
        "tail mobile tail": (whole, traits.mobile_tails),
        "birth mobile tail": (traits.births, traits.mobile_tails),
        "mobile": (traits.mobiles, {""}),
    }
    return {
        "\x1f".join((kind, one, other)).encode()
        for kind, (ones, others) in pairs.items()
        for one in ones
        for other in others
    }


def facets(hashed: Hash, withdrawal: bytes, traits: Traits) -> dict[str, list[bytes]]:
    """Each value alone, hashed together with the withdrawal."""
    kept = {
        "name": traits.names, "birth": traits.births, "document": traits.documents, "mobile": traits.mobiles,
        "mobile_tail": traits.mobile_tails, "tail": _tails(traits.tails),
    }  # fmt: skip
    return {kind: sorted(_facet(hashed, withdrawal, kind, value) for value in values) for kind, values in kept.items()}


def _tails(tails: Iterable[str]) -> set[str]:
    return {tail[-length:] for tail in tails for length in (3, 4) if len(tail) >= length}


def _facet(hashed: Hash, withdrawal: bytes, kind: str, value: str) -> bytes:
    return hashed(b"facet\x1f" + withdrawal + f"\x1f{kind}\x1f{value}".encode())


@dataclass(frozen=True)
class Agreement:
    """Of each value whether both sides agree; None = one of them does not say it."""

    document: bool | None = None
    tail: bool | None = None
    name: bool | None = None
    birth: bool | None = None
    mobile: bool | None = None
    mobile_tail: bool | None = None

    @property
    def beside_the_name(self) -> tuple[bool | None, ...]:
        return (self.document, self.tail, self.birth, self.mobile, self.mobile_tail)


def compare(hashed: Hash, withdrawal: bytes, kept: dict[str, frozenset[bytes]], row: Traits) -> Agreement:
    """A row beside the facets of a withdrawn person."""

    def agree(kind: str, values: Iterable[str]) -> bool | None:
        said, known = list(values), kept.get(kind, frozenset())
        if not said or not known:
            return None
        return any(_facet(hashed, withdrawal, kind, value) in known for value in said)

    return Agreement(
        document=agree("document", row.documents),
        tail=agree("tail", row.tails),
        name=agree("name", row.names),
        birth=agree("birth", row.births),
        mobile=agree("mobile", row.mobiles),
        mobile_tail=agree("mobile_tail", row.mobile_tails),
    )


def resemblance(found: Agreement, *, same_number: bool) -> str:
    """CERTAIN, DOUBTFUL or NOT. `same_number`: the row stands under a staff number that the person had."""
    plain = _by_values(found)
    return _by_number(found, plain) if same_number and plain != CERTAIN else plain


def _by_values(found: Agreement) -> str:
    """What the values say whatever the number: two that name one person make it certain, unless another speaks against."""
    if found.document:
        return CERTAIN
    against = False in (found.document, found.tail, found.birth)
    if found.name is False:
        return DOUBTFUL if found.mobile and (found.birth or found.tail) and not against else NOT
    strong = bool(found.mobile) + bool(found.tail) + bool(found.mobile is None and found.mobile_tail)
    if found.name is None:
        return NOT if against else _nameless(found, strong)
    if found.document is False:
        return DOUBTFUL if found.mobile else NOT
    if against:
        return DOUBTFUL if strong else NOT
    if found.mobile or strong > 1 or (found.birth and strong):
        return CERTAIN
    return DOUBTFUL if strong or found.birth else NOT


def _nameless(found: Agreement, strong: int) -> str:
    """A row whose name is hidden: a whole mobile and one value more name one person; the mobile alone, or two ends of
    numbers, nearly do."""
    if found.mobile and (found.birth or found.tail):
        return CERTAIN
    return DOUBTFUL if found.mobile or strong + bool(found.birth) > 1 else NOT


def _by_number(found: Agreement, plain: str) -> str:
    """A number is handed on: whoever has another name and nothing in common is somebody else."""
    agrees, differs = True in found.beside_the_name, False in found.beside_the_name
    if found.document is False and found.name is False:
        return plain
    if found.name is False:
        return NOT if differs and not agrees else DOUBTFUL
    if False in (found.document, found.tail, found.birth):
        return DOUBTFUL
    return CERTAIN
