"""Backups and a rotation of keys between them: what fits is restored, what does not fit says so."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa

from backup_office import PEOPLE, Kept, make_office
from databases import fresh
from rosters import Office
from talentpool.database import connect
from talentpool.errors import KeyMissingError, UsageError
from talentpool.guard import open_keys, open_personal
from talentpool.guard.keys import source_of
from talentpool.services.backup import new_identity, restore, restore_keys
from talentpool.services.rotation import destroy, rotate
from talentpool.settings import Settings

BY = {"by": "李主任", "reason": "定期更换密钥"}


def turn(kept: Kept) -> None:
    office = kept.office
    rotate(office.engine, open_keys(office.settings, office.engine), source_of(office.settings), records=True, **BY)  # type: ignore[arg-type]


def end(kept: Kept, key_id: str) -> None:
    office = kept.office
    destroy(office.engine, open_keys(office.settings, office.engine), source_of(office.settings), key_id, **BY)


def opened(settings: Settings) -> int:
    engine = connect(settings)
    with engine.connect() as conn:
        ids = list(conn.scalars(sa.text("select record_id from source_record")))
        found = len(open_personal(conn, open_keys(settings, engine), ids))
    engine.dispose()
    return found


@pytest.fixture(scope="module")
def story(server_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Kept]:
    """Backups of each kind before a rotation, after it, and after the end of the old key."""
    home = tmp_path_factory.mktemp("story")
    with fresh(server_url, "template_talentpool") as url:
        office = make_office(url, home)
        kept = Kept(office, home / "backups", home / "identity.txt", new_identity(home / "identity.txt"))
        kept.back_up("all", kept.out / "before")
        turn(kept)
        kept.office = Office(office.engine, office.settings, home)
        kept.back_up("all", kept.out / "after")
        end(kept, "envelope")
        kept.back_up("keys", kept.out / "end")
        yield kept
        office.engine.dispose()


def test_a_database_backup_of_before_a_rotation_opens_with_the_keys_of_after_it(
    story: Kept, elsewhere: Settings
) -> None:
    restore(elsewhere, story.out / "before", story.opening, keys_from=story.out / "after")
    assert opened(elsewhere) == PEOPLE
    assert {path.stem for path in elsewhere.keys_dir.iterdir()} >= {"envelope", "envelope.2"}


def test_keys_of_before_a_rotation_are_refused_for_a_database_of_after_it(story: Kept, elsewhere: Settings) -> None:
    with pytest.raises(KeyMissingError, match=r"'envelope\.2'.*before the rotation.*--keys-from"):
        restore(elsewhere, story.out / "after", story.opening, keys_from=story.out / "before")
    assert not elsewhere.keys_dir.exists()


def test_a_database_that_needs_a_destroyed_key_is_refused_and_the_next_backup_opens(
    story: Kept, elsewhere: Settings
) -> None:
    with pytest.raises(KeyMissingError, match=r"needs key 'envelope'.*destroyed.*newer database backup"):
        restore(elsewhere, story.out / "before", story.opening, keys_from=story.out / "end")
    restore(elsewhere, story.out / "after", story.opening, keys_from=story.out / "end")
    assert opened(elsewhere) == PEOPLE
    assert not (elsewhere.keys_dir / "envelope.key").exists()


def test_a_restore_beside_keys_of_before_the_rotation_says_so(story: Kept, elsewhere: Settings, tmp_path: Path) -> None:
    restore_keys(elsewhere, story.out / "before", story.opening)
    with pytest.raises(UsageError, match=r"before a rotation.*--replace"):
        restore(elsewhere, story.out / "after", story.opening)
    restore(elsewhere, story.out / "after", story.opening, replace=True)
    assert opened(elsewhere) == PEOPLE


def test_a_backup_taken_in_the_middle_of_a_rotation_is_gone_on_with_where_it_is_restored(
    own: Kept, elsewhere: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from talentpool.services.rotation import records

    class KilledError(Exception):
        pass

    def die(*_: object) -> None:
        raise KilledError

    monkeypatch.setattr(records, "RECORDS", 5)
    batch, left = records._batch, iter([True, False])

    def some(*given: object) -> object:
        return batch(*given) if next(left) else die()  # type: ignore[arg-type]

    monkeypatch.setattr(records, "_batch", some)
    with pytest.raises(KilledError):
        turn(own)
    monkeypatch.setattr(records, "_batch", batch)
    own.back_up()
    restore(elsewhere, own.out, own.opening)
    assert opened(elsewhere) == PEOPLE
    engine = connect(elsewhere)
    done = rotate(engine, open_keys(elsewhere, engine), source_of(elsewhere), **BY)
    assert (done.resumed, done.resealed, done.deliveries) == (True, PEOPLE - 5, 1)
    engine.dispose()
    assert opened(elsewhere) == PEOPLE
