"""A host apart stands in the open: what somebody puts into its folder stops nothing here and is nowhere followed."""

from __future__ import annotations

from pathlib import Path

import pytest
import sqlalchemy as sa

from handing_out import RIVERS, places
from talentpool.campaigns.handout import passes
from talentpool.campaigns.handout.apart import collecting
from talentpool.campaigns.handout.apart.collecting import collect_sealed, set_aside
from talentpool.campaigns.handout.apart.derived import public_key
from talentpool.campaigns.handout.apart.packing import issue_apart, remove_ended
from talentpool.handout_host import record
from talentpool.office import Office


@pytest.fixture(autouse=True)
def _settled(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(collecting, "SETTLE_SECONDS", -1)


@pytest.fixture
def outbox(town: Office) -> Path:
    place = town.settings.handout_dir / "outbox"
    place.mkdir(parents=True)
    return place


def test_words_that_a_host_planted_are_shown_to_nobody(town: Office, outbox: Path, tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("of the office")
    refused = outbox / "refused"
    refused.mkdir()
    for name in "abcd":
        (refused / f"{name}.sealed").write_bytes(b"x")
    (refused / "a.txt").symlink_to(secret)
    (refused / "b.txt").symlink_to("/dev/zero")
    (refused / "c.txt").write_bytes(b"\xff\xfe")
    (refused / "d.txt").write_text("打不开\n")
    assert set_aside(town.settings) == {"打不开": 1}


def test_a_folder_that_is_a_link_is_not_written_through(town: Office, outbox: Path, tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    (outbox / "refused").symlink_to(tmp_path / "elsewhere")
    (outbox / "x.sealed").write_bytes(b"x" * 200)
    assert collect_sealed(town, lambda _: True).refused == 1
    assert not list((tmp_path / "elsewhere").iterdir()) and len(list((outbox / "refused").glob("*.sealed"))) == 1


def test_what_anybody_may_seal_stops_no_other_file(town: Office, outbox: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(record.json, "dumps", lambda *_, **__: "[" * 200_000)
        (outbox / "a.sealed").write_bytes(record.seal_record(public_key(town.keys), b"k" * 32, {}))
    (outbox / "b.sealed").write_bytes(b"x" * 200)
    assert collect_sealed(town, lambda _: True).refused == 2


def test_a_packet_goes_as_soon_as_its_sign_in_is_revoked_and_others_stay(
    town: Office, list_id: int, event: int
) -> None:
    for _ in range(2):
        issue_apart(town, event, places(town, list_id)[0], RIVERS)
    with town.engine.connect() as conn:
        first = conn.scalar(sa.text("select min(pass_id) from handout_pass"))
    packets = town.settings.handout_dir / "packets"
    remove_ended(town)
    assert len(list(packets.iterdir())) == 2
    passes.revoke(town, int(first or 0), RIVERS)
    remove_ended(town)
    assert len(list(packets.iterdir())) == 1
