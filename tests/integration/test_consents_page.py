"""授权待核实 inside the real Airflow API server: who decides, about whom, and what is on record of it."""

from __future__ import annotations

import re
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest

from asking import withdraw
from browsers import browser
from console_office import HERE, THERE, Console
from rosters import Office, person
from talentpool.guard import verify
from talentpool.office_day import OFFICE_TIME
from talentpool.services.desk.log import unusual
from talentpool.services.rights import stop_counts

GONE = (5, 8, 10)
"""Who withdrew, and is in a later roster as a row of which that is not certain."""
ENDED = {1: "", 2: "", 3: "撤回", 4: "", 7: ""}
"""Whose consent ended, by the version of the notice that the roster has. 3 works in THERE, the others in HERE."""
PAPER = {"reason": "单位漏填，已核实", "proof": "档案 12 号", "sure": "yes"}


@pytest.fixture(scope="module")
def place(console: Console) -> Console:
    bring(console.office)
    return console


def bring(office: Office) -> None:
    """Five who are suspended, three rows that may be somebody who withdrew, and two whom the partner is to stop."""
    everyone = {n: person(n, county=HERE if n % 3 else THERE, station="北关站") for n in range(1, 25)}
    ended = {n: everyone[n] | {"notice_version": said, "consented_on": "" if not said else "2025-01-01"}
             for n, said in ENDED.items()}  # fmt: skip
    office.deliver("2026-10-05", (everyone | ended).values())
    for n in GONE:
        withdraw(office, f"didi:T{n:05d}", by="王主任", reason="本人书面申请",
                 received_on=date(2026, 10, 6), tell_partner=n != 10)  # fmt: skip
    again = [person(n, staff_no=f"N{n}", county=HERE, document_no="", mobile="", birth_date="1986-05-05") for n in GONE]
    rest = [row for n, row in (everyone | ended).items() if n not in GONE]
    office.deliver("2026-10-08", [*again, *rest])


def suspended(place: Console, number: int) -> str:
    return str(place.office.one("select status from source_record where staff_no = :s", s=f"T{number:05d}"))


def held(page: str) -> dict[str, str]:
    """What a confirming page sends back with what the officer fills in."""
    found = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)">', page.split("<main")[1]))
    return {name: value for name, value in found.items() if name != "form_token"}


def look(place: Console, user: str, number: int, partner: str = "didi") -> Any:
    return place.post("/console/consents/person", user, {"partner": partner, "staff_no": f"T{number:05d}"})


def test_each_side_reads_where_and_why_and_nobodys_name_or_number(place: Console) -> None:
    city, own = (place.visit("/console/consents", user).text for user in ("city", "county"))
    there = place.visit("/console/consents", "other_county").text
    assert [page.count("恢复使用…") for page in (city, own, there)] == [5, 4, 1]
    assert "合作单位报告本人已撤回授权</td>" in there and "合作单位报告本人已撤回授权</td>" not in own
    assert "2026-10-05" in own and "网约车" in own and "平顺县" in own and "潞州区" not in own.split("<main")[1]
    for page in (city, own, there):
        for n in ENDED:
            row = person(n)
            assert not {row["name"], row["staff_no"], row["mobile"], row["document_no"]} & set(
                re.split(r"[<>\s]", page)
            )
        assert "韩" not in page and "140199" not in page and "T0000" not in page
    assert city.count("/console/people/") == 1, "person 1 works elsewhere as well"
    linked = re.search(r'href="(/console/people/[^"]+)"', city)
    assert linked and place.visit(linked[1], "city").status_code == 200
    assert "/console/people/" not in own and place.visit(linked[1], "county").status_code == 404
    for user, rows, stops in (("city", 3, "2 个"), ("county", 0, ""), ("other_county", 0, "")):
        page = place.visit("/console/consents", user).text
        assert page.count("判定…") == rows and (stops or "暂") in page + "暂", user
        assert ("停报名单" in page) is (user == "city"), user
    for user in ("approver", "auditor", "operator", "admin", "nobody"):
        assert place.visit("/console/consents", user).status_code == 403, user


def test_a_county_resumes_its_own_with_paper_and_number_and_nobody_elses(place: Console) -> None:
    foreign = look(place, "county", 3)
    assert foreign.status_code == 422 and foreign.text.count("没有按这个单位和工号中止使用的人员") == 1
    unknown = look(place, "county", 999)
    strip = lambda page: re.sub(r'value="[0-9a-f]{64}"', "", page)  # noqa: E731
    assert strip(unknown.text) == strip(foreign.text), "what is another county's looks like nobody"
    theirs = held(look(place, "city", 3).text)
    for given in (theirs, {**theirs, "record": ""}):
        sent = place.post("/console/consents/resume", "county", given | PAPER | {"staff_no": "T00003"})
        assert sent.status_code == 422 and "没有执行" in sent.text
    assert suspended(place, 3) == "suspended"
    refused = "select count(*) from audit_log where action = 'refused' and actor = 'county' and subject = :s"
    assert place.office.one(refused, s=f"record:{theirs['record']}") == 3
    mine = look(place, "county", 2)
    assert (
        mine.status_code == 200 and "自该单位 2026 年 10 月 8 日的名册起" in mine.text and "再次中止使用" in mine.text
    )
    fields = held(mine.text) | PAPER | {"staff_no": "T00002"}
    for wrong in ({"sure": ""}, {"reason": ""}, {"proof": " "}, {"staff_no": "T00004"}, {"staff_no": ""}, {"seen": "x"},
                  {"seen": ""}):  # fmt: skip
        assert place.post("/console/consents/resume", "county", fields | wrong).status_code == 422, wrong
    for user in ("approver", "auditor", "operator", "admin", "nobody"):
        assert place.post("/console/consents/resume", user, fields).status_code == 403, user
    assert place.post("/console/consents/resume", "other_county", fields).status_code == 422
    assert suspended(place, 2) == "suspended"
    done = place.post("/console/consents/resume", "county", fields)
    assert done.status_code == 200 and "已恢复使用" in done.text and suspended(place, 2) == "active"
    log = "select actor, action, reason, scope, details->>'proof' from audit_log where subject = :s order by seq"
    assert place.office.ask(log, s=f"record:{fields['record']}") == [
        ("other_county", "refused", "", THERE, None), ("county", "decision", PAPER["reason"], HERE, PAPER["proof"]),
    ]  # fmt: skip
    assert place.post("/console/consents/resume", "county", fields).status_code == 422, "once"
    assert place.office.one(
        "select count(*) from audit_log where action = 'search' and subject = 'search:suspended' and actor = 'county'"
    )


def test_a_suspension_that_became_another_while_it_was_looked_at_is_not_lifted(place: Console) -> None:
    fields = held(look(place, "city", 4).text) | PAPER | {"staff_no": "T00004"}
    reported = [person(4, county=HERE, notice_version="撤回"), person(6, county=THERE, station="新站")]
    assert place.office.deliver("2026-10-09", reported, kind="delta", since="2026-10-08").status == "published"
    sent = place.post("/console/consents/resume", "city", fields)
    assert sent.status_code == 422 and "有了变化" in sent.text and "只有书面材料证明单位报错了才可恢复" in sent.text
    assert suspended(place, 4) == "suspended"
    assert place.post("/console/consents/resume", "city", fields | held(sent.text)).status_code == 200
    assert suspended(place, 4) == "active"


def test_the_city_goes_on_to_erase_whose_withdrawal_is_confirmed(place: Console) -> None:
    assert "requests?person" not in look(place, "other_county", 3).text
    by_line = held(look(place, "city", 3).text)
    line = place.post("/console/consents/person", "city", {name: by_line[name] for name in ("partner", "record")})
    assert line.status_code == 200 and "requests?person" not in line.text, "nobody typed the number"
    link = re.search(r'href="(/console/requests\?person=([^"&]+)[^"]*)"', look(place, "city", 3).text)
    assert link and "立即停止使用" in place.visit(link[1].replace("&amp;", "&"), "city").text
    sent = {
        "person": link[2],
        "kind": "withdraw",
        "received_on": "2026-10-09",
        "reason": "本人确认",
        "identity": "in_person",
    }
    path = place.post("/console/requests", "city", sent).headers["location"]
    assert "已办结" in place.onward(place.post(f"{path}/confirm", "approver", {"sure": "yes"}), "approver").text
    assert place.office.ask("select 1 from source_record where staff_no = 'T00003'") == []
    assert "没有中止使用的人员" in place.visit("/console/consents", "other_county").text


def test_the_city_alone_says_who_withdrew_and_says_it_once(place: Console) -> None:
    rows = place.office.ask("select delivery_id, row_no from quarantine where code = 'withdrawn_doubtful' order by 2")
    same, different = ({"delivery": str(one), "row": str(row)} for one, row in rows[:2])
    asked = place.post("/console/consents/row", "city", same)
    assert asked.status_code == 200 and "不可恢复" in asked.text and "以后不再询问" in asked.text
    assert "韩" not in asked.text and "1986" not in asked.text
    said = {"reason": "核对证件原件", "sure": "yes"}
    for user in ("county", "other_county", "approver", "auditor", "operator", "nobody"):
        for path in ("/console/consents/row", "/console/consents/row/say"):
            assert place.post(path, user, same | said | {"word": "same"}).status_code == 403, (user, path)
    for wrong in ({"word": ""}, {"word": "maybe"}, {"reason": ""}, {"sure": ""}, {"row": "999"}, {"delivery": "x"}):
        sent = place.post("/console/consents/row/say", "city", same | said | {"word": "same"} | wrong)
        assert sent.status_code == 422, wrong
    assert place.office.ask("select 1 from suppression_word") == []
    for fields, word in ((same, "same"), (different, "different")):
        done = place.post("/console/consents/row/say", "city", fields | said | {"word": word})
        assert done.status_code == 200 and "已记录" in done.text
        other = "different" if word == "same" else "same"
        again = place.post("/console/consents/row/say", "city", fields | said | {"word": other})
        assert again.status_code == 422 and "不再等待判定" in again.text
    assert place.office.ask("select verdict, decided_by from suppression_word order by word_id") == [
        ("same", "city"), ("different", "city"),
    ]  # fmt: skip
    assert place.visit("/console/consents", "city").text.count("判定…") == 1


def test_a_stop_list_leaves_with_the_city_on_record_and_what_came_meanwhile_stays(place: Console) -> None:
    asked = {"partner": "didi"}
    for user in ("county", "approver", "auditor", "operator", "nobody"):
        for path in ("/console/consents/stop", "/console/consents/stop/told"):
            assert place.post(path, user, asked | {"sure": "yes", "seen": "x"}).status_code == 403, (user, path)
    exports = "select actor, reason, details->>'numbers' from audit_log where action = 'export' order by seq"
    assert place.office.ask(exports) == []
    letter = place.post("/console/consents/stop", "city", asked)
    assert letter.status_code == 200 and "T00005" in letter.text and "T00008" in letter.text and "N5" not in letter.text
    assert "不再包含这些工号" in letter.text and "共青团" in letter.text and "韩" not in letter.text
    assert place.office.ask(exports) == [("city", "取出停报名单", "2")]
    withdraw(place.office, "didi:T00011", by="王主任", reason="书面",
             received_on=date(2026, 10, 9), tell_partner=True)  # fmt: skip
    late = place.post("/console/consents/stop/told", "city", held(letter.text) | {"sure": "yes"})
    assert late.status_code == 422 and "T00011" in late.text and "名单有了变化" in late.text
    assert place.post("/console/consents/stop/told", "city", held(late.text)).status_code == 422, "not ticked"
    done = place.post("/console/consents/stop/told", "city", held(late.text) | {"sure": "yes"})
    assert done.status_code == 200 and "已告知 3 个工号" in done.text and "没有需要告知单位的工号" in done.text
    with place.office.engine.connect() as conn:
        assert stop_counts(conn) == {}
        assert verify(conn, place.office.keys, place.office.settings.audit_heads_file).whole
    assert place.office.ask(exports)[-1] == ("city", "停止报送（本人书面要求）", "3")
    gone = place.post("/console/consents/stop", "city", asked)
    assert gone.status_code == 422 and "没有需要告知这个单位的工号" in gone.text


@pytest.mark.browser
@pytest.mark.parametrize("width", [1280, pytest.param(390, marks=pytest.mark.slow)])
def test_an_officer_resumes_inside_airflows_frame_at_desk_and_phone_width(
    place: Console, width: int, tmp_path: Path
) -> None:
    number, user = (1, "county") if width > 400 else (7, "city")
    with browser() as driven:
        for one in ("city", "county"):
            page, complaints = place.window(driven, one, width)
            page.goto(f"{place.url}/console/consents")
            page.screenshot(path=tmp_path / f"consents_{one}_{width}.png", full_page=True)
            assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), one
            assert complaints == []
            page.context.close()
        page, _ = place.window(driven, user, width)
        page.goto(f"{place.url}/plugin/consents")
        frame = page.frame_locator("iframe")
        frame.locator("select[name=partner]").select_option("didi")
        frame.locator("input[name=staff_no]").fill(f"T{number:05d}")
        frame.get_by_role("button", name="按工号查找").click()
        frame.locator("input[name=proof]").fill("档案 13 号")
        frame.locator("input[name=reason]").fill("单位漏填")
        page.screenshot(path=tmp_path / f"consent_{width}.png")
        frame.locator("input[name=sure]").check()
        frame.get_by_role("button", name="恢复使用").click()
        frame.locator("section.alert.good").wait_for()
        page.screenshot(path=tmp_path / f"resumed_{width}.png")
        assert "已恢复使用" in frame.locator("section.alert.good").inner_text()
        page.context.close()
        if width > 400:
            page, _ = place.window(driven, "operator", width)
            page.goto(f"{place.url}/console/consents")
            page.screenshot(path=tmp_path / "consents_operator.png")
            assert "没有权限" in page.locator("h1").inner_text()
            page.context.close()
    assert suspended(place, number) == "active"


@pytest.mark.browser
@pytest.mark.parametrize("width", [1280, pytest.param(390, marks=pytest.mark.slow)])
def test_the_citys_own_pages_fit_desk_and_phone(place: Console, width: int, tmp_path: Path) -> None:
    leaver = "didi:T00013" if width > 400 else "didi:T00014"
    withdraw(place.office, leaver, by="王主任", reason="书面",
             received_on=date(2026, 10, 9), tell_partner=True)  # fmt: skip
    with browser() as driven:
        page, complaints = place.window(driven, "city", width)
        for button, shot in (("判定…", "returned"), ("取出名单和函件", "letter")):
            page.goto(f"{place.url}/console/consents")
            page.get_by_role("button", name=button).first.click()
            page.locator("input[name=sure]").wait_for()
            page.screenshot(path=tmp_path / f"{shot}_{width}.png", full_page=True)
            assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), shot
        page.locator("input[name=sure]").check()
        page.get_by_role("button", name="已告知，清除这些工号").click()
        page.locator("section.alert.good").wait_for()
        assert complaints == []
        page.context.close()


def test_numbers_that_fit_nobody_are_counted_as_in_every_search(place: Console) -> None:
    """By either button: whoever guesses is stopped for the day, and stands among what is unusual."""
    line = place.office.one("select record_id from consent_end order by record_id limit 1")
    for guess in range(5):
        assert look(place, "other_county", 900 + guess).status_code == 422
        fields = {"partner": "didi", "record": str(line), "staff_no": f"T9{guess:04d}", "seen": "x"} | PAPER
        assert place.post("/console/consents/resume", "other_county", fields).status_code == 422
    spent = look(place, "other_county", 1)
    assert spent.status_code == 422 and "次数已用完" in spent.text and "起可以再查" in spent.text
    assert "次数已用完" in place.search("other_county", {"by": "mobile", "value": "13912345678"}).text
    with place.office.engine.begin() as conn:
        found = {(one.actor, one.what): one.count for one in unusual(conn, datetime.now(OFFICE_TIME).date())}
    assert found["other_county", "misses"] == 10
