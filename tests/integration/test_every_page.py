"""Every page of ours as each role: no dead link, no English, no complaint of the browser, nothing wider than the screen."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from html import unescape
from pathlib import Path
from typing import Any
from urllib.parse import urljoin, urlsplit

import pytest

from api_servers import ApiServer
from asking import withdraw
from browsers import browser
from console_office import HERE, Console
from drawn_lists import DAY, draw_here, fill_young
from rosters import person
from talentpool.model import delivery_question
from talentpool.services.rights import register

USERS = ("city", "approver", "county", "auditor", "operator")
PATIENT = 90
"""Pages a role at most: a crawl that goes round in circles is a fault of its own."""
KIND = r"[0-9a-f]{8}-[0-9a-f-]{27,}|found=[^&]+|(?<=/rule/)\w+|(?<=/partner/)\w+|\d+"
LINK = re.compile(r'<a\b[^>]*\bhref="([^"]*)"')
WORDS = re.compile(r"[A-Za-z]{3,}")
NUMBERED = re.compile(r"[\w.-]*\d[\w.-]*", re.ASCII)
"""Ids, staff numbers, dates, names of files with a date."""
KNOWN = {
    "Alt", "API", "Airflow", "CSV", "csv", "xlsx", "PDF", "SFTP", "Office", "WPS", "Excel", "manifest", "json", "person", *USERS,
}  # fmt: skip
"""Names and forms of files that have no Chinese word; user names and partners of the test."""
SPOKEN = """() => { const said = []; const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    while (walk.nextNode()) { const at = walk.currentNode.parentElement;
        if (!at.closest('script, style, code, .masked, [lang=en]') && at.checkVisibility()) said.push(walk.currentNode.data); }
    return said.join(' ') }"""
"""What stands on the page for an officer to read, beside the masked values of people."""


@pytest.fixture(scope="module")
def place(standing: ApiServer) -> Iterator[Console]:
    with standing.open(TALENTPOOL_TODAY=DAY.isoformat()) as found:
        office = found.office
        fill_young(found)
        draw_here(found)
        thin = [person(n, county=HERE) for n in range(1, 9)]
        held = office.deliver("2026-10-05", thin)
        assert held.status == "held"
        with office.engine.begin() as conn:  # as the run that asks puts it down
            conn.execute(
                delivery_question.insert().values(
                    dag_id="decision__didi", run_id="ask", delivery_id=held.delivery_id, findings=[]
                )
            )
        signed = {"by": "county", "reason": "本人到访"}
        day = office.ask("select max(as_of) from delivery")[0][0]
        for number, kind in ((2, "access"), (4, "withdraw")):
            register(office, kind, f"didi:T{number:05d}", received_on=day, **signed)
        withdraw(office, "didi:T00005", received_on=day, **signed)
        yield found


@dataclass
class Drawn:
    """What a browser has shown to roles before: a page that differs from theirs in numbers alone is not looked at again.

    `every`: each page of each role is, and kept as a picture."""

    every: bool
    mains: set[str] = field(default_factory=set)

    def shape(self, path: str) -> str:
        """One person's page, one pair's: another is of the same kind."""
        kinds = KIND if self.every else f"{KIND}|(?<=campaign=)\\w+"
        return re.sub(kinds, "1", path)

    def knows(self, text: str) -> bool:
        return not self.every and main(text) in self.mains


def main(text: str) -> str:
    """What a page says, without what stands around it, which is the same on all pages of a role, and without numbers."""
    found = re.sub(r"[0-9a-f]{8,}|\d+", "1", text.partition("<main")[2].partition("</main>")[0])
    assert found, text[:500]
    return found


def walk(place: Console, user: str, page: Any, complaints: list[str], drawn: Drawn, folder: Path) -> list[str]:
    """What is wrong on the pages that links lead to, beginning with the first one."""
    wrong: list[str] = []
    waiting, seen = ["/console/quality" if user == "operator" else "/console/to_do"], set()
    mains: set[str] = set()
    while waiting:
        path = waiting.pop(0)
        shape = drawn.shape(path)
        if shape in seen:
            continue
        seen.add(shape)
        assert len(seen) <= PATIENT, sorted(seen)
        asked = place.visit(path, user) if drawn.mains and len(seen) > 1 else None
        if asked is not None and asked.status_code == 200 and drawn.knows(asked.text):
            text, base = asked.text, place.url + path
        else:
            answer = page.goto(place.url + path)
            if answer is None or answer.status != 200:
                wrong.append(f"{path}: {answer and answer.status}")
                continue
            text, base = answer.text(), page.url
            wrong += [f"{path}: {said}" for said in faults(page, complaints)]
            mains.add(main(text))
            if drawn.every:
                name = re.sub(r"\W+", "_", shape)
                page.screenshot(path=folder / f"{name}.png", full_page=True)
        for link in LINK.findall(text):
            to = urlsplit(urljoin(base, unescape(link)))
            if to.path.endswith(".xlsx"):
                wrong += [f"{path}: {to.path}"] if place.visit(to.path, user).status_code != 200 else []
            elif "form=" in to.query:  # a file: test_scores_page.py
                continue
            elif to.netloc == urlsplit(place.url).netloc and not to.path.endswith("/logout"):
                waiting.append(to.path + (f"?{to.query}" if to.query else ""))
            elif to.netloc and to.netloc != urlsplit(place.url).netloc:
                wrong.append(f"{path}: leads out to {to.netloc}")
    drawn.mains |= mains
    return wrong


def faults(page: Any, complaints: list[str]) -> list[str]:
    """What is wrong with the page that a browser's window shows."""
    width = page.viewport_size["width"]
    wrong = [f"wider than {width}"] if page.evaluate("document.documentElement.scrollWidth") > width else []
    if english := sorted(set(WORDS.findall(NUMBERED.sub("", page.evaluate(SPOKEN)))) - KNOWN):
        wrong.append(str(english))
    wrong += complaints
    complaints.clear()
    return wrong


@pytest.mark.browser
@pytest.mark.parametrize("width", [pytest.param(1280, marks=pytest.mark.slow), 390])
def test_every_page_that_a_role_reaches_is_whole(place: Console, width: int, tmp_path: Path) -> None:
    wrong: dict[str, list[str]] = {}
    drawn = Drawn(every=width > 1000)
    with browser() as driven:
        for user in USERS:
            page, complaints = place.window(driven, user, width)
            folder = tmp_path / user
            folder.mkdir()
            if found := walk(place, user, page, complaints, drawn, folder):
                wrong[user] = found
    assert wrong == {}, "\n".join(f"{user}: {one}" for user, found in wrong.items() for one in found)


@pytest.mark.browser
def test_a_held_roster_is_decided_by_clicking_inside_airflows_frame(place: Console, tmp_path: Path) -> None:
    """Airflow's frame lets no page lead out of it: the way from the report to the decision stays inside."""
    with browser() as driven:
        page, complaints = place.window(driven, "city", 1280)
        page.goto(f"{place.url}/plugin/quality")
        frame = page.frame_locator("iframe")
        frame.get_by_role("link", name="去决定").click()
        frame.get_by_text("为什么搁置").wait_for()
        page.screenshot(path=tmp_path / "held.png")
        frame.locator("label", has_text="只入新增与变更").click()
        frame.locator("input[name=reason]").fill("已与单位核对")
        frame.get_by_role("button", name="按所选决定").click()
        frame.get_by_text("已决定", exact=True).wait_for()
        page.screenshot(path=tmp_path / "decided.png")
        assert [said for said in complaints if "attempting navigation" in said] == []
    office = place.office
    assert office.ask("select choice, decided_by, role from delivery_decision") == [
        ("no-removals", "city", "city_officer")
    ]
    assert office.one("select state from delivery where decided = 'no-removals'") == "landed"
    number = office.one("select delivery_id from delivery where decided = 'no-removals'")
    late = place.post(f"/console/held/{number}", "city", {"choice": "reject", "reason": "晚了", "seen": "x"})
    assert late.status_code == 422 and "情况已变化" in late.text
    assert place.post(f"/console/held/{number}", "approver", {"choice": "all", "reason": "x"}).status_code == 403


def test_an_auditor_finds_who_was_refused_and_hears_whether_the_log_is_whole(place: Console) -> None:
    place.visit("/console/quality", "county")
    found = place.post("/console/audit", "auditor", {"action": "refused", "actor": "county"})
    rows = found.text.split("查找结果")[1]
    assert found.status_code == 200 and "页面 /quality" in rows and ">city<" not in rows
    assert "日志完整" in place.post("/console/audit/verify", "auditor", {}).text
