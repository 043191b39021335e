"""Declarations become DAGs without a line of code; a broken one harms only itself."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from airflow.sdk.exceptions import AirflowFailException

from talentpool.in_airflow import ALARM_LOOK, ALARM_SEND, CALENDAR, LETTERS, NIGHTLY, RECEIPTS, RETENTION
from talentpool.settings import INCLUDE

PARTNERS = sorted(path.parent.name for path in (INCLUDE / "partners").glob("*/partner.yml"))
SHIPPED = {
    *NIGHTLY,
    CALENDAR,
    RECEIPTS,
    RETENTION,
    ALARM_LOOK,
    ALARM_SEND,
    LETTERS,
    *(f"{kind}__{code}" for kind in ("roster", "decision") for code in PARTNERS),
    *(f"campaign__{path.stem}" for path in (INCLUDE / "campaigns").glob("*.yml")),
    "pool__people",
    "quality__report",
}


@pytest.fixture
def partners(tmp_path: Path) -> Path:
    """A folder for partners beside the shipped ones."""
    folder = tmp_path / "partners"
    folder.mkdir()
    return folder


def _with(shipped: Path, more: Path) -> str:
    return os.pathsep.join((str(shipped), str(more)))


def _partner(folder: Path, code: str, **changes: str) -> None:
    text = (INCLUDE / "partners/didi/partner.yml").read_text(encoding="utf-8")
    text = text.replace("code: didi", f"code: {code}").replace("name: 网约车", "name: 同城跑腿")
    for old, new in changes.items():
        assert old in text
        text = text.replace(old, new)
    (folder / code).mkdir()
    (folder / code / "partner.yml").write_text(text, encoding="utf-8")


def test_a_partner_folder_becomes_a_dag_that_the_pool_listens_to(parse: Callable[..., Any], partners: Path) -> None:
    _partner(partners, "errands")
    bag = parse(partners=_with(INCLUDE / "partners", partners))
    assert bag.import_errors == {}
    assert set(bag.dags) == SHIPPED | {"roster__errands", "decision__errands"}
    assert "同城跑腿" in bag.dags["roster__errands"].dag_display_name
    heard = {asset.uri for asset in bag.dags["pool__people"].timetable.asset_condition.objects}
    assert heard == {f"talentpool://roster/{code}" for code in (*PARTNERS, "errands")}


def test_a_campaign_file_becomes_a_dag(parse: Callable[..., Any], tmp_path: Path) -> None:
    folder = tmp_path / "campaigns"
    folder.mkdir()
    text = (INCLUDE / "campaigns/warm_winter.yml").read_text(encoding="utf-8")
    text = text.replace("code: warm_winter", "code: cool_summer").replace("name: 暖冬行动", "name: 夏送清凉")
    (folder / "cool_summer.yml").write_text(text, encoding="utf-8")
    bag = parse(campaigns=_with(INCLUDE / "campaigns", folder))
    assert bag.import_errors == {}
    assert set(bag.dags) == SHIPPED | {"campaign__cool_summer"}
    assert "夏送清凉" in bag.dags["campaign__cool_summer"].dag_display_name


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"owner: ": "ownr: "}, "ownr"),
        ({'cron: "0 7 1 * *"': 'cron: "every month"'}, "cadence.cron"),
        ({"kind: inbox": "kind: pigeon"}, "transport"),
        ({"code: errands": "code: other_code"}, "other_code"),
        ({"basis: {": "basis: ["}, "YAML"),
    ],
)
def test_a_broken_partner_becomes_a_dag_that_fails_with_the_reason_and_harms_no_other(
    parse: Callable[..., Any], partners: Path, change: dict[str, str], said: str
) -> None:
    _partner(partners, "errands", **change)
    bag = parse(partners=_with(INCLUDE / "partners", partners))
    assert bag.import_errors == {}
    assert set(bag.dags) == SHIPPED | {"roster__errands", "decision__errands"}
    broken = bag.dags["roster__errands"]
    assert "声明有误" in broken.dag_display_name
    (task,) = broken.tasks
    assert task.retries == 0
    with pytest.raises(AirflowFailException, match=said):
        task.python_callable()
    assert len(bag.dags["roster__postal"].tasks) == 8


def test_a_broken_campaign_leaves_partners_and_campaigns_alone(parse: Callable[..., Any], tmp_path: Path) -> None:
    folder = tmp_path / "campaigns"
    shutil.copytree(INCLUDE / "campaigns", folder)
    (folder / "typo.yml").write_text("code: typo\nnmae: x\n", encoding="utf-8")
    bag = parse(campaigns=str(folder))
    assert bag.import_errors == {}
    assert set(bag.dags) == SHIPPED | {"campaign__typo"}
    with pytest.raises(AirflowFailException, match="nmae"):
        bag.dags["campaign__typo"].tasks[0].python_callable()
