"""A backup that is damaged, forged or half written is refused, and the target stays as it was, data and keys."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from dataclasses import replace as changed
from pathlib import Path

import pytest

from backup_office import Kept, tables
from talentpool.errors import KeyMissingError, TalentpoolError, TamperedError, UnavailableError, UsageError
from talentpool.services.backup import identities, manifest, new_identity, restore, stream
from talentpool.services.backup.identity import recipients
from talentpool.settings import Settings


@pytest.fixture
def copy(kept: Kept, tmp_path: Path) -> Path:
    """The backup, to be spoiled."""
    return Path(shutil.copytree(kept.out, tmp_path / "copy"))


def folder_of(copy: Path) -> Path:
    (folder,) = copy.glob("database-*")
    return folder


def flip(path: Path, at: float) -> None:
    raw = bytearray(path.read_bytes())
    raw[int(len(raw) * at)] ^= 1
    path.write_bytes(raw)


def cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-20])


def reword(copy: Path, **facts: object) -> None:
    path = folder_of(copy) / "manifest.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | facts))


SPOILED: dict[str, tuple[Callable[[Path], object], type[TalentpoolError], str]] = {
    "a flipped bit in the dump": (
        lambda copy: flip(folder_of(copy) / "talentpool.dump.age", 0.5), TamperedError, "damaged"),
    "a dump that was cut": (lambda copy: cut(folder_of(copy) / "talentpool.dump.age"), TamperedError, "damaged"),
    "a dump that is missing": (
        lambda copy: (folder_of(copy) / "talentpool.dump.age").unlink(), TamperedError, "missing"),
    "a flipped bit in the keys": (lambda copy: flip(copy / "keys/keys.age", 0.9), TamperedError, "damaged"),
    "a flipped bit in the keys' header": (lambda copy: flip(copy / "keys/keys.age", 0.002), TamperedError, "damaged"),
    "keys that were cut": (lambda copy: cut(copy / "keys/keys.age"), TamperedError, "damaged"),
    "keys that are missing": (lambda copy: (copy / "keys/keys.age").unlink(), UsageError, "no keys backup"),
    "no manifest, as after a kill": (
        lambda copy: (folder_of(copy) / "manifest.json").unlink(), UsageError, "no finished backup"),
    "a manifest that was cut": (lambda copy: cut(folder_of(copy) / "manifest.json"), TamperedError, "damaged"),
    "a manifest with another digest": (lambda copy: reword(copy, digest="0" * 64), TamperedError, "changed after"),
    "a manifest with one word more": (lambda copy: reword(copy, words="more"), TamperedError, "damaged"),
    "a manifest of another format": (lambda copy: reword(copy, format=99), UsageError, "another version"),
}  # fmt: skip


@pytest.mark.parametrize("name", SPOILED)
def test_a_spoiled_backup_is_refused_and_nothing_is_written(
    kept: Kept, copy: Path, elsewhere: Settings, name: str
) -> None:
    spoil, error, says = SPOILED[name]
    spoil(copy)
    with pytest.raises(error, match=says):
        restore(elsewhere, copy, kept.opening)
    assert tables(elsewhere) == []
    assert not elsewhere.keys_dir.exists()


def test_a_dump_that_somebody_else_encrypted_to_the_recipient_is_refused(
    kept: Kept, copy: Path, elsewhere: Settings
) -> None:
    """Recipients are public, and a dump is executed by the server."""
    dump = folder_of(copy) / "talentpool.dump.age"
    dump.unlink()
    forged = stream.as_file(iter([b"drop database talentpool;"]))
    stream.encrypt(forged, dump, recipients(kept.office.settings, [kept.recipient]))
    reword(copy, files={dump.name: stream.sha256(dump)})
    with pytest.raises(TamperedError, match="changed after"):
        restore(elsewhere, copy, kept.opening)
    assert tables(elsewhere) == []


@pytest.mark.parametrize(
    ("facts", "error", "says"),
    [
        ({"digest": "0" * 64}, TamperedError, "digest"),
        ({"rows": {"source_record": 1}}, TamperedError, "rows"),
        ({"revision": "9999"}, UsageError, "newer version"),
        ({"server": 99}, UsageError, "older"),
    ],
    ids=["digest", "rows", "schema", "server"],
)
def test_a_signed_backup_that_does_not_fit_leaves_a_full_target_as_it_was(
    own: Kept, facts: dict, error: type[TalentpoolError], says: str
) -> None:
    """The data that is to be replaced is given up with the last check, not with the first statement."""
    own.back_up()
    folder = folder_of(own.out)
    found, _ = manifest.read(folder)
    (folder / "manifest.json").unlink()
    manifest.write(changed(found, **facts), own.office.keys, folder)
    before = own.digest, sorted(tables(own.office.settings))
    with pytest.raises(error, match=says):
        restore(own.office.settings, own.out, own.opening, replace=True)
    assert (own.digest, sorted(tables(own.office.settings))) == before


def test_another_identity_does_not_open_it(kept: Kept, elsewhere: Settings, tmp_path: Path) -> None:
    new_identity(tmp_path / "other.txt")
    with pytest.raises(KeyMissingError, match="not encrypted to this identity"):
        restore(elsewhere, kept.out, identities(elsewhere, [tmp_path / "other.txt"], None))
    assert tables(elsewhere) == []


def test_an_identity_under_a_passphrase_opens_with_it_alone(own: Kept, elsewhere: Settings, tmp_path: Path) -> None:
    path = tmp_path / "guarded.age"
    own.recipient = new_identity(path, "correct horse")
    assert b"AGE-SECRET" not in path.read_bytes()
    own.back_up()
    with pytest.raises(UsageError, match="passphrase-file"):
        identities(elsewhere, [path], None)
    with pytest.raises(KeyMissingError, match="passphrase does not open"):
        identities(elsewhere, [path], "wrong horse")
    assert restore(elsewhere, own.out, identities(elsewhere, [path], "correct horse")).digest == own.digest


def test_an_identity_is_never_written_over(tmp_path: Path) -> None:
    new_identity(tmp_path / "identity.txt")
    before = (tmp_path / "identity.txt").read_bytes()
    with pytest.raises(UsageError, match="never overwritten"):
        new_identity(tmp_path / "identity.txt")
    assert (tmp_path / "identity.txt").read_bytes() == before


def test_a_backup_that_fails_leaves_no_trace_and_the_last_keys(own: Kept, monkeypatch: pytest.MonkeyPatch) -> None:
    own.back_up("keys")
    last = (own.out / "keys/keys.age").read_bytes()
    with pytest.raises(UnavailableError):
        own.back_up(airflow_url="postgresql://nobody@127.0.0.1:1/none")
    assert [path.name for path in own.out.iterdir()] == ["keys"]
    assert (own.out / "keys/keys.age").read_bytes() == last


def test_what_a_killed_backup_left_is_never_restored_and_removed_by_the_next(own: Kept, elsewhere: Settings) -> None:
    left_over = own.out / ".database-20200101T000000.000Z"
    left_over.mkdir(parents=True)
    (left_over / "talentpool.dump.age").write_bytes(b"half")
    with pytest.raises(UsageError, match="no database backup"):
        restore(elsewhere, own.out, own.opening)
    own.back_up()
    assert not left_over.exists()
