"""Keep keyed hashes of a person who withdrew, so that no roster brings them back; made before all else goes."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from uuid import UUID, uuid4

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from talentpool.conform.rows.resemblance import Traits, facets, lookups
from talentpool.conform.rows.suppress import bucket, tokens, traits_of
from talentpool.conform.values.documents import comparable, read_document
from talentpool.conform.values.mobiles import read_mobile
from talentpool.conform.values.names import read_name
from talentpool.guard import Blinder, KeyRing, Personal, open_every_version
from talentpool.model import source_record, source_record_history, stop_notice, suppression, withdrawal
from talentpool.services.rights.subject import Subject


def suppress(conn: sa.Connection, keys: KeyRing, subject: Subject, withdrawn_on: date) -> UUID:
    """Put a withdrawal down: by every number, document and combination of values that any version holds. Returns its id."""
    own = uuid4()
    versions = own_versions(conn, keys, subject.records)
    traits = traits_of_versions(versions, births_of(conn, subject))
    whole = {one.document_no for one in versions if one.document_no and "*" not in one.document_no}
    documents = sorted(whole | {comparable(number, kind) for number in whole for kind in document_types(conn, subject)})
    pairs = [(record.bytes, "") for record in subject.records] + [(b"", number) for number in documents]
    hashed = Blinder(keys.key("suppression")).one
    found = {
        token
        for (record, _), pair in zip(pairs, tokens(keys, *_columns(pairs)), strict=True)
        for token in (pair[0] if record else None, pair[1])
        if token is not None
    } | {hashed(b"lookup\x1f" + lookup) for lookup in lookups(traits)}
    kept = facets(hashed, own.bytes, traits)
    conn.execute(
        withdrawal.insert().values(
            withdrawal_id=own,
            withdrawn_on=withdrawn_on,
            facets={kind: [value.hex() for value in values] for kind, values in kept.items() if values},
            name_buckets=sorted({bucket(keys, "name", name) for name in traits.names}),
            birth_buckets=sorted({bucket(keys, "birth", day) for day in traits.births}),
        )
    )
    rows = [{"token": token.hex(), "withdrawal_id": own} for token in sorted(found)]
    conn.execute(insert(suppression).on_conflict_do_nothing(), rows)
    return own


def unsuppress(conn: sa.Connection, own: UUID) -> int:
    """Take a withdrawal back that was revoked before anything was erased; returns how many tokens went with it."""
    gone = conn.execute(suppression.delete().where(suppression.c.withdrawal_id == own)).rowcount
    conn.execute(withdrawal.delete().where(withdrawal.c.withdrawal_id == own))
    return gone


def ask_to_stop(conn: sa.Connection, subject: Subject, partner: str | None, asked_on: date) -> int:
    """停止报送: the person's numbers at `partner`, or at every one, for a notice to them; returns how many."""
    live = source_record
    query = sa.select(live.c.partner, live.c.staff_no, sa.literal(asked_on)).where(
        live.c.record_id.in_(subject.records)
    )
    if partner is not None:
        query = query.where(live.c.partner == partner)
    statement = insert(stop_notice).from_select(["partner", "staff_no", "asked_on"], query)
    return conn.execute(statement.on_conflict_do_nothing()).rowcount


def own_versions(conn: sa.Connection, keys: KeyRing, records: Sequence[UUID]) -> list[Personal]:
    """What the pool says of them; of somebody whom it does not know, what was set aside under their number. A row that was
    set aside under the number of somebody in the pool may be of whom the number was handed on to."""
    pooled = [one for _, one in open_every_version(conn, keys, records, (source_record, source_record_history))]
    return pooled or [one for _, one in open_every_version(conn, keys, records)]


def _columns(pairs: list[tuple[bytes, str]]) -> tuple[list[bytes], list[str]]:
    return [record for record, _ in pairs], [document for _, document in pairs]


def traits_of_versions(versions: Sequence[Personal], births: set[str]) -> Traits:
    """What every version of a person says, with birth dates that stand beside them."""
    documents = [(read.status, read.number) for one in versions for read in (read_document(one.document_no),)]
    born = {read.birth_date.isoformat() for one in versions if (read := read_document(one.document_no)).birth_date}
    mobiles = [read_mobile(cell) for one in versions for cell in (one.mobile, one.mobile2)]
    return traits_of(
        [read_name(name).form for one in versions for name in (one.name, one.name_original)],
        sorted(births | born),
        documents,
        [(read.status, read.number) for read in mobiles],
    )


def document_types(conn: sa.Connection, subject: Subject) -> set[str]:
    """What their documents were called: only that tells a permit, whose number changes with each renewal."""
    queries = (
        sa.select(table.c.document_type).where(table.c.record_id.in_(subject.records))
        for table in (source_record, source_record_history)
    )
    return set(conn.scalars(sa.union(*queries)))


def births_of(conn: sa.Connection, subject: Subject) -> set[str]:
    """Their birth dates in the pool, now and before."""
    days = (
        sa.select(table.c.birth_date).where(table.c.record_id.in_(subject.records), table.c.birth_date.is_not(None))
        for table in (source_record, source_record_history)
    )
    return {day.isoformat() for day in conn.scalars(sa.union(*days))}
