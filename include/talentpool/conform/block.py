"""A cleaned block to the lines that are copied into staging: hashed, merged, indexed, sealed.

Unchanged rows become narrow lines: their statuses, so that the rules see the whole delivery, and nothing personal.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import sqlalchemy as sa

from talentpool.conform.base import Base
from talentpool.conform.clean import Cleaned
from talentpool.conform.documents import USABLE
from talentpool.conform.merge import Values, merge
from talentpool.conform.suppress import tokens
from talentpool.guard import Blinder, KeyRing, Personal, record_ids, seal_many
from talentpool.rules_version import RULES_VERSION

SEPARATOR = b"\x1f"


@dataclass(frozen=True, repr=False)
class Setting:
    """What a delivery's blocks are sealed with and held against."""

    conn: sa.Connection
    keys: KeyRing
    data_key: bytes
    partner: str
    sha256: str
    as_of: date
    delta: bool
    base: Base
    suppressed: set[bytes]


def lines(cleaned: Cleaned, first_row: int, setting: Setting) -> pa.Table:
    """The staging lines of a block, columns named as in model.staging_table (all text; bytea and uuid as hex)."""
    n = len(cleaned)
    records = _records(cleaned, first_row, setting)
    fields = _hashed_fields(cleaned)
    hashes = _row_hashes(fields, records, setting.keys)
    documents = _objects(cleaned.documents.number)
    withdrawn = _withdrawn(setting, records, documents, cleaned)
    keepable = ~cleaned.refusable & ~withdrawn
    changed = keepable & ~setting.base.unchanged(_first_eight(hashes))
    values = _values(cleaned, documents)
    _merge(cleaned, values, records, changed, setting)
    _rehash_filled(fields, values, records, hashes, changed, setting)
    weak = _weak(values)
    forms, names = cleaned.names.form, _objects(cleaned.names.name)
    at = np.flatnonzero(changed)
    index = _Indexes(setting.keys, at, forms, values, cleaned)
    sealed, salts = _seal(setting, at, records, names, _objects(cleaned.name_original), values)
    columns = {
        "row_no": pa.array(np.arange(first_row, first_row + n)),
        "record_id": _hex(records),
        "changed": pa.array(changed),
        "county_status": cleaned.county_status,
        "date_status": pa.array(values.date_status, pa.string()),
        "consent_status": pa.array(cleaned.consent_status, pa.string()),
        "id_birth_date": _date_text(cleaned.documents.birth),
        "withdrawn": pa.array(withdrawn),
        "notes": pa.array(cleaned.notes, pa.string()),
        "staff_no": cleaned.staff_no,
        "row_hash": _hex(hashes),
        "name_status": cleaned.names.status,
        "document_type": pa.array(values.document_type, pa.string()),
        "id_number_status": pa.array(values.id_status, pa.string()),
        "mobile_status": pa.array(values.mobile_status, pa.string()),
        "mobile2_status": pa.array(values.mobile2_status, pa.string()),
        "birth_date": _date_text(values.birth),
        "birth_from": _or_null(values.birth_from),
        "sex": pa.array(values.sex),
        "county": cleaned.county,
        "station": pa.array(values.station, pa.string()),
        "occupation": pa.array(values.occupation, pa.string()),
        "hired_on": _date_text(values.hired),
        "left_on": _date_text(values.left),
        "consented_on": _date_text(cleaned.consented),
        "notice_version": cleaned.notice,
        "weak_identity": pa.array(weak),
        **{name: _scatter(n, at, column) for name, column in index.columns.items()},
        "sealed": _scatter(n, at, [f"\\x{value.hex()}" for value in sealed]),
        "salt": _scatter(n, at, [f"\\x{value.hex()}" for value in salts]),
    }
    return pa.table(columns)


def _records(cleaned: Cleaned, first_row: int, setting: Setting) -> list[bytes]:
    """Record ids; a row without a staff number gets one of its own, so that it can be set aside sealed."""
    staff = cleaned.staff_no.to_pylist()
    for i, number in enumerate(staff):
        if not number:
            staff[i] = f"\x1frow\x1f{setting.sha256}\x1f{first_row + i}"
    return record_ids(setting.keys, setting.partner, staff)


def _hashed_fields(cleaned: Cleaned) -> dict[str, pa.Array]:
    """What a row hash covers: every cleaned field, as text."""
    return {
        "name": cleaned.names.name,
        "name_original": cleaned.name_original,
        "name_status": cleaned.names.status,
        "document_type": cleaned.document_type,
        "number": cleaned.documents.number,
        "id_status": cleaned.documents.status,
        "mobile": cleaned.mobile.number,
        "mobile_status": cleaned.mobile.status,
        "mobile2": cleaned.mobile2.number,
        "mobile2_status": cleaned.mobile2.status,
        "birth": _date_text(cleaned.birth),
        "birth_from": pa.array(cleaned.birth_from, pa.string()),
        "sex": pa.array(cleaned.sex).cast(pa.string()),
        "county": cleaned.county,
        "station": cleaned.station,
        "occupation": cleaned.occupation,
        "hired": _date_text(cleaned.hired),
        "left": _date_text(cleaned.left),
        "consented": _date_text(cleaned.consented),
        "notice": cleaned.notice,
        "date_status": pa.array(cleaned.date_status, pa.string()),
    }


def _rehash_filled(
    fields: dict[str, pa.Array],
    values: Values,
    records: list[bytes],
    hashes: list[bytes],
    changed: np.ndarray,
    setting: Setting,
) -> None:
    """A row whose blanks were filled carries the hash of what it then says: a delta that says nothing new changes
    nothing, and a full snapshot that leaves the cells blank is seen to clear them."""
    at = np.flatnonzero(values.filled)
    if not len(at):
        return
    merged = {name: column.take(pa.array(at)) for name, column in fields.items()}
    for name in merged.keys() & vars(values).keys():
        column = getattr(values, name)[at]
        merged[name] = _date_text(column) if column.dtype.kind == "M" else pa.array(column.astype(str), pa.string())
    again = _row_hashes(merged, [records[i] for i in at], setting.keys)
    for i, new in zip(at, again, strict=True):
        hashes[i] = new
    changed[at] &= ~setting.base.unchanged(_first_eight(again))


def _first_eight(hashes: list[bytes]) -> np.ndarray:
    return np.frombuffer(b"".join(h[:8] for h in hashes), dtype=">u8")


def _row_hashes(fields: dict[str, pa.Array], records: list[bytes], keys: KeyRing) -> list[bytes]:
    """HMAC over record id, every cleaned field and the rules' version. A mask is hashed as delivered, so that the
    same masked row is known again although the full value was kept."""
    joined = pc.binary_join_element_wise(*fields.values(), "\x1f", null_handling="replace", null_replacement="")
    one = Blinder(keys.key("row_hash")).one
    version = b"%d\x1f" % RULES_VERSION
    texts = joined.cast(pa.binary()).to_pylist()
    return [one(version + record + text) for record, text in zip(records, texts, strict=True)]


def _withdrawn(setting: Setting, records: list[bytes], documents: np.ndarray, cleaned: Cleaned) -> np.ndarray:
    if not setting.suppressed:
        return np.zeros(len(records), dtype=bool)
    usable = np.isin(_objects(cleaned.documents.status), sorted(USABLE))
    found = tokens(setting.keys, records, np.where(usable, documents, "").tolist())
    return np.array([bool(setting.suppressed.intersection(pair)) for pair in found], dtype=bool)


def _values(cleaned: Cleaned, documents: np.ndarray) -> Values:
    return Values(
        number=documents,
        id_status=_objects(cleaned.documents.status),
        mobile=_objects(cleaned.mobile.number),
        mobile_status=_objects(cleaned.mobile.status),
        mobile2=_objects(cleaned.mobile2.number),
        mobile2_status=_objects(cleaned.mobile2.status),
        document_type=_objects(cleaned.document_type),
        birth=cleaned.birth.copy(),
        birth_from=cleaned.birth_from.astype(object),
        sex=cleaned.sex.copy(),
        station=_objects(cleaned.station),
        occupation=_objects(cleaned.occupation),
        hired=cleaned.hired.copy(),
        left=cleaned.left.copy(),
        date_status=cleaned.date_status.astype(object),
        filled=np.zeros(len(cleaned), dtype=bool),
    )


def _merge(cleaned: Cleaned, values: Values, records: list[bytes], changed: np.ndarray, setting: Setting) -> None:
    known = setting.base.exists(np.frombuffer(b"".join(r[:8] for r in records), dtype=">u8"))
    need = changed & known
    if not setting.delta:
        need &= (
            (values.id_status == "masked") | (values.mobile_status == "masked") | (values.mobile2_status == "masked")
        )
    if need.any():
        merge(
            setting.conn,
            setting.keys,
            setting.partner,
            setting.base,
            setting.as_of,
            records,
            np.flatnonzero(need),
            values,
            delta=setting.delta,
            occupation_blank=cleaned.occupation_blank,
        )


def _weak(values: Values) -> np.ndarray:
    usable = (
        np.isin(values.id_status, sorted(USABLE)) | (values.mobile_status == "ok") | (values.mobile2_status == "ok")
    )
    return ~usable & np.isnat(values.birth)


class _Indexes:
    """Blind indexes and match keys of the changed rows, as hex or None."""

    def __init__(self, keys: KeyRing, at: np.ndarray, forms: list[bytes], values: Values, cleaned: Cleaned) -> None:
        document = [values.number[i].encode() if values.id_status[i] in USABLE else None for i in at]
        mobile = [values.mobile[i].encode() if values.mobile_status[i] == "ok" else None for i in at]
        mobile2 = [values.mobile2[i].encode() if values.mobile2_status[i] == "ok" else None for i in at]
        form = [forms[i] or None for i in at]
        county = [c.encode() if c else None for c in cleaned.county.take(pa.array(at)).to_pylist()]
        birth = [str(day).encode() if not np.isnat(day) else None for day in values.birth[at]]
        rare = cleaned.names.rare[at]
        match = Blinder(keys.key("match"))
        by_mobile = Blinder(keys.key("index_mobile"))
        rare_form = [f if r else None for f, r in zip(form, rare, strict=True)]
        found = {
            "id_index": Blinder(keys.key("index_id_number")).many(document),
            "mobile_index": by_mobile.many(mobile),
            "mobile2_index": by_mobile.many(mobile2),
            "name_county_index": Blinder(keys.key("index_name_county")).many(_joined(form, county)),
            "name_id_key": match.many(_joined(form, document, prefix=b"name_id")),
            "name_mobile_key": match.many(_joined(form, mobile, prefix=b"name_mobile")),
            "name_mobile2_key": match.many(_joined(form, mobile2, prefix=b"name_mobile")),
            "name_birth_county_key": match.many(_joined(rare_form, birth, county, prefix=b"name_birth_county")),
        }
        self.columns = {name: [v.hex() if v is not None else None for v in column] for name, column in found.items()}


def _joined(*parts: list[bytes | None], prefix: bytes = b"") -> list[bytes | None]:
    """Values of a row joined; None where one of them is missing."""
    return [SEPARATOR.join((prefix, *row)) if None not in row else None for row in zip(*parts, strict=True)]


def _seal(
    setting: Setting, at: np.ndarray, records: list[bytes], names: np.ndarray, originals: np.ndarray, values: Values
) -> tuple[list[bytes], list[bytes]]:
    payloads = [
        Personal(names[i], originals[i], values.number[i], values.mobile[i], values.mobile2[i]).pack() for i in at
    ]
    return seal_many(setting.data_key, [records[i] for i in at], payloads)


def _objects(column: pa.Array) -> np.ndarray:
    return np.array(column.to_pylist(), dtype=object)


def _hex(values: list[bytes]) -> pa.Array:
    return pa.array([value.hex() for value in values], pa.string())


def _scatter(n: int, at: np.ndarray, values: list[str | None]) -> pa.Array:
    out = np.full(n, None, dtype=object)
    out[at] = values
    return pa.array(out, pa.string())


def _date_text(days: np.ndarray) -> pa.Array:
    return pa.array(days.astype("datetime64[D]")).cast(pa.string())


def _or_null(values: np.ndarray) -> pa.Array:
    column = pa.array(values, pa.string())
    return pc.if_else(pc.equal(column, ""), None, column)
