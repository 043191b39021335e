"""State the version of the cleaning rules and tables: it is part of every row hash, so raising it re-seals every row."""

from __future__ import annotations

RULES_VERSION = 2
