"""Backups and a rotation of keys between them: what fits is restored, what does not fit says so."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
import sqlalchemy as sa

from backup_office import PEOPLE, Kept
from talentpool.backup import restore
from talentpool.database import connect
from talentpool.errors import KeyMissingError, UsageError
from talentpool.guard import open_keys, open_personal
from talentpool.guard.keys import source_of
from talentpool.rotation import destroy, rotate
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


def test_a_database_backup_of_before_a_rotation_opens_with_the_keys_of_after_it(
    own: Kept, elsewhere: Settings, tmp_path: Path
) -> None:
    own.back_up("database", tmp_path / "nas")
    turn(own)
    own.back_up("keys", tmp_path / "safe")
    restore(elsewhere, tmp_path / "nas", own.opening, keys_from=tmp_path / "safe")
    assert opened(elsewhere) == PEOPLE
    assert {path.stem for path in elsewhere.keys_dir.iterdir()} >= {"envelope", "envelope.2"}


def test_keys_of_before_a_rotation_are_refused_for_a_database_of_after_it(
    own: Kept, elsewhere: Settings, tmp_path: Path
) -> None:
    own.back_up("keys", tmp_path / "safe")
    turn(own)
    own.back_up("database", tmp_path / "nas")
    with pytest.raises(KeyMissingError, match=r"'envelope\.2'.*before the rotation.*--keys-from"):
        restore(elsewhere, tmp_path / "nas", own.opening, keys_from=tmp_path / "safe")
    assert not elsewhere.keys_dir.exists()


def test_a_database_that_needs_a_destroyed_key_is_refused_and_the_next_backup_opens(
    own: Kept, elsewhere: Settings, tmp_path: Path
) -> None:
    own.back_up("database", tmp_path / "before")
    turn(own)
    own.back_up("database", tmp_path / "between")
    end(own, "envelope")
    own.back_up("keys", tmp_path / "safe")
    with pytest.raises(KeyMissingError, match=r"needs key 'envelope'.*destroyed.*newer database backup"):
        restore(elsewhere, tmp_path / "before", own.opening, keys_from=tmp_path / "safe")
    restore(elsewhere, tmp_path / "between", own.opening, keys_from=tmp_path / "safe")
    assert opened(elsewhere) == PEOPLE
    assert not (elsewhere.keys_dir / "envelope.key").exists()


def test_a_backup_taken_in_the_middle_of_a_rotation_is_gone_on_with_where_it_is_restored(
    own: Kept, elsewhere: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from talentpool.rotation import records

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


def test_a_restore_beside_keys_of_before_the_rotation_says_so(own: Kept, elsewhere: Settings) -> None:
    shutil.copytree(own.office.settings.keys_dir, elsewhere.keys_dir)
    turn(own)
    own.back_up()
    with pytest.raises(UsageError, match=r"before a rotation.*--replace"):
        restore(elsewhere, own.out, own.opening)
    restore(elsewhere, own.out, own.opening, replace=True)
    assert opened(elsewhere) == PEOPLE
