"""Two on a list who may be one person under two document numbers: somebody says so before the list is locked."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest
import yaml
from click.testing import CliRunner

from approvals import unapproved, unapproved_folder
from rosters import Office, document, person
from talentpool.__main__ import cli
from talentpool.campaigns import draw
from talentpool.declare import Campaign, load_campaign
from talentpool.errors import WaitingError
from talentpool.match import match
from talentpool.review import judge, pending, undo
from talentpool.settings import INCLUDE

AS_OF = date(2026, 10, 31)
WHO = {"by": "李专员", "note": "电话核实"}
ONE = person(1, name="霍思远", mobile="13500040001", document_no=document(1, "1995-05-05"), staff_no="A1")
OTHER = ONE | {"document_no": document(3, "1996-06-06"), "staff_no": "B1"}


def declared(folder: Path, **eligibility: Any) -> Campaign:
    """The shipped campaign with more conditions."""
    facts = yaml.safe_load((INCLUDE / "campaigns/warm_winter.yml").read_text(encoding="utf-8"))
    facts["eligibility"] |= eligibility
    facts |= {"approvals": "none", "large": None}
    (folder / "warm_winter.yml").write_text(yaml.safe_dump(facts, allow_unicode=True), encoding="utf-8")
    return load_campaign([folder], "warm_winter")


def delivered(office: Office, other: dict[str, str]) -> None:
    office.deliver("2026-10-31", [ONE, person(5007)], partner="didi")
    office.deliver("2026-10-31", [other, person(5008)], partner="meituan")
    match(office.engine, office.keys)


def asked(office: Office) -> list[str]:
    with office.engine.begin() as conn:
        return [pair["pair_id"] for pair in pending(conn, office.keys) if pair["urgent"]]


def state(office: Office) -> list[tuple]:
    return office.ask("select state from target_list")


@pytest.mark.parametrize("verdict", ["different", "unsure"])
def test_a_list_is_not_locked_before_somebody_was_asked_and_then_it_is(office: Office, verdict: Any) -> None:
    delivered(office, OTHER)
    campaign = unapproved(office.settings)
    assert draw(office, campaign, AS_OF).state == "draft"
    with pytest.raises(WaitingError, match=r"暂不能锁定：其中有 1 对人同名同手机号.*talentpool review list"):
        draw(office, campaign, AS_OF, lock=True)
    assert state(office) == [("draft",)], "the draft stands under its number"
    (pair,) = asked(office)
    judge(office, pair, verdict, **WHO)
    locked = draw(office, campaign, AS_OF, lock=True)
    assert (locked.state, locked.selected) == ("locked", 4), "both stand on it"
    undo(office, pair, **WHO)
    assert draw(office, campaign, AS_OF, lock=True).list_id == locked.list_id, "a locked list is for good"


def test_whoever_is_not_on_the_list_keeps_nobody_waiting(office: Office, tmp_path: Path) -> None:
    """One of the two is too young for it; or both are left out, because the campaign lets open pairs wait."""
    delivered(office, OTHER | {"document_no": document(3, "2003-06-06")})
    assert asked(office)
    elder = declared(tmp_path, age={"min": 25, "max": 40})
    assert draw(office, elder, AS_OF, lock=True).excluded == {"age_outside": 1}


def test_a_campaign_that_lets_open_pairs_wait_locks_without_them(office: Office, tmp_path: Path) -> None:
    delivered(office, OTHER)
    locked = draw(office, declared(tmp_path, open_pairs="wait"), AS_OF, lock=True)
    assert (locked.state, locked.excluded) == ("locked", {"identity_open": 2})


def test_two_numbers_without_a_station_or_a_hire_date_in_common_keep_no_list_waiting(office: Office) -> None:
    delivered(office, OTHER | {"station": "上党站", "hired_on": "2025-09-09"})
    campaign = unapproved(office.settings)
    assert asked(office) == []
    assert draw(office, campaign, AS_OF, lock=True).state == "locked"


def test_the_command_line_ends_with_3_and_says_what_to_do(
    office: Office, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("TALENTPOOL_CAMPAIGNS", str(unapproved_folder(office.settings, tmp_path)))
    delivered(office, OTHER)
    monkeypatch.setenv("TALENTPOOL_DATABASE_URL", office.engine.url.render_as_string(hide_password=False))
    monkeypatch.setenv("TALENTPOOL_HOME", str(office.settings.home))
    monkeypatch.setenv("TALENTPOOL_KEYS", str(office.settings.keys_dir))
    done = CliRunner().invoke(cli, ["target", "warm_winter", "--as-of", str(AS_OF), "--lock"], standalone_mode=False)
    assert isinstance(done.exception, WaitingError) and done.exception.exit_code == 3
    assert "“复核”页处理" in str(done.exception)
    assert ONE["name"] not in str(done.exception)
