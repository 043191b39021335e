"""The self-contained page in a real browser: nothing overflows, Chinese is drawn in a font that has it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from browsers import browser
from patience import PATIENCE
from report_sample import empty, sample
from talentpool.report import content_security_policy, render

WIDTHS = (1280, 390)

pytestmark = pytest.mark.browser

TEXTS_OUTSIDE = """() => [...document.querySelectorAll('svg text')].filter(text => {
    const inner = text.getBoundingClientRect(), outer = text.closest('svg').getBoundingClientRect();
    return text.textContent && (inner.left < outer.left - 1 || inner.right > outer.right + 1);
}).map(text => text.textContent)"""

SMALLEST_LETTERS = """() => Math.min(...[...document.querySelectorAll('svg text')].filter(text => text.textContent)
    .map(text => text.getBoundingClientRect().height))"""

CARDS_OUTSIDE = """() => [...document.querySelectorAll('.card, .tile, .alert, svg')].filter(box =>
    box.getBoundingClientRect().right > innerWidth + 0.5).length"""

MISSING_GLYPHS = """() => {
    const ruler = document.createElement('canvas').getContext('2d');
    ruler.font = "32px 'Noto Sans CJK SC', 'Noto Sans SC', 'Microsoft YaHei', sans-serif";
    const shape = sign => { const c = document.createElement('canvas'); c.width = c.height = 40;
        const p = c.getContext('2d'); p.font = ruler.font; p.fillText(sign, 2, 34); return c.toDataURL(); };
    const signs = [...new Set(document.body.textContent.match(/[\\u4e00-\\u9fff]/g))];
    const nothing = shape('\\u{10fffd}');
    return [signs.length, signs.filter(sign => shape(sign) === nothing)];
}"""


@pytest.fixture(scope="module")
def chromium() -> Iterator[Any]:
    with browser() as driven:
        yield driven


@pytest.fixture(params=WIDTHS, ids=lambda width: f"{width}px")
def page(request: pytest.FixtureRequest, chromium: Any) -> Iterator[Any]:
    """A page of desk or phone width under the policy the console sends; what the policy stops is collected."""
    page = chromium.new_page(viewport={"width": request.param, "height": 900})
    page.set_default_timeout(PATIENCE * 1000)
    page.complaints = []
    page.on("console", lambda message: page.complaints.append(message.text))
    page.on("request", lambda sent: page.complaints.append(sent.url) if "/page" not in sent.url else None)
    yield page
    page.close()


def _show(page: Any, html: str) -> None:
    page.route(
        "**/page",
        lambda route: route.fulfill(
            body=html,
            content_type="text/html; charset=utf-8",
            headers={"Content-Security-Policy": content_security_policy()},
        ),
    )
    page.goto("http://console.invalid/page")


def test_nothing_stands_outside_the_window(page: Any, tmp_path: Path) -> None:
    pages = {"month": sample(), "empty": empty(), "unmatched": replace(sample(), identity=None)}
    for name, figures in pages.items():
        _show(page, render(figures))
        page.screenshot(path=tmp_path / f"{name}.png", full_page=True)
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        assert page.evaluate(CARDS_OUTSIDE) == 0
        assert (tmp_path / f"{name}.png").stat().st_size > 5_000


def test_the_style_applies_and_nothing_else_is_asked_for(page: Any) -> None:
    _show(page, render(sample()))
    assert page.evaluate("getComputedStyle(document.querySelector('.tile')).borderRadius") == "8px"
    assert page.complaints == []


def test_words_in_charts_are_whole_and_large_enough_to_read(page: Any) -> None:
    _show(page, render(sample()))
    assert page.locator("svg").count() == 9
    assert page.evaluate(TEXTS_OUTSIDE) == []
    assert page.evaluate(SMALLEST_LETTERS) >= 11
    assert "…" not in "".join(page.locator("svg text").all_text_contents())


def test_who_is_who_shows_concerns_figures_and_charts_in_this_order(page: Any, tmp_path: Path) -> None:
    _show(page, render(sample()))
    box = "name => document.querySelector(`[aria-label='${name}']`).getBoundingClientRect().toJSON()"
    alert, waiting = page.evaluate(box, "需要留意"), page.evaluate(box, "等待复核与人工判定的对数")
    scores, table = page.evaluate(box, "自动合并与等待复核的记录对的分值分布"), page.evaluate(box, "近期比对")
    assert alert["bottom"] < scores["top"] <= waiting["top"] and waiting["bottom"] < table["top"]
    assert scores["width"] >= 320 and scores["right"] <= page.viewport_size["width"]
    assert page.evaluate("document.querySelector(\"[aria-label='近期比对']\").scrollWidth") <= table["width"] + 1
    clip = {"x": 0, "y": alert["top"], "width": page.viewport_size["width"], "height": table["bottom"] - alert["top"]}
    page.screenshot(path=tmp_path / "who-is-who.png", full_page=True, clip=clip)
    assert (tmp_path / "who-is-who.png").stat().st_size > 20_000


def test_no_number_of_a_card_is_pushed_out_of_it(page: Any) -> None:
    """A sentence breaks, so that the number behind it stays in sight without scrolling."""
    _show(page, render(sample()))
    hidden = "() => [...document.querySelectorAll('.flow .scroll')].map(box => box.scrollWidth - box.clientWidth)"
    found = page.evaluate(hidden)
    assert len(found) > 4 and max(found) <= 0


def test_every_chinese_sign_of_the_page_can_be_drawn(page: Any) -> None:
    _show(page, render(sample()))
    signs, missing = page.evaluate(MISSING_GLYPHS)
    assert signs > 150
    assert missing == []


def test_numbers_line_up_on_the_right(page: Any) -> None:
    _show(page, render(sample()))
    edges = page.evaluate(
        "() => [...document.querySelector('.flow table').querySelectorAll('tr > :nth-child(2)')]"
        ".map(cell => Math.round(cell.getBoundingClientRect().right))"
    )
    assert len(edges) > 4 and len(set(edges)) == 1
    assert page.evaluate("getComputedStyle(document.querySelector('.flow td.n')).textAlign") == "right"
