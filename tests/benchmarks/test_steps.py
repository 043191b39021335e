"""Every step that the profile of an ingest puts a clock around is a function of the product."""

from __future__ import annotations

import importlib

import pytest

from bench.steps import STEPS


@pytest.mark.parametrize(("module", "name"), [(module, name) for module, name, *_ in STEPS])
def test_a_step_is_still_there(module: str, name: str) -> None:
    assert callable(getattr(importlib.import_module(module), name))
