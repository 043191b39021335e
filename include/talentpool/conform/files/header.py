"""Recognise the header, that is, which column is which field: the standard template or the partner's own.

What a column is called may differ in spelling. A column of another name that may be one the file lacks is asked about
(a finding), and what a person answered for the partner is known from then on.
"""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import chain, islice

from talentpool.conform.files.header_names import header_key, header_keys, odd_spelling, resolve, shown_name
from talentpool.conform.files.header_rows import is_remark_row, two_rows_as_one
from talentpool.conform.files.limits import MAX_COLUMNS, MAX_HEADER_CELL, MAX_LOOKED_AT, refuse_wide
from talentpool.conform.files.people import WHO, people_beside
from talentpool.conform.files.resemble import Unknown, candidates, is_another_word
from talentpool.conform.files.said_beside import count_beside
from talentpool.declare import BRANCH, REQUIRED_FIELDS, TEMPLATE_V1, Partner
from talentpool.errors import RejectedError
from talentpool.texts.finding import Finding

HEAD_LINES = 20
LOOKED_AT = 5_000
"""Rows of an unknown column that are looked at."""
MOST_NAMED = 20
"""Columns that a message names."""
ARROW = " → "
Rows = Iterator[tuple[int, list[str]]]
Answers = Mapping[str, str | None]
"""What people said of a partner's columns: name as compared -> field, None = no field's."""


@dataclass(frozen=True)
class Form:
    """A way to call columns: `fields`: name as compared -> field; `labels`: field -> name as declared."""

    name: str
    fields: dict[str, str]
    labels: dict[str, str]


@dataclass
class Header:
    """`fields`: field -> position of its column; `extra`: names of dropped columns; `form`: template or own."""

    form: str
    fields: dict[str, int]
    extra: tuple[str, ...]
    width: int
    findings: tuple[Finding, ...] = ()
    notes: Counter[str] = field(default_factory=Counter)


def forms_of(partner: Partner) -> tuple[Form, Form]:
    """The standard template and the partner's own form, each with the column of branches where one is declared."""
    branch = {partner.staff_no_within: BRANCH} if partner.staff_no_within and partner.branch == BRANCH else {}
    return _form("template", TEMPLATE_V1 | branch), _form("own", partner.format.columns | branch)


def _form(name: str, columns: Mapping[str, str]) -> Form:
    """A declared name with a remark also stands without it, unless that is another column's."""
    known = {header_keys(header)[0]: to for header, to in columns.items()}
    for header, to in columns.items():
        for key in header_keys(header)[1:]:
            known.setdefault(key, to)
    return Form(name, known, {to: header for header, to in columns.items()})


def find_header(
    rows: Rows,
    partner: Partner,
    name: str,
    answers: Answers | None = None,
    *,
    look: Callable[[int, list[str]], None] | None = None,
) -> tuple[Header, int] | None:
    """The header among the first rows, and the number of its last row; None when there is none.

    `rows`: (number of the row, cells) from the top; rows below the header are looked at where a column is unknown.
    `look` sees every row before it may be taken for the header, and may refuse it.
    RejectedError header_doubled or header_missing when it is ours but wrong.
    """
    forms, answers, broken = forms_of(partner), answers or {}, None
    near: tuple[list[str], list[list[str]]] | None = None
    current = next(rows, None)
    for _ in range(HEAD_LINES):
        if current is None:
            break
        try:
            below = next(rows, None)
        except csv.Error as error:
            below, broken = None, error
        number, cells = current
        refuse_wide(cells, number, name)
        if look is not None:
            look(number, cells)
        cells, lower = _cut(cells), _cut(below[1]) if below and len(below[1]) <= MAX_COLUMNS else []
        both = two_rows_as_one(cells, lower, [form.fields for form in forms]) if lower else None
        draft = _recognise(both or cells, forms, name, answers)
        if draft is not None:
            if below and (both or is_remark_row(lower)):
                number, below = below[0], None
                draft.header.notes["header_rows"] += 1
            draft.settle(chain([below] if below else [], rows), name)
            return draft.header, number
        if near is None and sum(map(is_another_word, resolve(cells, ()))) >= len(REQUIRED_FIELDS):
            near = cells, [lower] if below else []
        current = below
    if broken is not None:
        raise broken
    if near is not None:
        raise _unknown_but_like(near[0], forms, name)
    return None


def _cut(cells: list[str]) -> list[str]:
    return [cell[:MAX_HEADER_CELL] for cell in cells]


@dataclass
class _Draft:
    """A header with what is still open: columns without a field, fields without a column."""

    header: Header
    unknown: dict[int, str]
    missing: dict[str, str]
    undeclared: tuple[str, ...]
    beside: tuple[int, ...]
    """Columns that may hold people beside those that are read: without a name, or with one of a column that is there."""

    def settle(self, rows: Rows, name: str) -> None:
        """Ask about unknown columns that may be missing ones; RejectedError when a required one is missing."""
        required = [self.missing[f] for f in self.missing if f in (*REQUIRED_FIELDS, BRANCH)]
        pairs: list[tuple[str, str]] = []
        cells = self._below(rows) if self.beside or self.unknown else []
        if self.unknown and (self.missing or self.undeclared):
            pairs = self._pairs(cells)
        if required:
            raise RejectedError(
                "header_missing",
                f"{name}：表头缺少必需的列：{'、'.join(required)}；可能漏导，或列名写法与约定不同；"
                f"请按模板补全列名后重新交付{_remedy(pairs)}",
            )
        self.header.findings = tuple(
            Finding("column_unclear", detail=f"{column}{ARROW}{label}？") for column, label in pairs
        )
        asked = {column for column, _ in pairs}
        self.header.findings += self._people_beside(cells, asked) + self._said_beside(cells, asked)

    def _below(self, rows: Rows) -> list[list[str]]:
        """The first cells below the header."""
        cells: list[list[str]] = []
        with suppress(csv.Error):
            cells.extend(_cut(row[: self.header.width]) for _, row in islice(rows, self._looked_at))
        return cells

    @property
    def _looked_at(self) -> int:
        return min(LOOKED_AT, MAX_LOOKED_AT // self.header.width)

    def _people_beside(self, cells: list[list[str]], asked: set[str]) -> tuple[Finding, ...]:
        """People in columns that nobody reads; those of a column that is asked about are not lost."""
        beside = [at for at in self.beside if shown_name(self.unknown.get(at, ""), at) not in asked]
        count = people_beside(cells, beside, list(self.header.fields.values())) if beside else 0
        if not count:
            return ()
        filled = [at for at in beside if any(at < len(row) and row[at].strip() for row in cells)]
        columns = "、".join(str(at + 1) for at in filled[:MOST_NAMED]) + ("等" if len(filled) > MOST_NAMED else "")
        return (Finding("people_beside", count, 0, detail=f"第 {columns} 列没有读取"),)

    def _said_beside(self, cells: list[list[str]], asked: set[str]) -> tuple[Finding, ...]:
        """Columns that nobody reads and that say of somebody what the row's own columns do not."""
        open_ones = {at: key for at, key in self.unknown.items() if key and shown_name(key, at) not in asked}
        found = []
        for said, columns in count_beside(cells, open_ones, self.header.fields).items():
            if columns:
                names = "、".join(f"“{shown_name(open_ones[at], at)}”列 {count} 行" for at, count in columns.items())
                found.append(Finding(f"{said}_beside", sum(columns.values()), 0, detail=names))
        return tuple(found)

    def _pairs(self, cells: list[list[str]]) -> list[tuple[str, str]]:
        unknown = [
            Unknown(key, shown_name(key, at), [row[at] for row in cells if at < len(row)])
            for at, key in self.unknown.items()
        ]
        missing = {to: label for to, label in self.missing.items() if to != BRANCH}
        found = candidates(unknown, missing, self.undeclared, whole=len(cells) < self._looked_at)
        labels = {to: header for header, to in TEMPLATE_V1.items()} | missing
        return list(dict.fromkeys((column.name, labels[to]) for column, to in found))


def _recognise(cells: list[str], forms: tuple[Form, Form], name: str, answers: Answers) -> _Draft | None:
    """The header in `cells`; None when no required column is there (so it is a title line, or another file)."""
    told = {header for header, to in answers.items() if to}
    read = [(form, resolve(cells, form.fields)) for form in forms]
    form, names = max(read, key=lambda found: sum(n in found[0].fields for n in set(found[1])))
    names_shown = [shown_name(key, at) for at, key in enumerate(names)]
    known = [n for n in names if n in form.fields]
    if len(set(known)) + len(set(names_shown) & told) < 2:
        return None
    doubled = sorted(n for n, times in Counter(known).items() if times > 1)
    if doubled:
        again = next(at for at, n in enumerate(names) if n in doubled and n in names[:at])
        a_block = len({form.fields[n] for n in doubled} & set(WHO)) > 1
        raise _twice(name, [form.labels[form.fields[n]] for n in doubled], again if a_block else None)
    header = Header(form.name, {form.fields[n]: names.index(n) for n in known}, (), len(cells))
    odd = sum(odd_spelling(cells[at], header_key(form.labels[to])) for to, at in header.fields.items())
    if odd:
        header.notes["column_spelling"] += odd
    taken = set(header.fields.values())
    unknown = {at: n for at, n in enumerate(names) if at not in taken}
    _take_answers(header, unknown, names_shown, answers, name)
    _take_other_forms_names(header, unknown, form, forms)
    taken = set(header.fields.values())
    header.extra = tuple(shown_name(n, at) for at, n in enumerate(names) if at not in taken and n)
    missing = {to: label for to, label in form.labels.items() if to not in header.fields}
    if missing:
        header.notes["columns_missing"] += len(missing)
    others = tuple(to for to in TEMPLATE_V1.values() if to not in form.labels and to not in header.fields)
    beside = [at for at, n in unknown.items() if not n or _is_fields(n.rstrip("0123456789"), form)]
    return _Draft(header, unknown, missing, others, tuple(beside))


def _is_fields(name: str, form: Form) -> bool:
    """Whether a column is called as one of a roster is, here or elsewhere: 工号2, 员工姓名."""
    return name in form.fields or is_another_word(name)


def _take_answers(header: Header, unknown: dict[int, str], shown: list[str], answers: Answers, name: str) -> None:
    """Read columns as people said. A column that bears the name itself comes before what was said of another."""
    mapped: dict[str, int] = {}
    for at in [at for at in unknown if shown[at] in answers]:
        to = answers[shown[at]]
        if to in mapped:
            raise _twice(name, [shown[mapped[to]], shown[at]])
        if to and to not in header.fields:
            mapped[to] = at
        elif to:
            header.notes["column_answer_unused"] += 1
        del unknown[at]
    header.fields |= mapped
    if mapped:
        header.notes["columns_as_answered"] += len(mapped)


def _take_other_forms_names(header: Header, unknown: dict[int, str], form: Form, forms: tuple[Form, ...]) -> None:
    """A partner may mix its own names and the template's: each stands for a column of the form that is not there."""
    others = {key: to for other in forms for key, to in other.fields.items()}
    for at, key in list(unknown.items()):
        to = others.get(key)
        if to in form.labels and to not in header.fields:
            header.fields[to] = at
            header.notes["column_spelling"] += 1
            del unknown[at]


def _twice(name: str, columns: list[str], beside: int | None = None) -> RejectedError:
    if beside is not None:
        return RejectedError(
            "header_doubled",
            f"{name}：表头中“{'、'.join(columns)}”重复，第 {beside + 1} 列起另有并排的一组人员；"
            "请将各组上下排列、只留一组表头后重新交付",
        )
    return RejectedError(
        "header_doubled",
        f"{name}：表头中“{'、'.join(columns)}”重复，同一列出现两次或两列对应同一列；请只保留一列后重新交付",
    )


def _remedy(pairs: list[tuple[str, str]]) -> str:
    """How to say that a column is the missing one; '' when none resembles it."""
    if not pairs:
        return ""
    likely = "、".join(f"{column}{ARROW}{label}？" for column, label in pairs)
    options = " ".join(f"--column {column}={label}" for column, label in pairs)
    return (
        f"；可能对应的列：{likely}如确是这些列，已交付的名册不必改列名，请市级数据专员执行："
        f"talentpool delivery decide 交付编号 all {options} --by 姓名 --reason 理由"
    )


def _unknown_but_like(cells: list[str], forms: tuple[Form, Form], name: str) -> RejectedError:
    """No header of ours, but one in words that others use for the same."""
    unknown = [Unknown(key, shown_name(key, at), ()) for at, key in enumerate(resolve(cells, ()))]
    template = forms[0]
    pairs = [(column.name, template.labels[to]) for column, to in candidates(unknown, template.labels)]
    return RejectedError("header_unknown", f"{refuse_unknown(name)}{_remedy(pairs)}")


def refuse_unknown(name: str) -> RejectedError:
    """No header was found where one must be."""
    return RejectedError(
        "header_unknown",
        f"{name}：前 {HEAD_LINES} 行中没有约定的表头（标准模板的，或合作单位自己的）；可能送错了文件，或表头被改动；"
        "请使用约定的表头或标准模板重新交付",
    )
