"""Remove rows that hold nothing from a workbook: a format dragged to the end, a space in the last row."""

from __future__ import annotations

import io
import zipfile
from typing import Any

from .parts import Attributes, new_parser, string_numbers


def without_blank_rows(archive: zipfile.ZipFile, parts: list[str]) -> bytes:
    """The workbook without the rows of `parts` that hold nothing, not even in far places: they need no room."""
    blank = string_numbers(archive, lambda text, _: not text.strip())
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as new:
        for name in archive.namelist():
            data = archive.read(name)
            new.writestr(name, _filled_rows(data, blank) if name in parts else data)
    return out.getvalue()


def _filled_rows(data: bytes, blank: set[int]) -> bytes:
    kept: list[bytes] = []
    state: dict[str, Any] = {"from": 0, "row": None, "holds": True, "kind": "", "open": False, "value": ""}
    parser = new_parser()

    def close(at: int) -> None:
        if not state["holds"]:
            kept.append(data[state["from"] : state["row"]])
            state["from"] = at

    def start(tag: str, attributes: Attributes) -> None:
        name = tag.rsplit(":", 1)[-1]
        if name == "row":
            close(parser.CurrentByteIndex)
            state.update(row=parser.CurrentByteIndex, holds=False)
        elif name == "c":
            state.update(kind=attributes.get("t", "n"), value="")
        elif name in ("v", "t"):
            state["open"] = True
        elif name == "f":
            state["holds"] = True

    def end(tag: str) -> None:
        name = tag.rsplit(":", 1)[-1]
        if name in ("v", "t"):
            state["open"] = False
            text = state["value"].strip()
            state["holds"] |= bool(text) and not (state["kind"] == "s" and int(text) in blank)
        elif name == "sheetData":
            close(parser.CurrentByteIndex)
            state["holds"] = True

    def text(piece: str) -> None:
        if state["open"]:
            state["value"] += piece

    parser.StartElementHandler, parser.EndElementHandler, parser.CharacterDataHandler = start, end, text
    parser.Parse(data, True)
    kept.append(data[state["from"] :])
    return b"".join(kept)
