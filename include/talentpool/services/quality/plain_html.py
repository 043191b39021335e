"""Reduce a page that somebody else's program wrote to text, headings and tables: no script, style, picture or way out is left."""

from __future__ import annotations

from html import escape
from html.parser import HTMLParser

KEPT = frozenset(
    {"h1", "h2", "h3", "h4", "h5", "h6", "p", "div", "ul", "ol", "li", "table", "thead", "tbody", "tr", "th", "td",
     "strong", "b", "em", "code", "pre"}
)  # fmt: skip
GONE = frozenset(
    {"script", "style", "head", "nav", "svg", "button", "noscript", "template", "form", "iframe", "object", "footer"}
)
"""With everything in them."""
VOID = frozenset({"br", "hr", "img", "input", "meta", "link", "source"})


def plain(page: str) -> str:
    """The page's body: kept tags without any attribute, everything else as escaped text. Tags are balanced."""
    parser = _Plain()
    parser.feed(page)
    parser.close()
    return parser.whole()


class _Plain(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self._parts: list[str] = []
        self._open: list[str] = []
        self._gone: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:  # noqa: ARG002 (the parser's)
        if tag in VOID:
            return
        if self._gone or tag in GONE:
            self._gone.append(tag)
        elif tag in KEPT:
            self._open.append(tag)
            self._parts.append(f"<{tag}>")

    def handle_endtag(self, tag: str) -> None:
        if self._gone:
            if tag in self._gone:
                while self._gone.pop() != tag:
                    pass
        elif tag in self._open:
            while (last := self._open.pop()) != tag:
                self._parts.append(f"</{last}>")
            self._parts.append(f"</{tag}>")

    def handle_data(self, data: str) -> None:
        if not self._gone and data.strip():
            self._parts.append(escape(data))

    def whole(self) -> str:
        """What was read, with everything closed."""
        return "".join([*self._parts, *(f"</{tag}>" for tag in reversed(self._open))])
