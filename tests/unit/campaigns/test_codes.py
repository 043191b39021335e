"""A slip of the pen in a code is said when the list is drawn; nothing is drawn and no round is used up."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
import sqlalchemy as sa

from talentpool.campaigns import draw
from talentpool.declare import Campaign
from talentpool.errors import DeclarationError, UsageError
from talentpool.guard import KeyRing
from talentpool.model import target_list
from talentpool.office import Office
from talentpool.settings import Settings

AS_OF = date(2026, 10, 31)


@pytest.mark.parametrize(
    ("facts", "field", "valid"),
    [
        ({"eligibility": {"partners": ["diddi"]}}, "eligibility.partners", "didi"),
        ({"eligibility": {"counties": ["999999"]}}, "eligibility.counties", "140403"),
        ({"eligibility": {"occupations": ["courrier"]}}, "eligibility.occupations", "courier"),
        ({"eligibility": {"stations": [{"partner": "didi", "county": "140499", "name": "东"}]}}, "eligibility.stations", "1404"),
        ({"eligibility": {"not_served": {"purpose": "warm_wintre", "days": 30}}}, "eligibility.not_served", "warm_winter"),
        ({"stock": {"counties": {"140499": 3}}}, "stock.counties", "140403"),
        ({"form": "session", "places": [{"name": "站", "county": "140499", "slots": ["09:00-10:00"], "capacity": 3}]},
         "places", "140403"),
    ],
)  # fmt: skip
def test_an_unknown_code_is_named_with_its_field_and_the_valid_ones(
    city: Any, settings: Settings, keys: KeyRing, warm_winter: Campaign, facts: dict[str, Any], field: str, valid: str
) -> None:
    city.person("甲")
    wrong = Campaign.model_validate({**warm_winter.model_dump(), **facts})
    with pytest.raises(DeclarationError, match=rf"field {field}: .*{valid}"):
        draw(Office(city.engine, settings, keys), wrong, AS_OF, lock=True)
    with city.engine.connect() as conn:
        assert conn.scalar(sa.select(sa.func.count()).select_from(target_list)) == 0


def test_a_list_on_which_nobody_is_uses_up_no_round(
    city: Any, settings: Settings, keys: KeyRing, warm_winter: Campaign
) -> None:
    city.person("甲", age=40, birth_date=date(1986, 1, 1))
    office = Office(city.engine, settings, keys)
    with pytest.raises(UsageError, match="没有人入选"):
        draw(office, warm_winter, AS_OF, lock=True)
    city.person("乙")
    assert draw(office, warm_winter, AS_OF, lock=True).selected == 1
