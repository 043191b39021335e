"""Whoever brings a roster reads why it is refused or held in Chinese: every such message in the code is walked."""

from __future__ import annotations

import ast
import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from talentpool.settings import INCLUDE
from talentpool.texts.reasons import reasons

ROOT = INCLUDE / "talentpool"
PLACES = ("conform", "expect", "acquire", "services/desk", "services/handover", "check.py", "trial.py", "flow.py", "decide.py",
          "workbook_child.py")  # fmt: skip
MESSAGE = {"RejectedError": 1, "UsageError": 0, "ConflictError": 0, "WaitingError": 0}
"""Errors that reach whoever brings or decides a roster, and which argument is the message. What only an operator can
mend (UnavailableError, TamperedError, StaleStageError) stands in a log in English."""
PASSED_ON = {}
"""Messages that are not written where they are raised."""
CHINESE = re.compile("[一-鿿]")
ENGLISH = re.compile(r"[A-Za-z]{2,}[,:;]? [a-z]{2,}")
COMMANDS = re.compile(r"talentpool delivery \w+( \{\}| all)*|--[a-z-]+ [a-z]+")
"""Words of the command line, which are what they are."""


@dataclass
class Module:
    """A parsed file, and what its names are given."""

    path: str
    tree: ast.Module
    given: dict[str, list[ast.expr]] = field(default_factory=lambda: defaultdict(list))
    returned: dict[str, list[ast.expr]] = field(default_factory=lambda: defaultdict(list))
    refusers: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        for node in ast.walk(self.tree):
            if isinstance(node, ast.Assign):
                for target in node.targets:
                    self._name(target, node.value)
            elif isinstance(node, ast.AugAssign | ast.AnnAssign) and node.value is not None:
                self._name(node.target, node.value)
            elif isinstance(node, ast.For):
                self._name(node.target, node.iter)
            elif isinstance(node, ast.FunctionDef):
                if node.returns is not None and "RejectedError" in ast.unparse(node.returns):
                    self.refusers.add(node.name)
                found = (each.value for each in ast.walk(node) if isinstance(each, ast.Return))
                self.returned[node.name] += [value for value in found if value is not None]

    def _name(self, target: ast.expr, value: ast.expr) -> None:
        for each in ast.walk(target):
            if isinstance(each, ast.Name):
                self.given[each.id].append(value)

    def text(self, node: ast.AST | None, depth: int = 0) -> str:
        """All static text an expression may become, `{}` for what is known only when it runs."""
        if node is None or depth > 6:
            return ""
        if isinstance(node, ast.Constant):
            return node.value if isinstance(node.value, str) else ""
        if isinstance(node, ast.FormattedValue):
            return "{}" + self.text(node.value, depth + 1)
        if isinstance(node, ast.Dict):
            return "\n".join(self.text(value, depth + 1) for value in node.values)
        if isinstance(node, ast.Name):
            return "\n".join(self.text(value, depth + 1) for value in self.given[node.id])
        if isinstance(node, ast.Call):
            if isinstance(node.func, ast.Name):
                return "\n".join(self.text(value, depth + 1) for value in self.returned[node.func.id])
            return self.text(node.func.value, depth + 1) if isinstance(node.func, ast.Attribute) else ""
        if isinstance(node, ast.IfExp):
            return "\n".join(self.text(each, depth + 1) for each in (node.body, node.orelse))
        if isinstance(node, ast.JoinedStr | ast.BinOp | ast.BoolOp | ast.List | ast.Tuple):
            return "".join(self.text(each, depth + 1) for each in ast.iter_child_nodes(node))
        return ""


def modules() -> list[Module]:
    files = [path for place in PLACES for path in _files(ROOT / place)]
    return [Module(str(path.relative_to(ROOT)), ast.parse(path.read_text(encoding="utf-8"))) for path in files]


def _files(place: Path) -> list[Path]:
    files = [place] if place.suffix == ".py" else sorted(place.rglob("*.py"))
    assert files, f"{place} is gone"
    return files


def messages(found: list[Module]) -> Iterator[tuple[str, str, str]]:
    """(where, source of the message, its static text) of all that is raised and of all words handed to what raises."""
    refusers = {name for module in found for name in module.refusers}
    for module in found:
        for node in ast.walk(module.tree):
            if isinstance(node, ast.Dict):
                said = [
                    v for k, v in zip(node.keys, node.values, strict=True) if _is(k, "refused") and _is_words(module, v)
                ]
                yield from ((f"{module.path}:{v.lineno}", ast.unparse(v), module.text(v)) for v in said)
            if not isinstance(node, ast.Call):
                continue
            where, name = f"{module.path}:{node.lineno}", _called(node)
            if name in MESSAGE:
                arguments = node.args[MESSAGE[name] : MESSAGE[name] + 1]
                assert arguments, f"{where}: the message of {name} is not where it is looked for"
            elif name in refusers:
                arguments = [a for a in node.args if _is_words(module, a)]
            else:
                continue
            yield from ((where, ast.unparse(a), module.text(a)) for a in arguments)


def _is(node: ast.expr | None, text: str) -> bool:
    return isinstance(node, ast.Constant) and node.value == text


def _called(node: ast.Call) -> str:
    return node.func.id if isinstance(node.func, ast.Name) else getattr(node.func, "attr", "")


def _is_words(module: Module, node: ast.expr) -> bool:
    """Whether an argument is text, and not a code or the name of a file."""
    text = module.text(node)
    return bool(text.strip()) and text not in reasons()


def fault(text: str) -> str:
    """What is wrong with a message; '' when nothing."""
    if not CHINESE.search(text):
        return "no Chinese"
    english = ENGLISH.search(COMMANDS.sub("", text))
    return f"English: {english[0]}" if english else ""


def test_every_refusal_is_in_chinese() -> None:
    found = list(messages(modules()))
    assert len(found) > 80
    allowed = {(where.rpartition(":")[0], source) for where, source, _ in found} & set(PASSED_ON)
    assert allowed == set(PASSED_ON), "an exception that no message needs any more"
    wrong = [
        (where, source, why)
        for where, source, text in found
        if (where.rpartition(":")[0], source) not in PASSED_ON and (why := fault(text))
    ]
    assert wrong == []


def test_every_finding_has_chinese_words_for_what_it_is_and_what_to_do() -> None:
    calls = [(module, node) for module in modules() for node in ast.walk(module.tree) if isinstance(node, ast.Call)]
    codes = {
        str(node.args[0].value) for _, node in calls
        if _called(node) == "Finding" and node.args and isinstance(node.args[0], ast.Constant)
    }  # fmt: skip
    assert len(codes) > 10
    assert [code for code in sorted(codes) if not CHINESE.search(reasons()[code].text_zh)] == []
    assert [code for code in sorted(codes) if not CHINESE.search(reasons()[code].fix_zh)] == []
    details = [
        (module.path, module.text(word.value)) for module, node in calls if _called(node) == "Finding"
        for word in node.keywords if word.arg == "detail"
    ]  # fmt: skip
    assert details and [detail for detail in details if ENGLISH.search(detail[1])] == []


@pytest.mark.parametrize(
    ("source", "wrong"),
    [
        ('raise RejectedError("no_rows", f"{name}: no data rows")', True),
        ('raise RejectedError("no_rows", f"{name}：没有数据行；请重新交付")', False),
        ('raise RejectedError("no_rows", f"{name}：没有数据行; send it again")', True),
        ('why = "no rows"\nraise RejectedError("no_rows", f"{name}: {why}")', True),
        ('why = "没有数据行"\nraise RejectedError("no_rows", f"{name}：{why}")', False),
        ('def why():\n    return f"of {name} nothing"\nraise UsageError(why())', True),
        ('raise UsageError(str(error))', True),
        ('def refuse(why: str) -> RejectedError: ...\nraise refuse("damaged")', True),
        ('PARTS = {"vba": "it holds macros"}\ndef refuse(why: str) -> RejectedError: ...\n'
         'for part, why in PARTS.items():\n    raise refuse(why)', True),
        ('def no(code: str, why: str) -> RejectedError: ...\nraise no("no_rows", "没有数据行")', False),
        ('_say({"refused": "too large"})', True),
        ('raise UsageError("没有这次交付；请用 talentpool delivery list 查看")', False),
    ],
)  # fmt: skip
def test_a_message_in_english_is_found_wherever_its_words_stand(source: str, wrong: bool) -> None:
    found = [text for _, _, text in messages([Module("x.py", ast.parse(source))])]
    assert found and any(map(fault, found)) is wrong, found
