"""Serve the console's own style and marks; nothing is fetched from elsewhere."""

from __future__ import annotations

from pathlib import Path

from fastapi import HTTPException
from fastapi.responses import FileResponse

from talentpool.services.quality.render import STYLE
from talentpool_airflow.console.access import SIGNED_IN, Door

door = Door()
FILES = {
    path.name: path for path in (Path(__file__).parents[1] / "static").iterdir() if path.suffix in (".css", ".svg")
} | {STYLE.name: STYLE}
TYPES = {".css": "text/css; charset=utf-8", ".svg": "image/svg+xml"}


@door.looks("/static/{name}", access=(SIGNED_IN,), rate="1000 per minute")
def static_file(name: str) -> FileResponse:
    """One of the files that are there; a name is looked up, never put together to a path."""
    if name not in FILES:
        raise HTTPException(404)
    return FileResponse(FILES[name], media_type=TYPES[FILES[name].suffix])
