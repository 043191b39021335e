"""Declarations: what is shipped is valid, what is wrong is refused naming file, field and valid values."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from talentpool.acquire import load_partner
from talentpool.declare import (
    FIELDS,
    TEMPLATE_V1,
    AgeBand,
    campaign_files,
    load_campaign,
    load_pool_rules,
    partner_files,
)
from talentpool.errors import DeclarationError
from talentpool.settings import INCLUDE, Settings


def _partner(folder: Path, **changes: Any) -> Path:
    facts = yaml.safe_load((INCLUDE / "partners/postal/partner.yml").read_text(encoding="utf-8"))
    facts.update(changes)
    (folder / "postal").mkdir(exist_ok=True)
    (folder / "postal/partner.yml").write_text(yaml.safe_dump(facts, allow_unicode=True), encoding="utf-8")
    return folder


def test_every_shipped_declaration_loads() -> None:
    settings = Settings()
    partners, campaigns = partner_files(settings.partner_dirs), campaign_files(settings.campaign_dirs)
    assert {"postal", "didi"} <= set(partners)
    assert "warm_winter" in campaigns
    for code in partners:
        assert load_partner(settings.partner_dirs, code).code == code
    for code in campaigns:
        assert load_campaign(settings.campaign_dirs, code).code == code
    assert load_pool_rules(INCLUDE).youth.max == 35


@pytest.mark.parametrize("code", sorted(partner_files(Settings().partner_dirs)))
def test_a_shipped_partner_says_how_many_rows_it_cannot_have(code: str) -> None:
    bounds = load_partner(Settings().partner_dirs, code).bounds
    assert "max_rows" in bounds.model_fields_set and bounds.max_rows <= 50_000, (
        "a first roster has no other upper bound"
    )


def test_the_standard_template_has_a_column_for_every_field() -> None:
    assert tuple(TEMPLATE_V1.values()) == FIELDS


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"colour": "red"}, ["partner.yml", "unknown key colour", "valid keys", "cadence"]),
        ({"cadence": {"cron": "0 6 1 * *", "kind": "monthly"}}, ["partner.yml", "cadence.kind", "'full' or 'delta'"]),
        ({"cadence": {"cron": "0 6 1 * *", "kind": "full", "colour": 1}}, ["cadence.colour", "grace_hours"]),
        ({"transport": {"kind": "pigeon"}}, ["partner.yml", "transport", "sftp", "inbox"]),
        ({"transport": {"kind": ["sftp"]}}, ["partner.yml", "transport", "sftp", "inbox"]),
        ({"transport": {"kind": {"sftp": 1}}}, ["partner.yml", "transport", "sftp", "inbox"]),
        (
            {"transport": {"kind": "sftp", "connection": "c", "file_name": "^a$", "colour": 1}},
            ["partner.yml", "colour", "directory"],
        ),
        ({"transport": {"kind": "sftp", "connection": "c", "file_name": "roster"}}, ["partner.yml", "file_name", "^"]),
        ({"basis": {"kind": "statutory_duty"}}, ["partner.yml", "basis", "reference"]),
        (
            {"format": {"columns": {"工号": "staff_no", "姓名": "nickname"}}},
            ["unknown field nickname", "valid", "mobile2"],
        ),
        ({"format": {"columns": {"工号": "staff_no", "姓名": "name"}}}, ["required field county"]),
        ({"code": "sf"}, ["partner.yml", "code", "postal"]),
    ],
)
def test_a_wrong_partner_is_refused_naming_file_field_and_what_is_valid(
    tmp_path: Path, changes: dict[str, Any], words: list[str]
) -> None:
    folder = _partner(tmp_path, **changes)
    with pytest.raises(DeclarationError) as refusal:
        load_partner([folder], "postal")
    for word in words:
        assert word in str(refusal.value)


def test_a_partner_that_does_not_exist_is_refused_listing_the_known_ones(tmp_path: Path) -> None:
    with pytest.raises(DeclarationError, match="known: postal"):
        load_partner([_partner(tmp_path)], "sf")


def test_a_file_that_is_not_yaml_is_refused_naming_it(tmp_path: Path) -> None:
    (tmp_path / "spring.yml").write_text("a: [", encoding="utf-8")
    with pytest.raises(DeclarationError, match=r"spring\.yml"):
        load_campaign([tmp_path], "spring")


@pytest.mark.parametrize(
    ("more", "said"),
    [("eligibility:\n  active: true\n", "eligibility stands twice"), ("lead_days: 3\n", "lead_days stands twice")],
)
def test_a_key_that_stands_twice_is_refused_naming_file_and_key(tmp_path: Path, more: str, said: str) -> None:
    """YAML keeps the last of two: a second block would put the age of the first out of force without a word."""
    shipped = campaign_files(Settings().campaign_dirs)["warm_winter"].read_text(encoding="utf-8")
    (tmp_path / "warm_winter.yml").write_text(shipped + more, encoding="utf-8")
    with pytest.raises(DeclarationError, match=rf"warm_winter\.yml: .*{said}"):
        load_campaign([tmp_path], "warm_winter")


def test_a_stock_of_yes_is_no_number(tmp_path: Path) -> None:
    shipped = campaign_files(Settings().campaign_dirs)["warm_winter"].read_text(encoding="utf-8")
    (tmp_path / "warm_winter.yml").write_text(shipped + "stock: yes\n", encoding="utf-8")
    with pytest.raises(DeclarationError, match=r"warm_winter\.yml: field stock"):
        load_campaign([tmp_path], "warm_winter")


def test_an_age_band_upside_down_is_refused() -> None:
    with pytest.raises(ValueError, match="min is above max"):
        AgeBand(min=36, max=35)


def test_the_hash_of_a_declaration_follows_its_facts(tmp_path: Path) -> None:
    shipped = load_partner(Settings().partner_dirs, "postal")
    same = load_partner([_partner(tmp_path)], "postal")
    other = load_partner([_partner(tmp_path, name="邮政")], "postal")
    assert shipped.hash == same.hash != other.hash
