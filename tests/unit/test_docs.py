"""What the documents say is what the code does."""

from __future__ import annotations

import json
import re
import shlex
from importlib.util import find_spec
from pathlib import Path

import click
import pytest
import yaml

from deploy.documents import lines
from talentpool.__main__ import cli
from talentpool.declare import campaign_files, partner_files
from talentpool.in_airflow import DAILY
from talentpool.settings import Settings

ROOT = Path(__file__).resolve().parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")
PAGES = {
    path.relative_to(ROOT).as_posix(): path.read_text(encoding="utf-8")
    for path in sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])
}
INSIDE = r"(?:docker compose (?:exec|run --rm) [a-z-]+ )?"
COMMANDS = sorted(
    {line for text in PAGES.values() for line in re.findall(rf"^{INSIDE}talentpool (.+)$", text, flags=re.MULTILINE)}
)
LINKS = [
    (page, target)
    for page, text in PAGES.items()
    for target in re.findall(r"\]\(([^)\s]+)\)|src=\"([^\"]+)\"", text)
    for target in target
    if target and "://" not in target
]
PICTURES = sorted((ROOT / "docs" / "images").iterdir())
MOST_BYTES = 250_000
CHINESE = Path(next(iter(find_spec("airflow").submodule_search_locations))) / "ui/dist/i18n/locales/zh-CN/common.json"  # type: ignore[union-attr,arg-type]


def test_the_documents_are_there_and_show_commands() -> None:
    assert {"README.md", "README.zh-CN.md", "docs/operations.md", "docs/data-map.md"} <= set(PAGES)
    assert len(COMMANDS) >= 15


def test_every_command_of_the_documents_parses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(click.Path, "convert", lambda _self, value, _param, _ctx: value)  # their folders are not here
    assert [said for line in COMMANDS for said in _refusal(line)] == []


def _refusal(line: str) -> list[str]:
    name, *words = shlex.split(line, comments=True)
    command = cli.get_command(click.Context(cli), name)
    if command is None:
        return [f"{line}: no such command"]
    try:
        command.make_context(name, words)
    except click.exceptions.Exit as asked_for_help:
        return [] if asked_for_help.exit_code == 0 and line.endswith("--help") else [f"{line}: ends at once"]
    except click.ClickException as refused:
        return [f"{line}: {refused.format_message()}"]
    return []


def test_every_make_target_of_the_documents_is_one() -> None:
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), flags=re.MULTILINE))
    named = {name for text in PAGES.values() for name in re.findall(r"(?:^|`|&& )make ([a-z-]+)", text, re.MULTILINE)}
    assert len(named) >= 4
    assert named <= targets


def test_every_service_that_a_compose_command_names_is_one() -> None:
    services = set(yaml.safe_load((ROOT / "docker-compose.yml").read_text(encoding="utf-8"))["services"])
    lines = [line for text in PAGES.values() for line in re.findall(r"docker compose ([^`\n]+)", text)]
    assert len(lines) > 12
    for line in lines:
        verb, *words = [word for word in shlex.split(line, comments=True) if not word.startswith("-")]
        if verb == "exec":
            assert words[0] in services, line
        elif verb in ("logs", "restart", "stop", "up"):
            assert {word.partition("=")[0] for word in words} - {"1h", ">", "incident.log"} <= services, line


def test_every_link_leads_somewhere() -> None:
    assert len(LINKS) > 30
    for page, target in LINKS:
        path, _, anchor = target.partition("#")
        found = (ROOT / page).parent / path if path else ROOT / page
        assert found.exists(), f"{page}: {target}"
        if anchor:
            titles = re.findall(r"^#+ (.+)$", found.read_text(encoding="utf-8"), flags=re.MULTILINE)
            assert anchor in {re.sub(r"[^\w -]", "", title.lower()).replace(" ", "-") for title in titles}, target


@pytest.mark.parametrize("page", sorted(page for page in PAGES if re.fullmatch(r"docs/operations[\w-]*\.md", page)))
def test_the_operators_page_is_the_same_in_chinese(page: str) -> None:
    """Same commands in the same order (remarks apart), same headings, tables and steps; each page links the other."""
    chinese = page.replace(".md", ".zh-CN.md")
    assert Path(chinese).name in PAGES[page].split("## ")[0] and Path(page).name in PAGES[chinese].split("## ")[0]
    fenced, theirs = ([(line.service, line.words) for line in lines() if line.page == name] for name in (page, chinese))
    assert len(fenced) > 5 and fenced == theirs
    for shape in (r"^#+ ", r"^\|", r"^\d\. ", r"^- "):
        assert len(re.findall(shape, PAGES[page], re.M)) == len(re.findall(shape, PAGES[chinese], re.M)), shape
    within = (set(re.findall(r"`((?:talentpool|docker|psql) [^`]+)`", PAGES[name])) for name in (page, chinese))
    assert next(within) == next(within)


def test_every_decision_stands_once_in_the_index_with_a_status() -> None:
    folder = ROOT / "docs" / "adr"
    headings = {path.name: path.read_text(encoding="utf-8").partition("\n")[0] for path in folder.glob("[0-9]*.md")}
    rows = re.findall(r"^\| (\d+) \| \[(.+)\]\((.+)\) \| (\S.*\.) \| (.+) \|$", PAGES["docs/adr/README.md"], re.M)
    numbers = [int(number) for number, *_ in rows]
    assert len(rows) > 50 and numbers == sorted(set(numbers))
    assert {name: f"# {number}. {title}" for number, title, name, *_ in rows} == headings
    for number, _, name, _, status in rows:
        assert name.startswith(f"{int(number):04d}-")
        others = re.fullmatch(r"accepted|(?:refined|superseded) by (\d+(?:, \d+)*)", status)
        assert others, f"{name}: {status}"
        later = {int(other) for other in (others[1] or "").split(", ") if other}
        assert later <= set(numbers) and all(other > int(number) for other in later), f"{name}: {status}"


def test_every_picture_is_shown_and_light() -> None:
    assert len(PICTURES) >= 7
    shown = {((ROOT / page).parent / target).resolve() for page, target in LINKS}
    for picture in PICTURES:
        assert picture.resolve() in shown, picture.name
        assert picture.stat().st_size < MOST_BYTES, picture.name


def test_a_name_on_a_menu_is_what_the_user_interface_calls_it() -> None:
    """浏览 > ... is read word by word: a walk through must not send an officer to a menu that is not there."""
    words = json.loads(CHINESE.read_text(encoding="utf-8"))
    menus = {words["nav"][key] for key in ("admin", "browse", "security")}
    entries = {*words["browse"].values(), *words["admin"].values(), *words["security"].values()}
    sources = {**PAGES, **{path.name: path.read_text(encoding="utf-8") for path in (ROOT / "dags").glob("*.py")}}
    named = {pair for text in sources.values() for pair in re.findall(r"(浏览|管理|安全) > ([一-鿿]+)", text)}
    assert len(named) >= 3
    for menu, entry in named:
        assert menu in menus and any(entry.startswith(known) for known in entries), f"{menu} > {entry}"


def test_every_setting_is_in_the_readme_and_every_variable_there_is_a_setting() -> None:
    settings = {f"TALENTPOOL_{name.upper()}" for name in Settings.model_fields}
    named = set(re.findall(r"(?<![A-Z_])TALENTPOOL_[A-Z_]+[A-Z]", README)) - {"TALENTPOOL_CONN", "TALENTPOOL_KEY"}
    assert named == settings


def test_every_declared_dag_is_in_the_table_of_clock_times() -> None:
    settings = Settings()
    dags = {f"{kind}__{code}" for kind in ("roster", "decision") for code in partner_files(settings.partner_dirs)}
    dags |= {f"campaign__{code}" for code in campaign_files(settings.campaign_dirs)}
    dags |= {"pool__people", "quality__report", *DAILY}
    kinds = "|".join(sorted({dag_id.partition("__")[0] for dag_id in dags}))
    assert set(re.findall(rf"`((?:{kinds})__\w+)`", README)) == dags
