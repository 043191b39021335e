"""Processes that this one has started, by what stands on their command line."""

from __future__ import annotations

import psutil


def words_of(process: psutil.Process) -> list[str]:
    """A process's command line; empty of one that has ended, though nobody asked for its end yet."""
    try:
        return list(process.cmdline())
    except psutil.Error:
        return []


def children_with(word: str) -> list[psutil.Process]:
    """Children on whose command line the word stands."""
    return [child for child in psutil.Process().children() if any(word in each for each in words_of(child))]
