"""A real browser for a test."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import sync_playwright

from patience import PATIENCE

CHROMIUM = Path(os.environ.get("CHROMIUM", "/usr/bin/chromium"))


@contextmanager
def browser() -> Iterator[Any]:
    """Headless Chromium; without one these tests are skipped by hand and fail where CI=true."""
    if not CHROMIUM.exists():
        missing = f"no Chromium at {CHROMIUM}: install it or name it in CHROMIUM"
        if os.environ.get("CI") == "true":
            pytest.fail(missing)
        pytest.skip(missing)
    with sync_playwright() as driver:
        driven = driver.chromium.launch(executable_path=str(CHROMIUM), args=["--no-sandbox"], timeout=PATIENCE * 1000)
        yield driven
        driven.close()


def leave(frame: Any, act: Callable[[], object]) -> None:
    """Do what leads to another page, and wait until it is there: words that the first page has as well wait for nothing."""
    frame.locator("html").evaluate("page => { page.dataset.left = '' }")
    act()
    frame.locator("html:not([data-left]) body").wait_for()


def access_key(page: Any, key: str) -> None:
    """Alt and a key, as Chromium's input sends it: access keys follow the character, which a plain key press leaves out."""
    session = page.context.new_cdp_session(page)
    session.send("Input.dispatchKeyEvent", {"type": "char", "modifiers": 1, "text": key, "unmodifiedText": key})
    session.detach()
