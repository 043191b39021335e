"""New keys for old ones: everything opens at every moment, nothing is lost, the old key goes last."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa

from databases import fresh
from rosters import Office, person
from talentpool.database import connect
from talentpool.errors import KeyMissingError, TamperedError, UsageError
from talentpool.guard import KeyRing, Personal, open_every_version, open_keys, open_personal, verify
from talentpool.guard.keys import source_of
from talentpool.guard.sources import KeyFolder, KeyLookup, name_of
from talentpool.load import digest
from talentpool.services.rotation import Rotated, destroy, listed, rotate
from talentpool.services.rotation.envelope import alone
from talentpool.settings import Settings

PEOPLE = 12
BY = {"by": "李主任", "reason": "定期更换密钥"}


@pytest.fixture(scope="module")
def model(server_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, Path]]:
    """Live records, a replaced version, and rows set aside: one without a name, two of one number."""
    home = tmp_path_factory.mktemp("model")
    with fresh(server_url, "template_talentpool") as url:
        settings = Settings(database_url=url, home=home, profile="demo")
        office = Office(connect(settings), settings, home)
        rows = [person(n) for n in range(1, PEOPLE + 1)]
        office.deliver("2026-09-30", [*rows, person(20, name=""), person(21), person(21, name="另一人")])
        office.deliver("2026-10-31", [person(1, mobile="13812348000"), *rows[1:]])
        with office.engine.connect() as conn:  # validation keeps a connection of its own; a model must have none
            conn.execute(
                sa.text(
                    "select pg_terminate_backend(pid) from pg_stat_activity"
                    " where datname = current_database() and pid <> pg_backend_pid()"
                )
            )
        office.engine.dispose()
        yield str(sa.make_url(url).database), home


@pytest.fixture
def filled(server_url: str, model: tuple[str, Path], tmp_path: Path) -> Iterator[Office]:
    """The same for one test."""
    template, home = model
    shutil.copytree(home / "keys", tmp_path / "keys")
    shutil.copy(home / "audit_heads.jsonl", tmp_path)
    with fresh(server_url, template) as url:
        settings = Settings(database_url=url, home=tmp_path, profile="demo")
        office = Office(connect(settings), settings, tmp_path)
        yield office
        office.engine.dispose()


def turn(office: Office, **more: object) -> Rotated:
    """A rotation by a process of its own: it opens the keys itself."""
    keys = open_keys(office.settings, office.engine)
    return rotate(office.engine, keys, source_of(office.settings), **BY, **more)  # type: ignore[arg-type]


def everything(office: Office, keys: KeyRing | None = None) -> list[tuple[str, Personal]]:
    """What every sealed version of everybody holds, set aside ones too."""
    with office.engine.connect() as conn:
        ids = list(conn.scalars(sa.text("select record_id from record_salt")))
        found = open_every_version(conn, keys or open_keys(office.settings, office.engine), ids)
        return sorted(((str(record), personal) for record, personal in found), key=repr_of)


def repr_of(pair: tuple[str, Personal]) -> tuple[str, bytes]:
    return pair[0], pair[1].pack()


def sealed(office: Office) -> set[bytes]:
    return {
        bytes(row[0])
        for table in ("source_record", "source_record_history", "quarantine")
        for row in office.ask(f"select sealed from {table} where sealed is not null")
    }


def test_a_new_envelope_key_wraps_the_data_keys_and_leaves_the_records_alone(filled: Office) -> None:
    before, seals, facts = everything(filled), sealed(filled), digest(filled.engine)
    done = turn(filled)
    assert (done.key_id, done.rewrapped, done.resealed, done.resumed) == ("envelope.2", 2, 0, False)
    assert filled.ask("select distinct wrapped_by from delivery") == [("envelope.2",)]
    assert everything(filled) == before != []
    assert sealed(filled) == seals
    assert digest(filled.engine) == facts


def test_records_are_sealed_anew_wherever_they_stand(filled: Office) -> None:
    before, seals, salts = everything(filled), sealed(filled), filled.ask("select * from record_salt order by 1, 2, 3")
    facts = digest(filled.engine)
    done = turn(filled, records=True)
    assert (done.resealed, done.deliveries, done.refused) == (len(before), 2, 0)
    assert len(before) > PEOPLE + 3
    assert not sealed(filled) & seals
    assert everything(filled) == before
    assert filled.ask("select * from record_salt order by 1, 2, 3") == salts
    assert filled.ask("select former_key from delivery where former_key is not null") == []
    assert digest(filled.engine) == facts


def test_a_process_that_opened_its_keys_before_goes_on_reading_and_writing(filled: Office) -> None:
    before, stale = everything(filled), filled.keys
    turn(filled, records=True)
    assert stale.current == "envelope"
    assert everything(filled, stale) == before
    filled.deliver("2026-11-20", [person(n) for n in range(1, PEOPLE + 2)])
    assert filled.one("select wrapped_by from delivery where as_of = '2026-11-20'") == "envelope"
    with filled.engine.connect() as conn:
        ids = list(conn.scalars(sa.text("select record_id from source_record")))
        assert len(open_personal(conn, open_keys(filled.settings, filled.engine), ids)) == len(ids) == PEOPLE + 1


def test_a_second_rotation_at_once_is_refused_in_words(filled: Office) -> None:
    with alone(filled.engine), pytest.raises(UsageError, match="another process"):
        turn(filled)
    assert filled.ask("select * from key_rotation") == []
    assert turn(filled).rewrapped == 2


def test_a_rotation_to_a_kms_does_not_pass_for_the_unfinished_one(filled: Office) -> None:
    turn(filled)
    with filled.engine.begin() as conn:
        conn.exec_driver_sql("update key_rotation set done_at = null")
    with pytest.raises(UsageError, match="not finished yet"):
        turn(filled, to="aws-kms://arn:aws:kms:cn-north-1:1:key/1")
    assert turn(filled).key_id == "envelope.2"


def test_a_key_destroyed_while_a_task_starts_does_not_come_back(
    filled: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The task has read what the database knows; then the key goes; then the task compares."""
    turn(filled)
    ring = open_keys(filled.settings, filled.engine)
    from talentpool.guard import keys as module

    known = module._known
    with filled.engine.connect() as conn:
        before = known(conn)
    answers = [before]
    with filled.engine.begin() as conn:
        conn.exec_driver_sql("delete from key_check where key_id = 'envelope'")
    monkeypatch.setattr(module, "_known", lambda conn: answers.pop() if answers else known(conn))
    ring.check(filled.engine)
    assert filled.ask("select key_id from key_check where key_id = 'envelope'") == []


def test_the_old_key_goes_last_and_only_when_nothing_needs_it(filled: Office) -> None:
    folder, before = filled.settings.keys_dir, everything(filled)
    source = KeyFolder(folder)

    def end(key_id: str) -> int:
        return destroy(filled.engine, open_keys(filled.settings, filled.engine), source, key_id, **BY).rewrapped

    with pytest.raises(UsageError, match="in use"):
        end("envelope")
    turn(filled)
    filled.deliver("2026-11-20", [person(n) for n in range(1, PEOPLE + 2)])  # its process still wraps with the old key
    for wrong in ("record_id", "envelope.7", "envelope.2"):
        with pytest.raises(UsageError, match=wrong):
            end(wrong)
    assert end("envelope") == 1
    assert not (folder / "envelope.key").exists()
    assert everything(filled) != before != []
    assert {state.key_id for state in _listed(filled)} >= {"envelope.2", "record_id"}
    assert "envelope" not in {state.key_id for state in _listed(filled)}
    with pytest.raises(sa.exc.IntegrityError):  # nobody can wrap with it any more, not even who still has it
        filled.deliver("2026-11-25", [person(n) for n in range(1, PEOPLE + 1)])


def _listed(office: Office) -> list:
    keys = open_keys(office.settings, office.engine)
    with office.engine.connect() as conn:
        return listed(conn, keys)


def test_the_list_says_which_keys_are_never_rotated_and_who_uses_which(filled: Office) -> None:
    turn(filled)
    states = {state.key_id: state for state in _listed(filled)}
    assert [(k, s.current, s.deliveries) for k, s in states.items() if s.rotated == "keys rotate"] == [
        ("envelope", False, 0),
        ("envelope.2", True, 2),
    ]
    assert {k for k, s in states.items() if s.rotated == "never"} == {"record_id", "person_id", "suppression"}
    values = {path.read_text() for path in filled.settings.keys_dir.iterdir()}
    assert not values & {s.fingerprint for s in states.values()}


def test_every_step_is_in_the_audit_log(filled: Office) -> None:
    turn(filled, records=True)
    rows = filled.ask("select subject, actor, details ->> 'what' from audit_log where action = 'key_use' order by seq")
    assert rows == [
        ("key:envelope.2", "李主任", "rotation began"),
        ("key:envelope.2", "李主任", "rotation done"),
    ]
    with filled.engine.connect() as conn:
        assert verify(conn, filled.keys, filled.settings.audit_heads_file).whole


def test_a_lost_new_key_starts_nothing_and_is_named(filled: Office) -> None:
    turn(filled)
    (filled.settings.keys_dir / "envelope.2.key").unlink()
    before = filled.ask("select * from key_check order by 1")
    with pytest.raises(KeyMissingError, match=r"'envelope\.2' is missing"):
        open_keys(filled.settings, filled.engine)
    assert filled.ask("select * from key_check order by 1") == before


def test_keys_we_cannot_write_are_rotated_once_the_new_one_is_there(
    filled: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    known = {name_of(key_id): text for key_id, text in filled.keys.texts().items()}
    source = KeyLookup(known.get)
    keys = open_keys(filled.settings, filled.engine, source)
    with pytest.raises(UsageError, match="TALENTPOOL_KEY_ENVELOPE_2"):
        rotate(filled.engine, keys, source, **BY)
    assert filled.ask("select * from key_rotation") == []
    known["TALENTPOOL_KEY_ENVELOPE_2"] = "c" * 64
    keys = open_keys(filled.settings, filled.engine, source)
    assert keys.current == "envelope", "a key is used when all processes have it: when somebody rotates"
    assert rotate(filled.engine, keys, source, **BY).key_id == "envelope.2"


def test_a_record_that_does_not_open_is_left_as_it_is_and_audited(filled: Office) -> None:
    with filled.engine.begin() as conn:
        conn.exec_driver_sql(
            "update source_record set sealed = (select sealed from source_record where staff_no = 'T00002')"
            " where staff_no = 'T00003'"
        )
    record = filled.one("select record_id from source_record where staff_no = 'T00003'")
    before = filled.one("select sealed from source_record where staff_no = 'T00003'")
    done = turn(filled, records=True)
    assert (done.refused, done.deliveries) == (1, 2)
    assert filled.one("select sealed from source_record where staff_no = 'T00003'") == before
    assert filled.ask("select subject from audit_log where action = 'refused'") == [(f"record:{record}",)]
    kept = filled.ask("select delivery_id in (select delivery_id from source_record where staff_no in ('T00002', 'T00003')), "
                      "former_key is not null from delivery")  # fmt: skip
    assert any(has for has, _ in kept) and all(has == stays for has, stays in kept), "what opens it elsewhere stays"


def test_what_is_erased_stays_so_through_a_rotation(filled: Office) -> None:
    record = filled.one("select record_id from source_record where staff_no = 'T00004'")
    with filled.engine.begin() as conn:
        conn.execute(sa.text("delete from record_salt where record_id = :r"), {"r": record})
    turn(filled, records=True)
    with filled.engine.connect() as conn:
        assert open_personal(conn, open_keys(filled.settings, filled.engine), [record]) == {}


def test_a_record_moved_or_changed_is_refused_and_in_the_log_whatever_becomes_of_the_caller(filled: Office) -> None:
    with filled.engine.begin() as conn:
        conn.exec_driver_sql(
            "update source_record set sealed = (select sealed from source_record where staff_no = 'T00002')"
            " where staff_no = 'T00003'"
        )
    record = filled.one("select record_id from source_record where staff_no = 'T00003'")
    with pytest.raises(TamperedError), filled.engine.begin() as conn:
        conn.execute(sa.text("select set_config('talentpool.actor', 'wang', true)"))
        open_personal(conn, filled.keys, [record])
    ((actor, subject, reason),) = filled.ask("select actor, subject, reason from audit_log where action = 'refused'")
    assert (actor, subject) == ("wang", f"record:{record}")
    assert "does not open" in reason


def test_a_caller_who_holds_the_log_gets_the_refusal_all_the_same(
    filled: Office, caplog: pytest.LogCaptureFixture
) -> None:
    from talentpool.guard import audit

    with filled.engine.begin() as conn:
        conn.exec_driver_sql("update source_record set sealed = sealed || '\\x00' where staff_no = 'T00003'")
    record = filled.one("select record_id from source_record where staff_no = 'T00003'")
    with pytest.raises(TamperedError), filled.engine.begin() as conn:
        audit(conn, "reveal", f"record:{record}", actor="wang")
        open_personal(conn, filled.keys, [record])
    assert f"record:{record}" in caplog.text
    assert "could not be audited" in caplog.text


def test_the_envelope_key_moves_into_a_kms_and_the_records_stay(filled: Office, tmp_path: Path) -> None:
    import tink
    from tink import aead

    class House(tink.KmsClient):
        def __init__(self) -> None:
            aead.register()
            self._aead = tink.new_keyset_handle(aead.aead_key_templates.AES256_GCM).primitive(aead.Aead)

        def does_support(self, key_uri: str) -> bool:
            return key_uri == "hsm://house/1"

        def get_aead(self, key_uri: str) -> aead.Aead:
            return self._aead

    before = everything(filled)
    tink.register_kms_client(House())
    try:
        with pytest.raises(UsageError, match="--to"):
            turn(filled, to="house")
        assert turn(filled, to="hsm://house/1").key_id == "envelope.2"
        assert (filled.settings.keys_dir / "envelope.2.key").read_text() == "hsm://house/1"
        assert everything(filled) == before
        assert [s.kept for s in _listed(filled) if s.current] == ["kms"]
    finally:
        tink._kms_clients.reset_kms_clients()
