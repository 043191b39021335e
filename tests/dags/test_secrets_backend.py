"""Keys out of Airflow's secrets backend, as a task reads them."""

from __future__ import annotations

from datetime import date

import pytest
import sqlalchemy as sa

from rosters import person, write_template
from talentpool.database import connect
from talentpool.errors import KeyMissingError
from talentpool.flow import ingest
from talentpool.guard import KEY_NAMES, open_keys
from talentpool.guard.sources import name_of, new_text
from talentpool.office import Office
from talentpool.settings import Settings


@pytest.fixture
def variables(monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """All keys as Airflow variables, given by its environment."""
    texts = {name: new_text() for name in KEY_NAMES}
    for name, text in texts.items():
        monkeypatch.setenv(f"AIRFLOW_VAR_{name_of(name)}", text)
    return texts


def test_a_roster_is_sealed_with_keys_that_only_airflow_can_ask_for(
    variables: dict[str, str], settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    from talentpool.acquire import load_partner
    from talentpool.conform import stage
    from talentpool_airflow.border import secrets_backend

    monkeypatch.setenv("TALENTPOOL_KEY_SOURCE", "airflow")
    # a helper process is no task: it is given them
    monkeypatch.setattr(stage, "shares_worth", lambda *_: 2)
    settings = Settings()
    engine = connect(settings)
    keys = open_keys(settings, engine, secrets_backend())
    assert keys.texts() == variables
    path = write_template(settings.home.parent / "roster.csv", [person(n) for n in range(1, 13)])
    partner = load_partner(settings.partner_dirs, "didi")
    found = ingest(Office(engine, settings, keys), partner, file=path, as_of=date(2026, 10, 31), kind="full")
    assert (found.status, found.accepted) == ("published", 12)
    assert not settings.keys_dir.exists()
    with engine.connect() as conn:
        assert conn.scalar(sa.text("select count(*) from key_check")) == len(KEY_NAMES)
    engine.dispose()


def test_a_key_that_the_backend_does_not_have_is_named(
    variables: dict[str, str], settings: Settings, engine: sa.Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    from talentpool_airflow.border import secrets_backend

    monkeypatch.delenv("AIRFLOW_VAR_TALENTPOOL_KEY_SUPPRESSION")
    with pytest.raises(KeyMissingError, match=r"'suppression'.*Airflow's secrets backend"):
        open_keys(settings, engine, secrets_backend())
