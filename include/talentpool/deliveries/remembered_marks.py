"""The kinds of a remembered value's mark in a staged row: what `conform` writes and `load` reads."""

from __future__ import annotations

PUT_IN, CHANGED, MENDED = "c", "x", "m"
"""Before the number of a word: put in, the partner says something else by now, the partner has put it right."""
