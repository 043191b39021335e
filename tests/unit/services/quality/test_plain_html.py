"""Whatever a page of somebody else's holds, what is served of it is text, headings and tables."""

from __future__ import annotations

import re

from hypothesis import given
from hypothesis import strategies as st

from talentpool.services.quality.plain_html import KEPT, plain


def test_scripts_styles_links_and_handlers_are_gone_and_text_stays() -> None:
    page = """<html><head><title>x</title><link href="https://cdn.example/x.css"></head><body onload="x()">
    <nav><a href="https://other.example">out</a></nav><div class="row" style="color:red"><h2>规则</h2>
    <table><tr><td onclick="y()">1 &lt; 2</td><td><a href="javascript:z()">去</a><img src="//a"></td></tr></table>
    <script>alert(1)</script><svg><script>2</script></svg></div></body></html>"""
    found = plain(page)
    assert found == "<div><h2>规则</h2><table><tr><td>1 &lt; 2</td><td>去</td></tr></table></div>"


PIECES = st.sampled_from(["<div>", "</div>", "<table>", "</td>", "<td x='<'>", "<script>", "</script>", "<svg>", "</svg>",
                          "<img src=x onerror=y>", "&lt;script&gt;", "<!-- c -->", "词", "<a href='x:1'>", "<", ">"])  # fmt: skip


@given(st.lists(PIECES, max_size=40).map("".join))
def test_no_tag_but_those_kept_comes_out_and_all_are_closed(page: str) -> None:
    found = plain(page)
    tags = re.findall(r"<[^>]*>", found)
    assert all(re.fullmatch(r"</?([a-z0-9]+)>", tag) for tag in tags)
    assert {tag.strip("</>") for tag in tags} <= KEPT
    stack: list[str] = []
    for tag in tags:
        if tag.startswith("</"):
            assert stack.pop() == tag.strip("</>")
        else:
            stack.append(tag.strip("<>"))
    assert stack == []
