"""A backup restored elsewhere is the same deployment: facts, keys, open records, and it goes on working."""

from __future__ import annotations

import stat
from datetime import date
from pathlib import Path

import pytest
import sqlalchemy as sa

from asking import erase, withdraw
from backup_office import PEOPLE, Kept, make_office, tables
from databases import fresh
from rosters import Office, person
from talentpool.database import connect, initialise
from talentpool.errors import KeyMissingError, UsageError
from talentpool.guard import open_keys, open_personal
from talentpool.load import digest
from talentpool.match import match
from talentpool.services.backup import restore, restore_keys
from talentpool.services.retention import carry_out
from talentpool.services.rights import entries, register
from talentpool.settings import Settings


def names(settings: Settings) -> set[str]:
    engine = connect(settings)
    try:
        with engine.connect() as conn:
            ids = list(conn.scalars(sa.text("select record_id from source_record")))
            return {found.name for found in open_personal(conn, open_keys(settings, engine), ids).values()}
    finally:
        engine.dispose()


def digest_at(settings: Settings) -> str:
    engine = connect(settings)
    try:
        return digest(engine)
    finally:
        engine.dispose()


def test_a_restored_deployment_has_the_same_digest_and_its_records_open(kept: Kept, elsewhere: Settings) -> None:
    assert tables(elsewhere) == []
    found = restore(elsewhere, kept.out, kept.opening)
    assert found.digest == kept.digest == digest_at(elsewhere)
    assert (found.records, found.unreadable, found.lost_files) == (PEOPLE, 0, 0)
    assert names(elsewhere) == {person(n)["name"] for n in range(PEOPLE)}


def test_a_restored_deployment_takes_the_next_roster(kept: Kept, elsewhere: Settings, tmp_path: Path) -> None:
    restore(elsewhere, kept.out, kept.opening)
    office = Office(connect(elsewhere), elsewhere, tmp_path)
    next_roster = [person(n) for n in range(PEOPLE + 3)]
    assert office.deliver("2026-10-31", next_roster).effect == "live"
    assert office.one("select count(*) from source_record where status = 'active'") == PEOPLE + 3
    assert office.one("select changed from delivery where as_of = '2026-10-31'") == 3
    office.engine.dispose()


def test_all_files_are_for_their_owner_only(kept: Kept, elsewhere: Settings) -> None:
    restore(elsewhere, kept.out, kept.opening)
    written = [*kept.out.rglob("*"), *elsewhere.keys_dir.iterdir()]
    assert {path.name for path in written} >= {"talentpool.dump.age", "manifest.json", "keys.age", "envelope.key"}
    assert {stat.S_IMODE(path.stat().st_mode) for path in written if path.is_file()} == {0o600}
    assert {stat.S_IMODE(path.stat().st_mode) for path in written if path.is_dir()} == {0o700}


def test_keys_are_kept_and_named_apart_from_the_database(own: Kept, elsewhere: Settings, tmp_path: Path) -> None:
    own.back_up("database", tmp_path / "nas")
    own.back_up("keys", tmp_path / "safe")
    assert [path.name for path in (tmp_path / "safe").iterdir()] == ["keys"]
    assert not list((tmp_path / "nas").rglob("keys*"))
    with pytest.raises(UsageError, match="--keys-from"):
        restore(elsewhere, tmp_path / "nas", own.opening)
    assert restore(elsewhere, tmp_path / "nas", own.opening, keys_from=tmp_path / "safe").digest == own.digest


def test_lost_key_files_come_back_without_touching_the_database(own: Kept) -> None:
    own.back_up("keys")
    settings = own.office.settings
    before = own.digest
    for path in settings.keys_dir.iterdir():
        path.unlink()
    assert restore_keys(settings, own.out, own.opening) == len(list(settings.keys_dir.iterdir())) > 0
    open_keys(settings, own.office.engine)
    assert own.digest == before


def test_a_migrated_database_without_data_counts_as_empty(kept: Kept, elsewhere: Settings) -> None:
    initialise(elsewhere).dispose()
    assert restore(elsewhere, kept.out, kept.opening).digest == kept.digest


def test_a_target_with_data_is_left_alone_unless_told(kept: Kept, server_url: str, tmp_path: Path) -> None:
    with fresh(server_url, "template_talentpool") as url:
        other = make_office(url, tmp_path)
        other.deliver("2026-10-31", [person(n) for n in range(5, 9)])
        before = digest(other.engine)
        keys = {path.name: path.read_text() for path in other.settings.keys_dir.iterdir()}
        with pytest.raises(UsageError, match="--replace"):
            restore(other.settings, kept.out, kept.opening)
        assert digest(other.engine) == before
        assert {path.name: path.read_text() for path in other.settings.keys_dir.iterdir()} == keys

        assert restore(other.settings, kept.out, kept.opening, replace=True).digest == kept.digest
        assert names(other.settings) == {person(n)["name"] for n in range(PEOPLE)}
        aside = other.settings.keys_dir.with_name("keys.before-restore-1")
        assert {path.name: path.read_text() for path in aside.iterdir()} == keys
        other.engine.dispose()


def test_a_database_with_data_and_no_keys_of_its_own_is_left_alone(kept: Kept, own: Kept) -> None:
    """Right keys do not make a full database an empty one."""
    settings = own.office.settings.model_copy(update={"keys": kept.office.settings.keys_dir})
    before = own.digest
    with pytest.raises(UsageError, match="holds data"):
        restore(settings, kept.out, kept.opening)
    assert own.digest == before


def test_tables_of_somebody_else_are_data(kept: Kept, elsewhere: Settings) -> None:
    assert elsewhere.database_url is not None
    engine = sa.create_engine(elsewhere.database_url)
    with engine.begin() as conn:
        conn.execute(sa.text("create table invoices (number int)"))
    engine.dispose()
    with pytest.raises(UsageError, match="holds data"):
        restore(elsewhere, kept.out, kept.opening)
    assert tables(elsewhere) == ["public.invoices"]


def test_a_salt_that_was_deleted_closes_its_record_in_older_backups_too(own: Kept, elsewhere: Settings) -> None:
    own.back_up()
    erased = own.office.one("select record_id from source_record where staff_no = 'T00003'")
    with own.office.engine.begin() as conn:
        conn.execute(sa.text("delete from record_salt where record_id = :id"), {"id": erased})
    own.back_up("keys")  # replaces the last generation, which still had the salt
    assert len(list(own.out.rglob("keys.age"))) == 1
    found = restore(elsewhere, own.out, own.opening)
    assert found.unreadable == 1
    assert names(elsewhere) == {person(n)["name"] for n in range(PEOPLE) if n != 3}


def test_who_withdrew_after_the_database_backup_stays_withdrawn(own: Kept, elsewhere: Settings) -> None:
    own.back_up()
    token = "00000000-0000-4000-8000-000000000001"
    with own.office.engine.begin() as conn:
        conn.execute(sa.text("insert into suppression (token) values (:token)"), {"token": token})
    own.back_up("keys")
    restore(elsewhere, own.out, own.opening)
    engine = connect(elsewhere)
    with engine.connect() as conn:
        assert [str(found) for found in conn.scalars(sa.text("select token from suppression"))] == [token]
    engine.dispose()


def test_who_was_erased_after_the_database_backup_is_erased_again(own: Kept, elsewhere: Settings) -> None:
    office = own.office
    # set aside under a number that was given to somebody else since
    hers = person(3, staff_no="X1", county="火星县")
    assert office.deliver("2026-10-05", [hers, person(60)], kind="delta").quarantined == 1
    assert office.deliver("2026-10-06", [person(61, staff_no="X1")], kind="delta").accepted == 1
    match(office.engine, office.keys)
    own.back_up()
    withdraw(
        office, "didi:T00003", by="officer", reason="by letter",
        received_on=date(2026, 10, 1),
    )  # fmt: skip
    own.back_up("keys")
    found = restore(elsewhere, own.out, own.opening)
    assert (found.erased_again, found.unreadable) == (1, 0)
    assert found.digest == own.digest == digest_at(elsewhere)
    engine = connect(elsewhere)
    with engine.connect() as conn:
        staff = list(conn.scalars(sa.text("select staff_no from source_record")))
        request = conn.execute(sa.text("select kind, done_at is not null as done from person_request")).one()
        aside = conn.scalar(sa.text("select count(*) from quarantine"))
    engine.dispose()
    assert (len(staff), aside) == (PEOPLE + 1, 0)
    assert "X1" in staff
    assert "T00003" not in staff
    assert tuple(request) == ("withdraw", True)


def test_whose_term_was_over_after_the_database_backup_is_erased_again(own: Kept, elsewhere: Settings) -> None:
    office = own.office
    left = ["2026-11-10", "2026-11-20"]
    for as_of in left:
        office.deliver(as_of, [person(n) for n in range(PEOPLE) if n != 3])
    match(office.engine, office.keys)
    own.back_up()
    assert carry_out(office, "people", date(2028, 1, 1)).gone == 1
    own.back_up("keys")
    found = restore(elsewhere, own.out, own.opening)
    assert (found.erased_again, found.unreadable) == (1, 0)
    engine = connect(elsewhere)
    with engine.connect() as conn:
        assert conn.scalar(sa.text("select count(*) from source_record where staff_no = 'T00003'")) == 0
        assert conn.scalar(sa.text("select count(*) from person")) == PEOPLE - 1
        request = conn.execute(sa.text("select kind, done_at is not null as done from person_request")).one()
    engine.dispose()
    assert tuple(request) == ("retention", True)


def test_what_was_asked_after_the_database_backup_holds_again(own: Kept, elsewhere: Settings) -> None:
    office = own.office
    match(office.engine, office.keys)
    own.back_up("database")
    signed = {"by": "officer", "reason": "by letter", "received_on": date(2026, 10, 1)}
    asked = [("withdraw", 3, {}), ("opt_out", 4, {"purpose": "warm_winter"}), ("access", 5, {"on_paper": True})]
    for kind, number, more in asked:
        register(office, kind, f"didi:T{number:05d}", **signed, **more)
    own.back_up("keys")
    assert restore(elsewhere, own.out, own.opening).erased_again == 0, "nobody confirmed it"
    engine = connect(elsewhere)
    with engine.connect() as conn:
        known = {one.kind: one for one in entries(conn, None)}
        stopped = conn.execute(sa.text("select staff_no from source_record where status = 'suspended'")).all()
    engine.dispose()
    assert [tuple(row) for row in stopped] == [("T00003",)]
    assert (known["opt_out"].purpose, known["access"].on_paper, known["withdraw"].state) == (
        "warm_winter",
        True,
        "registered",
    )
    assert all(one.counties for one in known.values())


def test_an_erasure_that_the_database_backup_knows_is_not_done_twice(own: Kept, elsewhere: Settings) -> None:
    """Whoever comes back with a consent of their own after an erasure stays."""
    office = own.office
    office.deliver("2026-10-31", [person(n, left_on="2026-10-05" if n == 3 else "") for n in range(PEOPLE)])
    erase(
        office, "didi:T00003", by="officer", reason="asked to",
        received_on=date(2026, 11, 1),
    )  # fmt: skip
    office.deliver("2026-11-20", [person(n) for n in range(PEOPLE)])
    own.back_up()
    found = restore(elsewhere, own.out, own.opening)
    assert (found.erased_again, found.digest) == (0, own.digest)
    assert len(names(elsewhere)) == PEOPLE


def test_what_was_published_after_the_database_backup_is_delivered_again(
    own: Kept, elsewhere: Settings, tmp_path: Path
) -> None:
    """Its number is given anew, so its salts must not come back."""
    own.back_up()
    later = [person(n, station="新站" if n < 3 else "太行站") for n in range(PEOPLE)]
    own.office.deliver("2026-10-31", later)
    own.back_up("keys")
    restore(elsewhere, own.out, own.opening)
    office = Office(connect(elsewhere), elsewhere, tmp_path)
    assert office.one("select count(*) from record_salt") == PEOPLE
    assert office.deliver("2026-10-31", later).status == "published"
    assert digest(office.engine) == own.digest
    assert len(names(elsewhere)) == PEOPLE
    office.engine.dispose()


def test_keys_older_than_the_database_are_refused(own: Kept, elsewhere: Settings, tmp_path: Path) -> None:
    own.back_up("keys", tmp_path / "safe")
    own.office.deliver("2026-10-31", [person(n) for n in range(PEOPLE + 1)])
    own.back_up("database")
    with pytest.raises(UsageError, match="older than the database"):
        restore(elsewhere, own.out, own.opening, keys_from=tmp_path / "safe")
    assert tables(elsewhere) == []


def test_keys_of_another_deployment_are_refused(kept: Kept, own: Kept, elsewhere: Settings) -> None:
    own.back_up("keys")
    with pytest.raises(KeyMissingError, match="another deployment"):
        restore(elsewhere, kept.out, [*kept.opening, *own.opening], keys_from=own.out)
    assert tables(elsewhere) == []
    assert not elsewhere.keys_dir.exists()


def test_the_database_of_airflow_comes_along(own: Kept, elsewhere: Settings, server_url: str) -> None:
    with fresh(server_url) as source, fresh(server_url) as target:
        engine = sa.create_engine(source, poolclass=sa.NullPool)
        with engine.begin() as conn:
            conn.execute(sa.text("create table dag_run (id int primary key, note text)"))
            conn.execute(sa.text("insert into dag_run values (1, E'a\\tb\\n\\\\.'), (2, null)"))
        own.back_up(airflow_url=source)
        with pytest.raises(UsageError, match="TALENTPOOL_AREA"):
            restore(elsewhere.model_copy(update={"area": "140107"}), own.out, own.opening, airflow_url=target)
        assert restore(elsewhere, own.out, own.opening, airflow_url=target).airflow
        engine = sa.create_engine(target, poolclass=sa.NullPool)
        with engine.connect() as conn:
            rows = conn.execute(sa.text("select id, note from dag_run order by id")).all()
        assert [tuple(row) for row in rows] == [(1, "a\tb\n\\."), (2, None)]


def test_the_newest_of_several_generations_is_taken_and_an_older_one_by_name(own: Kept, elsewhere: Settings) -> None:
    first = own.back_up()
    own.office.deliver("2026-10-31", [person(n) for n in range(PEOPLE + 4)])
    second = own.back_up()
    assert first.digest != second.digest
    assert restore(elsewhere, own.out, own.opening).digest == second.digest
    assert first.database is not None
    assert restore(elsewhere, first.database, own.opening, replace=True).digest == first.digest
