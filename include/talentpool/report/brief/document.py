"""Write 活动小结 as a Word document that an office edits further: the paper's tables; each leads to its query at the end."""

from __future__ import annotations

from datetime import UTC, date, datetime
from io import BytesIO
from typing import Any

from talentpool.guard.export import shown as printable
from talentpool.paper.setting import Part
from talentpool.report.brief.facts import Brief
from talentpool.report.brief.paper import subtitle, title
from talentpool.report.brief.parts import notes, parts

FONT = "宋体"
QUERIES = "查询语句"


def brief_docx(found: Brief, today: date) -> bytes:
    """The brief as .docx, with Word's own heading and table styles. The same figures and day give the same words."""
    import docx
    from docx.oxml.ns import qn
    from docx.shared import Cm, Pt

    document = docx.Document()
    section = document.sections[0]
    section.page_width, section.page_height = Cm(21), Cm(29.7)
    section.left_margin = section.right_margin = Cm(2)
    for name in ("Normal", "Title", "Heading 1"):
        style = document.styles[name]
        style.font.name = FONT
        style.element.get_or_add_rPr().get_or_add_rFonts().set(qn("w:eastAsia"), FONT)
    document.styles["Normal"].font.size = Pt(10.5)
    facts = document.core_properties
    facts.title, facts.author, facts.comments = title(found), "", ""
    facts.created = facts.modified = datetime(today.year, today.month, today.day, tzinfo=UTC)
    document.add_heading(printable(title(found)), 0)
    document.add_paragraph(f"{printable(subtitle(found, today))}。")
    tables, queries = parts(found)
    for part in tables:
        _table(document, part)
    for note in notes(found):
        document.add_paragraph(printable(note))
    document.add_heading(QUERIES, 1)
    for number, query in enumerate(queries, start=1):
        line = document.add_paragraph(f"{number}　{query}")
        _bookmark(line, number)
    document.add_paragraph(f"名单校验值 {found.stored.content_hash[:12]}")
    stream = BytesIO()
    document.save(stream)
    return stream.getvalue()


def _table(document: Any, part: Part) -> None:
    """A table and the links to its queries: beside each row where each has one, else in the title."""
    each = len(part.queries) == len(part.rows) > 1
    heading = document.add_heading(printable(part.title), 1)
    if not each:
        heading.add_run("　")
        _link(heading, f"{QUERIES} {part.queries[0]}", part.queries[0])
    titles = [*(column.title for column in part.columns), *([QUERIES] if each else [])]
    table = document.add_table(rows=1, cols=len(titles), style="Table Grid")
    for cell, name in zip(table.rows[0].cells, titles, strict=True):
        cell.paragraphs[0].add_run(name).bold = True
    for place, row in enumerate(part.rows):
        cells = table.add_row().cells
        for cell, value in zip(cells, row, strict=False):
            cell.text = printable(value)
        if each:
            _link(cells[-1].paragraphs[0], str(part.queries[place]), part.queries[place])


def _link(paragraph: Any, text: str, number: int) -> None:
    from docx.oxml import OxmlElement
    from docx.oxml.ns import qn

    link = OxmlElement("w:hyperlink")
    link.set(qn("w:anchor"), f"query_{number}")
    run = paragraph.add_run(text)
    link.append(run._r)
    paragraph._p.append(link)


def _bookmark(paragraph: Any, number: int) -> None:
    from docx.oxml import OxmlElement
    from docx.oxml.ns import qn

    for name in ("w:bookmarkStart", "w:bookmarkEnd"):
        mark = OxmlElement(name)
        mark.set(qn("w:id"), str(number))
        if name == "w:bookmarkStart":
            mark.set(qn("w:name"), f"query_{number}")
        paragraph._p.append(mark)
