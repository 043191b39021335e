"""The page: whole in one file, Chinese, trouble on top, nothing executed and nothing fetched."""

from __future__ import annotations

import base64
import hashlib
import re
from dataclasses import replace
from html.parser import HTMLParser

from report_sample import empty, sample
from talentpool.report import content_security_policy, render


class _Page(HTMLParser):
    """Tags with their attributes, and the visible text."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self._hidden = 0
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        self._hidden += tag in ("style", "title")

    def handle_endtag(self, tag: str) -> None:
        self._hidden -= tag in ("style", "title")

    def handle_data(self, data: str) -> None:
        if not self._hidden:
            self.text += data


def test_the_page_fetches_nothing_and_runs_nothing() -> None:
    html = render(sample())
    tags = _Page(html).tags
    assert len(tags) > 300
    assert not {tag for tag, _ in tags} & {"script", "link", "img", "iframe", "object", "form", "image", "use"}
    for _, attributes in tags:
        assert not [name for name in attributes if name.startswith("on") or name in ("src", "style", "action")]
    assert "url(" not in html and "@import" not in html


def test_the_policy_allows_the_pages_own_style_and_nothing_else() -> None:
    style = re.search(r"<style>(.*?)</style>", render(sample()), re.S)
    assert style
    digest = base64.b64encode(hashlib.sha256(style[1].encode()).digest()).decode()
    assert f"style-src 'sha256-{digest}'" in content_security_policy()
    assert "default-src 'none'" in content_security_policy()
    assert "script" not in content_security_policy()


def test_what_needs_a_decision_stands_above_every_figure() -> None:
    text = _Page(render(sample())).text
    assert text.index("搁置") < text.index("减少的人员过多") < text.index("在库人数")
    alerts = text[: text.index("在库人数")]
    assert "证件号码校验位不符" not in alerts, "only what held it, not the faults of its rows"
    assert "已退回" not in alerts, "a rejected delivery followed by a good one is settled"


def test_a_rejected_delivery_that_nothing_followed_stands_on_top_as_well() -> None:
    figures = sample()
    open_ = tuple(replace(delivery, settled=False) for delivery in figures.deliveries)
    text = _Page(render(replace(figures, deliveries=open_))).text
    assert text.index("已退回") < text.index("数据行数与清单不符") < text.index("在库人数")


def test_the_figures_add_up_in_sight() -> None:
    text = re.sub(r"\s+", " ", _Page(render(sample())).text)
    assert "各单位人数相加 4,417 − 在多个单位重复计入的人次 287 = 在库人数（去重） 4,130" in text
    assert "−23" in text and "+988" in text
    for bridge in sample().pool.bridges:  # type: ignore[union-attr]
        assert bridge.rows - bridge.quarantined - bridge.refused == bridge.accepted
        assert bridge.accepted + bridge.carried - bridge.merged == bridge.people


def test_a_clean_delta_leaves_the_faults_of_the_roster_in_sight_and_stands_beside_them() -> None:
    figures = sample()
    clean = replace(figures.deliveries[1], rows=17, accepted=17, quarantined=0, refused=0, reasons=())
    didi = replace(figures.rosters[0], deliveries=(clean, figures.deliveries[4]))
    text = re.sub(r"\s+", " ", _Page(render(replace(figures, rosters=(didi,)))).text)
    assert (
        "网约车1,1892240 2026-10-31 增量名册 17 行，全部接收2026-09-30 完整名册 3,391 行，隔离 41、拒收 26（2.0%）"
        in text
    )


def test_a_page_of_the_past_shows_no_figure_of_today() -> None:
    figures = sample()
    assert figures.pool is not None
    past = replace(figures, past=True, identity=None, pool=replace(figures.pool, review_pending=None))
    text = _Page(render(past)).text
    assert "只有目前的情况" in text and "等待人工复核的有" not in text and "等待复核（对）" not in text


def test_before_the_first_delivery_the_page_says_so() -> None:
    text = _Page(render(empty())).text
    assert "还没有收到任何名册" in text
    assert "邮政快递、网约车" in text
    assert "在库人数" not in text


def test_a_delivery_without_a_pool_still_shows() -> None:
    text = _Page(render(replace(sample(), pool=None, lists=()))).text
    assert "名册现状" in text and "3,391" in text
    assert "人才库分布" not in text


def test_charts_are_text_in_fonts_that_have_chinese_and_have_a_name() -> None:
    page = _Page(render(sample()))
    charts = [attributes for tag, attributes in page.tags if tag == "svg"]
    assert {chart["aria-label"] for chart in charts} == {
        "各区县青年与其他人数", "各年龄段人数", "各从业类别人数", "名册现有的问题", "自动合并与等待复核的记录对的分值分布",
        "各项证据的分值", "等待复核与人工判定的对数", "一个人有几条记录", "系统认为的可能与人工判定的对照",
    }  # fmt: skip
    words = [attributes for tag, attributes in page.tags if tag == "text"]
    assert len(words) > 40
    assert all(str(word["font-family"]).startswith("Noto Sans CJK SC") for word in words)


def test_what_a_partner_wrote_is_shown_never_obeyed() -> None:
    figures = sample()
    bad = replace(figures.deliveries[0], partner_name="<script>alert(1)</script>", message="<b onclick=x>")
    html = render(replace(figures, deliveries=(bad,)))
    assert "<script" not in html and "<b onclick" not in html
    assert "&lt;script&gt;" in html
