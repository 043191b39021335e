"""Open the parts of a workbook: which sheet is where, and XML as a stream. An XML declaration of entities is an error."""

from __future__ import annotations

import posixpath
import zipfile
from collections.abc import Callable
from typing import Any
from xml.parsers import expat

CHUNK = 1024 * 1024
TRUE = ("1", "true")
Attributes = dict[str, str]


def new_parser() -> Any:
    def refuse(*_: object) -> None:
        raise ValueError("a declaration of its own")

    parser = expat.ParserCreate()
    parser.StartDoctypeDeclHandler = parser.EntityDeclHandler = refuse
    parser.buffer_text = True
    return parser


def parse(
    archive: zipfile.ZipFile,
    part: str,
    start: Callable[[str, Attributes], object],
    end: Callable[[str], object] | None = None,
    text: Callable[[str], object] | None = None,
) -> None:
    """Stream a part; tags are told without their prefix."""
    parser = new_parser()
    parser.StartElementHandler = lambda tag, attributes: start(tag.rsplit(":", 1)[-1], attributes)
    if end is not None:
        parser.EndElementHandler = lambda tag: end(tag.rsplit(":", 1)[-1])
    if text is not None:
        parser.CharacterDataHandler = text
    with archive.open(part) as stream:
        while chunk := stream.read(CHUNK):
            parser.Parse(chunk, False)
    parser.Parse(b"", True)


def sheet_parts(archive: zipfile.ZipFile) -> dict[int, str]:
    """Sheet's place in the workbook -> its part."""
    targets: dict[str, str] = {}
    places: dict[int, str] = {}

    def relation(tag: str, attributes: Attributes) -> None:
        if tag == "Relationship":
            target = attributes.get("Target", "")
            inside = target.lstrip("/") if target.startswith("/") else posixpath.normpath("xl/" + target)
            targets[attributes.get("Id", "")] = inside

    def sheet(tag: str, attributes: Attributes) -> None:
        if tag == "sheet":
            places[len(places)] = next((v for k, v in attributes.items() if k.rsplit(":", 1)[-1] == "id"), "")

    parse(archive, "xl/_rels/workbook.xml.rels", relation)
    parse(archive, "xl/workbook.xml", sheet)
    return {place: targets.get(key, "") for place, key in places.items()}


def strings_part(archive: zipfile.ZipFile) -> str:
    return next((name for name in archive.namelist() if name.lower() == "xl/sharedstrings.xml"), "")


def string_numbers(archive: zipfile.ZipFile, wanted: Callable[[str, bool], bool]) -> set[int]:
    found: set[int] = set()
    state: dict[str, Any] = {"number": -1, "text": "", "struck": False}

    def start(tag: str, attributes: Attributes) -> None:
        if tag == "si":
            state.update(number=state["number"] + 1, text="", struck=False)
        elif tag == "strike" and attributes.get("val", "1") in TRUE:
            state["struck"] = True

    def text(piece: str) -> None:
        state["text"] += piece

    def end(tag: str) -> None:
        if tag == "si" and wanted(state["text"], state["struck"]):
            found.add(state["number"])

    if part := strings_part(archive):
        parse(archive, part, start, end, text)
    return found
