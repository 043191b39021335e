"""Protect people's values at every stage: keys, ciphers, blind indexes, masks, redaction, the one export writer."""

from talentpool.guard.audit import audit, audit_apart, gather
from talentpool.guard.blind import Blinder, record_id, record_ids
from talentpool.guard.cipher import PERSONAL_FIELDS, Personal, open_record, pack_many, seal_many
from talentpool.guard.heads import Verified, first_head, keep_head, only_appended, verify
from talentpool.guard.keys import KEY_NAMES, KEY_VERSION, DataKey, KeyRing, open_keys, unchecked_keys
from talentpool.guard.mask import mask_document, mask_mobile, mask_name
from talentpool.guard.officers import add_officer, officers, remove_officer
from talentpool.guard.personal import open_every_version, open_personal, open_quarantined, open_set_aside
from talentpool.guard.scope import Scope, console_engine, scope_of, scoped
from talentpool.texts.redact import RedactingFilter, install_redaction, redact

__all__ = [
    "KEY_NAMES",
    "KEY_VERSION",
    "PERSONAL_FIELDS",
    "Blinder",
    "DataKey",
    "KeyRing",
    "Personal",
    "RedactingFilter",
    "Scope",
    "Verified",
    "add_officer",
    "audit",
    "audit_apart",
    "console_engine",
    "first_head",
    "gather",
    "install_redaction",
    "keep_head",
    "mask_document",
    "mask_mobile",
    "mask_name",
    "officers",
    "only_appended",
    "open_every_version",
    "open_keys",
    "open_personal",
    "open_quarantined",
    "open_record",
    "open_set_aside",
    "pack_many",
    "record_id",
    "record_ids",
    "redact",
    "remove_officer",
    "scope_of",
    "scoped",
    "seal_many",
    "unchecked_keys",
    "verify",
]
