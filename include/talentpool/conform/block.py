"""Turn a cleaned block into the lines that are copied into staging: hashed, merged, indexed, sealed.

Unchanged rows become narrow lines: their statuses, so that the rules see the whole delivery, and nothing personal.
Everything is a column; the only loops over rows are the keyed hashes and the seals, which have no other form.
"""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from talentpool.conform.rows.cleaned import Cleaned
from talentpool.conform.rows.columns import at_rows, date_text, first_eight, hex_fixed, hex_varied, packed
from talentpool.conform.rows.ended_elsewhere import known_records
from talentpool.conform.rows.kept_consent import keep_consent
from talentpool.conform.rows.merge import Values, merge
from talentpool.conform.rows.outside import outside, with_code
from talentpool.conform.rows.setting import Setting
from talentpool.conform.rows.suppress import find_withdrawn
from talentpool.conform.values.damage import SET_ASIDE
from talentpool.conform.values.documents import USABLE, comparable
from talentpool.conform.values.names import HIDDEN, read_names
from talentpool.deliveries.rules_version import RULES_VERSION
from talentpool.guard import Blinder, KeyRing, pack_many, record_ids, seal_many

SEPARATOR = "\x1f"
Columns = dict[str, pa.Array]


def lines(cleaned: Cleaned, first_row: int, setting: Setting) -> pa.Table:
    """The staging lines of a block, columns named as in model.staging_table (all text; bytea and uuid as hex)."""
    n = len(cleaned)
    records = _records(cleaned, first_row, setting)
    foreign = _foreign(cleaned, records, setting)
    if setting.know_people:
        records = known_records(setting, records, cleaned, skip=foreign)
    cleaned = keep_consent(setting, records, cleaned, skip=foreign)
    said = _said(cleaned)
    hashes = _row_hashes(said, records, setting.keys)
    withdrawn, doubtful = find_withdrawn(setting.keys, setting.suppressed, setting.base, records, cleaned)
    keepable = ~cleaned.refusable & ~withdrawn & ~foreign
    changed = keepable & ~setting.base.unchanged(first_eight(hashes))
    now, filled = _merged(said, cleaned, records, changed, setting)
    _rehash_filled(now, filled, records, hashes, changed, setting)
    at = np.flatnonzero(changed)
    columns = {
        "row_no": pa.array(np.arange(first_row, first_row + n)),
        "record_id": hex_fixed(records),
        "changed": pa.array(changed),
        "county_status": cleaned.county_status,
        "date_status": now["date_status"],
        "consent_status": pa.array(cleaned.consent_status, pa.string()),
        "id_birth_date": date_text(cleaned.documents.birth),
        "withdrawn": pa.array(withdrawn),
        "withdrawn_doubtful": pa.array(doubtful),
        "notes": pa.array(cleaned.notes, pa.string()),
        "faults": with_code(cleaned.plain.faults, foreign) if foreign.any() else cleaned.plain.faults,
        "staff_no": cleaned.plain.printed(records),
        "row_hash": hex_fixed(hashes),
        "name_status": now["name_status"],
        "document_type": now["document_type"],
        "id_number_status": now["id_status"],
        "mobile_status": now["mobile_status"],
        "mobile2_status": now["mobile2_status"],
        "birth_date": now["birth"],
        "birth_from": _or_null(now["birth_from"]),
        "sex": now["sex"],
        "county": cleaned.county,
        "station": now["station"],
        "occupation": now["occupation"],
        "hired_on": now["hired"],
        "left_on": now["left"],
        "consented_on": now["consented"],
        "notice_version": cleaned.notice,
        "weak_identity": _weak(now),
        **{name: at_rows(n, at, column) for name, column in _indexes(setting.keys, at, now, cleaned).items()},
        **{name: at_rows(n, at, column) for name, column in _sealed(setting, at, records, now).items()},
    }
    return pa.table(columns)


def _foreign(cleaned: Cleaned, records: np.ndarray, setting: Setting) -> np.ndarray:
    """Rows that their sender may not send; of a partner's own delivery none."""
    if setting.counties is None:
        return np.zeros(len(cleaned), dtype=bool)
    return outside(setting, setting.counties, records, cleaned.county)


def _records(cleaned: Cleaned, first_row: int, setting: Setting) -> np.ndarray:
    """Record ids; a row without a staff number gets one of its own, so that it can be set aside sealed."""
    staff = cleaned.plain.staff_no
    blank = np.flatnonzero(pc.equal(pc.binary_length(staff), 0).to_numpy(zero_copy_only=False))
    if len(blank):
        mask = np.zeros(len(staff), dtype=bool)
        mask[blank] = True
        own = [f"\x1frow\x1f{setting.sha256}\x1f{first_row + i}" for i in blank]
        staff = pc.replace_with_mask(staff, pa.array(mask), pa.array(own, pa.string()))
    return record_ids(setting.keys, setting.partner, staff)


def _said(cleaned: Cleaned) -> Columns:
    """Every cleaned field as text: what a row hash covers, and what a merge starts from."""
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
        "birth": date_text(cleaned.birth),
        "birth_from": pa.array(cleaned.birth_from, pa.string()),
        "sex": pa.array(cleaned.sex).cast(pa.string()),
        "county": cleaned.county,
        "station": cleaned.station,
        "occupation": cleaned.occupation,
        "hired": date_text(cleaned.hired),
        "left": date_text(cleaned.left),
        "consented": date_text(cleaned.consented),
        "notice": cleaned.notice,
        "date_status": pa.array(cleaned.date_status, pa.string()),
    }


def _row_hashes(said: Columns, records: np.ndarray, keys: KeyRing) -> np.ndarray:
    """HMAC over record id, every cleaned field and the rules' version. A mask is hashed as delivered, so that the
    same masked row is known again although the full value was kept."""
    fields = pc.binary_join_element_wise(*said.values(), SEPARATOR, null_handling="replace", null_replacement="")
    texts = pc.binary_join_element_wise(packed(records), fields.cast(pa.binary()), b"")
    return Blinder(keys.key("row_hash"), prefix=b"%d\x1f" % RULES_VERSION).column(texts)


def _merged(
    said: Columns, cleaned: Cleaned, records: np.ndarray, changed: np.ndarray, setting: Setting
) -> tuple[Columns, np.ndarray]:
    """What the rows say after blanks, masks and damaged cells kept what was known; and which rows hold more now than
    their cells say."""
    filled = np.zeros(len(cleaned), dtype=bool)
    need = changed & setting.base.exists(first_eight(records))
    if not setting.delta:
        need &= _keeps(said, cleaned)
    at = np.flatnonzero(need)
    if not len(at):
        return said, filled
    rows = Values.take(said, at)
    merge(
        setting, [records[i].tobytes() for i in at], rows, occupation_blank=cleaned.occupation_blank[at],
        keep={name: mask[at] for name, mask in cleaned.keep.items()},
    )  # fmt: skip
    filled[at] = rows.filled
    for i, code in zip(at, rows.fault, strict=True):
        if code:
            cleaned.notes[i] = f"{cleaned.notes[i]} {code}".lstrip()
    mask = pa.array(need)
    return {
        name: pc.replace_with_mask(column, mask, rows.column(name)) if rows.has(name) else column
        for name, column in said.items()
    }, filled


def _keeps(said: Columns, cleaned: Cleaned) -> np.ndarray:
    """Rows of a full snapshot in which a cell may not clear what is known: it is masked or damaged."""
    kept = pa.array(sorted(SET_ASIDE | HIDDEN), pa.string())
    which = [pc.is_in(said[name], value_set=kept) for name in ("id_status", "mobile_status", "mobile2_status")]
    which.append(_in(said["name_status"], HIDDEN))
    which.append(pc.equal(said["id_status"], "other_document"))
    # a number that a spreadsheet rounded ends in zeros; one in eleven still has the right check digit
    which.append(pc.ends_with(said["number"], "000"))
    return np.logical_or.reduce([*(c.to_numpy(zero_copy_only=False) for c in which), *cleaned.keep.values()])


def _rehash_filled(
    now: Columns, filled: np.ndarray, records: np.ndarray, hashes: np.ndarray, changed: np.ndarray, setting: Setting
) -> None:
    """A row whose blank or damaged cells were filled carries the hash of what it then says: what says nothing new
    changes nothing, and a full snapshot that leaves the cells blank is seen to clear them."""
    at = np.flatnonzero(filled)
    if not len(at):
        return
    taken = pa.array(at)
    hashes[at] = _row_hashes({name: column.take(taken) for name, column in now.items()}, records[at], setting.keys)
    changed[at] &= ~setting.base.unchanged(first_eight(hashes[at]))


def _weak(now: Columns) -> pa.Array:
    usable = pc.or_(_in(now["id_status"], USABLE), pc.equal(now["mobile_status"], "ok"))
    usable = pc.or_(usable, pc.equal(now["mobile2_status"], "ok"))
    return pc.and_not(pc.is_null(now["birth"]), usable)


def _indexes(keys: KeyRing, at: np.ndarray, now: Columns, cleaned: Cleaned) -> Columns:
    """Blind indexes of the changed rows, as hex or null."""
    rows = pa.array(at)
    taken = {name: now[name].take(rows) for name in ("number", "id_status", "document_type", "mobile", "mobile_status",
                                                     "mobile2", "mobile2_status")}  # fmt: skip
    document = pc.if_else(_in(taken["id_status"], USABLE), _comparable(taken), None)
    mobile = pc.if_else(pc.equal(taken["mobile_status"], "ok"), taken["mobile"], None)
    mobile2 = pc.if_else(pc.equal(taken["mobile2_status"], "ok"), taken["mobile2"], None)
    form = _or_null(_forms(now, cleaned).take(rows))
    county = cleaned.county.take(rows)
    by_mobile = Blinder(keys.key("index_mobile"))
    return {
        "id_index": Blinder(keys.key("index_id_number")).hex_column(document),
        "mobile_index": by_mobile.hex_column(mobile),
        "mobile2_index": by_mobile.hex_column(mobile2),
        "name_county_index": Blinder(keys.key("index_name_county")).hex_column(_joined("", form, county)),
    }


def _forms(now: Columns, cleaned: Cleaned) -> pa.Array:
    """Match forms: as cleaned, and of the whole names that were kept in place of hidden ones."""
    kept = pc.not_equal(now["name_status"], cleaned.names.status)
    if not pc.any(kept).as_py():
        return cleaned.names.form
    return pc.replace_with_mask(cleaned.names.form, kept, read_names(now["name"].filter(kept)).form)


def _comparable(taken: Columns) -> pa.Array:
    """Numbers as they are indexed. Only the few documents that are no resident's number have another form."""
    other = pc.equal(taken["id_status"], "other_document")
    kept = zip(taken["number"].filter(other).to_pylist(), taken["document_type"].filter(other).to_pylist(), strict=True)
    return pc.replace_with_mask(taken["number"], other, pa.array([comparable(*one) for one in kept], pa.string()))


def _joined(prefix: str, *parts: pa.Array) -> pa.Array:
    """Values of a row joined; null where one of them is missing."""
    return pc.binary_join_element_wise(prefix, *parts, SEPARATOR)


def _sealed(setting: Setting, at: np.ndarray, records: np.ndarray, now: Columns) -> Columns:
    rows = pa.array(at)
    payloads = pack_many([now[name].take(rows) for name in ("name", "name_original", "number", "mobile", "mobile2")])
    sealed, salts = seal_many(setting.data_key, [record.tobytes() for record in records[at]], payloads)
    return {"sealed": hex_varied(sealed), "salt": hex_varied(salts)}


def _in(column: pa.Array, values: frozenset[str]) -> pa.Array:
    return pc.is_in(column, value_set=pa.array(sorted(values), pa.string()))


def _or_null(column: pa.Array) -> pa.Array:
    return pc.if_else(pc.equal(column, ""), None, column)
