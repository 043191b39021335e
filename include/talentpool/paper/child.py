"""The process in which papers are set: one request of papers, one answer of PDF files."""

from __future__ import annotations

import json
import os
from base64 import b64encode
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from talentpool.child import serve
from talentpool.errors import UsageError
from talentpool.paper.glyphs import FONTS

MEMORY = 512 * 1024**2
"""Bytes of address space: a worker of a small machine has that to spare."""
CPU_SECONDS = 240
HERE = Path(__file__).parent


def main() -> None:
    os.environ["RAYON_NUM_THREADS"] = "1"  # each thread of typst's would reserve memory of its own
    serve(_set, cpu_seconds=CPU_SECONDS, memory=MEMORY)


def _set(request: dict[str, Any]) -> list[str]:
    """UsageError where a paper asks for what no font has, which PDF/A forbids: typst's own words would name it."""
    import typst

    made = []
    for paper in request["papers"]:
        on = datetime(**paper["made_on"], tzinfo=UTC)
        try:
            pdf = typst.compile(
                str(HERE / f"{paper['kind']}.typ"), font_paths=[str(FONTS)], ignore_system_fonts=True, format="pdf",
                sys_inputs={"paper": json.dumps(paper, ensure_ascii=False)}, pdf_standards=["a-2b"], pdf_tags=False,
                timestamp=int(on.timestamp()),
            )  # fmt: skip
        except RuntimeError as error:
            raise UsageError(_why(str(error))) from None
        made.append(b64encode(pdf).decode())
    return made


def _why(said: str) -> str:
    if "could not be displayed" in said:
        return "a character has no glyph in the fonts that are shipped; nothing was printed"
    return "typst refused the paper; nothing was printed"
