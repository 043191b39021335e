"""Read how a workbook shows its cells: struck out, padded with zeros, with something around them."""

from __future__ import annotations

import re
import zipfile
from dataclasses import dataclass, field

from .parts import TRUE, Attributes, parse

Affixes = tuple[str, str]
_ORNAMENT = re.compile(r"\$-|color|black|blue|cyan|green|magenta|red|white|yellow", re.IGNORECASE)
"""What may stand in brackets and leaves the digits as they are: a language, a colour."""
_TOKENS = re.compile(r'"([^"]*)"|\\(.)|[_*].|\[([^\]]*)\]|(General)|(.)', re.IGNORECASE | re.DOTALL)


@dataclass
class Looks:
    """By number of a cell's style: which strike out, how numbers are shown, what is put around text."""

    struck: set[str] = field(default_factory=set)
    numbers: dict[str, list[str]] = field(default_factory=dict)
    texts: dict[str, Affixes] = field(default_factory=dict)

    @property
    def any(self) -> bool:
        return bool(self.struck or self.numbers or self.texts)


def looks(archive: zipfile.ZipFile) -> Looks:
    """What styles.xml makes of cells."""
    found = Looks()
    formats: dict[str, str] = {}
    struck_fonts: set[str] = set()
    inside: list[str] = []
    count = {"font": -1, "xf": -1}

    def start(tag: str, attributes: Attributes) -> None:
        above = inside[-1] if inside else ""
        inside.append(tag)
        if tag == "numFmt" and above == "numFmts":
            formats[attributes.get("numFmtId", "")] = attributes.get("formatCode", "")
        elif tag == "font" and above == "fonts":
            count["font"] += 1
        elif tag == "strike" and above == "font" and inside[-3:-2] == ["fonts"]:
            if attributes.get("val", "1") in TRUE:
                struck_fonts.add(str(count["font"]))
        elif tag == "xf" and above == "cellXfs":
            count["xf"] += 1
            style = str(count["xf"])
            number, around = shape_of(formats.get(attributes.get("numFmtId", ""), ""))
            if number:
                found.numbers[style] = number
            if around:
                found.texts[style] = around
            if attributes.get("fontId") in struck_fonts:
                found.struck.add(style)

    if "xl/styles.xml" in archive.NameToInfo:
        parse(archive, "xl/styles.xml", start, lambda _: inside.pop())
    return found


def shape_of(code: str) -> tuple[list[str], Affixes | None]:
    """(pieces of a number, affixes of a text) of a number format; empty where it shows plain digits, or a date.

    Pieces are "0", "#", or literal text behind a quote: 00000000 pads with zeros, "SF"0000 also says something.
    """
    sections = _sections(code)
    numbers = sections[0]
    text = sections[3] if len(sections) > 3 else next((s for s in sections[:1] if s and "@" in s), None)
    affixes = None
    if text and "@" in text:
        at = text.index("@")
        affixes = ("".join(p[1:] for p in text[:at]), "".join(p[1:] for p in text[at + 1 :] if p[0] == "'"))
    if numbers is None or not set(numbers) & {"0", "#"}:
        return [], affixes if affixes and any(affixes) else None
    odd = numbers.count("0") > 1 or any(piece[0] == "'" and piece[1:].strip() for piece in numbers)
    return numbers if odd else [], affixes if affixes and any(affixes) else None


def _sections(code: str) -> list[list[str] | None]:
    """A format's sections as pieces; None for one that is no row of digits (dates, fractions, decimals, thousands)."""
    sections: list[list[str] | None] = [[]]
    for quoted, escaped, bracket, general, char in _TOKENS.findall(code):
        pieces = sections[-1]
        if char == ";":
            sections.append([])
        elif pieces is None:
            continue
        elif quoted or escaped:
            pieces.append("'" + (quoted or escaped))
        elif general:
            pieces.append("#")
        elif bracket and not _ORNAMENT.match(bracket):
            sections[-1] = None
        elif char in ("0", "#", "@"):
            pieces.append(char)
        elif char == "?":
            pieces.append("#")
        elif char and (char in ",.%/" or (char.isascii() and char.isalpha())):
            sections[-1] = None
        elif char:
            pieces.append("'" + char)
    return sections


def shown(pieces: list[str], digits: str) -> str:
    """A whole number as the format shows it."""
    slots = sum(piece in ("0", "#") for piece in pieces)
    spare, rest = digits[: max(len(digits) - slots, 0)], digits[max(len(digits) - slots, 0) :].rjust(slots)
    out, at = "", 0
    for piece in pieces:
        if piece[0] == "'":
            out += piece[1:]
            continue
        if piece in ("0", "#"):
            out += (spare if at == 0 else "") + (rest[at] if rest[at] != " " else "0" if piece == "0" else "")
            at += 1
    return out
