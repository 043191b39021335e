"""Adds to an SBOM what its writer cannot know: what we ask for ourselves, and licences that no field says: `make sbom`."""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path
from typing import Any

from docs.licences import ROOT, SAID


def canonical(name: str) -> str:
    """A package's name as an index compares it."""
    return re.sub(r"[-_.]+", "-", name).lower()


def completed(bom: dict[str, Any], declared: str) -> dict[str, Any]:
    """`bom` with the edges from ourselves to each package of requirements.in, `declared`, and without a nameless licence."""
    refs = {canonical(part["name"]): part["bom-ref"] for part in bom["components"]}
    asked = re.findall(r"^([A-Za-z0-9][A-Za-z0-9._-]*)", declared, re.MULTILINE)
    root = bom["metadata"]["component"]["bom-ref"]
    edges = [edge for edge in bom["dependencies"] if edge["ref"] != root]
    edges.append({"ref": root, "dependsOn": sorted(refs[canonical(name)] for name in asked)})
    for part in bom["components"]:
        if not part.get("licenses"):
            part["licenses"] = [{"expression": SAID[canonical(part["name"])]}]
    return bom | {"dependencies": edges}


if __name__ == "__main__":
    path = Path(sys.argv[1])
    bom = completed(
        json.loads(path.read_text(encoding="utf-8")), (ROOT / "requirements.in").read_text(encoding="utf-8")
    )
    path.write_text(json.dumps(bom, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    print(f"{path}: {len(bom['components'])} packages")  # noqa: T201 - a script for people
