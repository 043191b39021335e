"""Answer a person's own request to correct what a roster says of them: the same correction as that of a row set aside."""

from __future__ import annotations

from dataclasses import replace
from uuid import UUID

import sqlalchemy as sa

from talentpool.errors import RefusedError, UsageError
from talentpool.model import person_request
from talentpool.office import Office
from talentpool.services.mending.act import Act, Done
from talentpool.services.mending.acting import correct_record
from talentpool.services.rights import journal


def answer(office: Office, number: int, record: UUID, field: str, value: str, act: Act) -> Done:
    """Correct one field of one of the person's records, and close the request. Raises what correct() raises.

    UsageError while the identity is not verified, or when the request asks for something else or is closed.
    """
    with office.engine.connect() as conn:
        entry = journal.entry(conn, number, act.counties)
        records = conn.scalar(sa.select(person_request.c.records).where(person_request.c.request_id == number)) or []
    if entry.kind != "correct" or entry.state != "verified":
        raise UsageError("这件申请不是更正申请，或者还没有核对身份，或者已办结；请刷新页面")
    if record not in records:
        raise RefusedError("scope", "the record is not one that the request is about")
    return correct_record(office, record, field, value, replace(act, request_id=number))
