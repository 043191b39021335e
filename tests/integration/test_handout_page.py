"""现场发放 inside the real Airflow API server: codes, marks from a phone, and everybody who should not."""

from __future__ import annotations

import json
from collections.abc import Iterator
from uuid import uuid4

import pytest
import sqlalchemy as sa

from console_office import HERE, ROOT, THERE, Console
from drawn_lists import draw_here
from list_acts import act, state_of
from phones import Phone, begin, code_for, entry, found, locked_list, of_station, rows

STATION = "didi|北关站"


@pytest.fixture(scope="module")
def place(listed: Console) -> Console:
    return listed


@pytest.fixture
def number(place: Console) -> Iterator[int]:
    """A locked list of twelve people of two counties."""
    yield locked_list(place)
    with place.office.engine.begin() as conn:
        conn.execute(sa.text("delete from sign_in_lock"))


@pytest.fixture
def event(place: Console, number: int) -> int:
    return begin(place, number, county=HERE)


def test_a_station_signs_in_marks_and_its_marks_are_a_receipt(place: Console, number: int, event: int) -> None:
    mine, theirs = of_station(place, number), of_station(place, number, "城东站")
    assert mine and theirs
    phone = Phone(place, number)
    entered = phone.enter(code_for(place, number, event, STATION))
    assert entered.status_code == 200
    cookie = entered.headers["set-cookie"]
    assert "HttpOnly" in cookie and "SameSite=strict" in cookie and f"Path=/handout/{number};" in cookie
    said = phone.get("state").json()
    assert said["holder"] == f"station:didi:{HERE}:北关站"
    assert said["who"].endswith("北关站") and said["counts"]["people"] == len(mine) == said["counts"]["open"]
    (one,) = phone.find(mine[0].lower().replace("-", ""))
    assert one["row"] == mine[0] and one["name"].endswith("*") and one["mobile"].startswith("****") and not one["gone"]
    assert phone.find(theirs[0]) == [] == phone.find(rows(place, number, THERE)[0])
    assert {row["row"] for row in phone.find(tail_of(place, mine[0]))} >= {mine[0]}
    signing = str(uuid4())
    sent = [entry(row, signing=signing, signer="head") for row in mine] + [entry(theirs[0])]
    for _ in range(2):
        answer = phone.send(*sent)
        assert answer.status_code == 200, answer.text
        assert [one["counted"] for one in answer.json()["results"]] == [*[True] * len(mine), False]
    assert answer.json()["state"]["counts"]["handed"] == len(mine)
    assert found(place, number) == dict.fromkeys(mine, ("full", 1)) and state_of(place, number) == "receipts_open"
    came = place.office.ask("select via, received_by, taken from receipt where list_id = :n", n=number)
    assert came == [("handout", f"station:didi:{HERE}:北关站", len(mine))]
    page = place.visit(f"/console/lists/{number}/handout", "county").text
    assert f"{len(mine)} 人，1 次签收" in page and "已登录" in page
    assert "现场发放" in place.visit(f"/console/lists/{number}/receipts", "city").text
    log = place.office.ask("select action, details from audit_log where actor = :a order by seq",
                           a=f"station:didi:{HERE}:北关站")  # fmt: skip
    assert [action for action, _ in log][:2] == ["sign_in", "view"] and mine[0] not in json.dumps(str(log))


def tail_of(place: Console, row: str) -> str:
    """The end of the mobile of a row's person, as the sheet prints it."""
    from talentpool.guard import open_personal

    record = place.office.one("select record_id from target_row where row_id = :r", r=row)
    with place.office.engine.connect() as conn:
        return str(open_personal(conn, place.office.keys, [record])[record].mobile)[-4:]


def test_without_a_sign_in_a_token_or_from_elsewhere_nothing_is_answered(
    place: Console, number: int, event: int
) -> None:
    mine = rows(place, number)
    stranger = Phone(place, number)
    shell = stranger.get("")
    assert shell.status_code == 200 and mine[0] not in shell.text and "暖冬" not in shell.text
    for path, given in (("find", {"asked": mine[0]}), ("entries", {"entries": [entry(mine[0])]}), ("leave", {})):
        assert stranger.post(path, given).status_code == 401, path
    assert stranger.get("state").status_code == 401
    tested = {
        "/static/{name}",
        *(f"/{{list_id}}{path}" for path in ("", "/enter", "/state", "/find", "/entries", "/leave")),
    }
    assert {path for prefix, _, path, _ in place.routes if prefix == "/handout"} == tested
    phone = Phone(place, number)
    assert phone.enter(code_for(place, number, event)).status_code == 200
    for path, given in (("find", {"asked": mine[0]}), ("entries", {"entries": [entry(mine[0])]}), ("leave", {})):
        for more in (
            {"x-form-token": "0" * 64}, {"origin": "http://127.0.0.1:9", "sec-fetch-site": "same-site"},
            {"sec-fetch-site": "cross-site"}, {"origin": "null"},
        ):  # fmt: skip
            assert phone.post(path, given, **more).status_code == 403, (path, more)
    assert phone.post("enter", {"code": "x"}, origin="http://evil.example").status_code == 403
    assert not found(place, number)
    for given in (
        {"entries": []},
        {"entries": [entry("1")]},
        {"entries": [entry(mine[0])] * 201},
        {"entries": "x"},
        {},
    ):
        assert phone.post("entries", given).status_code == 422, given
    assert phone.send(entry(mine[0], outcome="left")).status_code == 422
    assert phone.post("find", {"asked": "王\x00"}).status_code == 422
    assert "行号" in phone.post("find", {"asked": "王"}).json()["detail"]


def test_a_sign_in_is_of_its_list_and_a_code_is_guessed_by_nobody(place: Console, number: int, event: int) -> None:
    code = code_for(place, number, event, STATION)
    other = Phone(place, number + 1)
    assert other.enter(code).status_code == 422
    phone = Phone(place, number)
    assert phone.enter(code).status_code == 200
    assert Phone(place, number).enter(code).status_code == 422
    cookie = dict(phone._http.cookies)[f"handout_{number}"]
    other._http.cookies.set(f"handout_{number + 1}", cookie)
    assert other.get("state").status_code == 401
    fresh = code_for(place, number, event, STATION)
    guesses = [Phone(place, number).enter(f"AAAA-AAAA-AAA{sign}").status_code for sign in "23456789"]
    assert guesses[0] == 422 and guesses[-1] == 429
    shut = Phone(place, number).enter(fresh)
    assert shut.status_code == 429 and "再试" in shut.json()["detail"] and int(shut.headers["retry-after"]) > 0
    kinds = {row[0] for row in place.office.ask("select action from audit_log where subject = :s", s=f"list:{number}")}
    assert {"sign_in", "sign_in_failed", "sign_in_lock"} <= kinds


def test_revoked_left_ended_closed_and_void_each_end_it_at_once(place: Console, number: int, event: int) -> None:
    mine = rows(place, number)
    phones = []
    for whose in (STATION, "own", "own"):
        phones.append(Phone(place, number))
        assert phones[-1].enter(code_for(place, number, event, whose)).status_code == 200
    station, leaves, stays = phones
    pass_id = place.office.one("select min(pass_id) from handout_pass where event_id = :e", e=event)
    way = f"/console/lists/{number}/handout"
    assert place.post(f"{way}/revoke", "other_county", {"pass": pass_id}).status_code == 403
    assert station.get("state").status_code == 200
    assert place.post(f"{way}/revoke", "county", {"pass": pass_id}).status_code == 303
    assert leaves.post("leave", {}).status_code == 200
    for phone in (station, leaves):
        assert phone.send(entry(mine[0])).status_code == 401
    assert stays.send(entry(mine[0])).status_code == 200
    assert place.post(f"{way}/end", "county", {"event": event}).status_code == 422
    assert place.post(f"{way}/end", "other_county", {"event": event, "sure": "yes"}).status_code == 403
    assert place.post(f"{way}/end", "county", {"event": event, "sure": "yes"}).status_code == 303
    late = stays.send(entry(mine[1]))
    assert late.status_code == 401 and "发放已结束" in late.json()["detail"]
    assert "已结束" in place.post(f"{way}/code", "county", {"event": event, "place": "own"}).text
    again = begin(place, number, county=HERE)
    assert stays.enter(code_for(place, number, again)).status_code == 200
    assert stays.send(entry(mine[1])).status_code == 200
    with place.office.engine.begin() as conn:
        conn.execute(sa.text("update handout_event set ends_at = clock_timestamp() where event_id = :e"), {"e": again})
    assert stays.send(entry(mine[2])).status_code == 401
    third = begin(place, number, county=HERE)
    assert stays.enter(code_for(place, number, third)).status_code == 200
    assert act(place, number, "close", "city").status_code == 303
    assert stays.send(entry(mine[2])).status_code == 401
    assert set(found(place, number)) == set(mine[:2])


def test_an_officer_who_lost_the_role_hands_out_no_more(place: Console, number: int, event: int) -> None:
    phone = Phone(place, number)
    assert phone.enter(code_for(place, number, event)).status_code == 200
    assert phone.get("state").json()["who"] == "county"
    engine = sa.create_engine(sa.make_url(place.airflow_url).set(drivername="postgresql+psycopg"))
    put = sa.text("update ab_user set active = :a where username = 'county'")
    try:
        with engine.begin() as conn:
            conn.execute(put, {"a": False})
        assert phone.get("state").status_code == 401
    finally:
        with engine.begin() as conn:
            conn.execute(put, {"a": True})
        engine.dispose()
    assert phone.get("state").status_code == 200


def test_who_may_begin_and_for_which_county(place: Console, number: int) -> None:
    way = f"/console/lists/{number}/handout"
    given = {"county": HERE, "days": 1, "reserve": 0, "sure": "yes"}
    for user in ("approver", "auditor", "operator", "admin", "nobody"):
        assert place.visit(way, user).status_code == 403, user
        assert place.post(f"{way}/start", user, given).status_code == 403, user
    assert place.post(f"{way}/start", "other_county", given).status_code == 403
    for wrong, words in (({"days": 99}, "天"), ({"reserve": 5}, "预留物资还有 0 份"), ({"county": "140499"}, "没有人在名单上"),
                         ({"sure": ""}, "勾选")):  # fmt: skip
        page = place.post(f"{way}/start", "city", given | wrong)
        assert page.status_code == 422 and words in page.text, wrong
    begin(place, number, "city", county=THERE)
    assert "发放中" in place.visit(way, "other_county").text and "发放中" not in place.visit(way, "county").text
    draft = draw_here(place, code="health_check").list_id
    assert "只登记人数" in place.visit(f"/console/lists/{draft}/handout", "city").text
    assert place.post(f"/console/lists/{draft}/handout/start", "city", given).status_code == 422


def test_the_page_runs_our_script_alone_and_only_it_has_the_camera(place: Console, number: int) -> None:
    for path in (
        f"/handout/{number}",
        "/handout/static/handout.js",
        f"/handout/{number}/state",
        "/handout/x",
        "/handout/0",
    ):
        answer = place.visit(path)
        policy = answer.headers["content-security-policy"]
        assert "script-src 'self'" in policy and "unsafe" not in policy and "frame-ancestors 'none'" in policy
        assert answer.headers["permissions-policy"].startswith("camera=(self),")
        assert answer.headers["cache-control"] == "no-store" and answer.headers["x-frame-options"] == "DENY"
    assert "camera=()" in place.visit("/console/quality", "city").headers["permissions-policy"]
    page = place.visit(f"/handout/{number}").text
    assert page.count("<script") == 1 and "onclick" not in page and 'style="' not in page
    for path in ("/handout/docs", "/handout/openapi.json", "/handout/static/..%2fapp.py", "/handout/static/app.py"):
        assert place.visit(path).status_code in (404, 422), path
    script = (ROOT / "include/talentpool/handout_host/files/handout.js").read_text()
    assert "innerHTML" not in script and "eval(" not in script
