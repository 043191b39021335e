"""Try an uploaded file in a separate process: one at a time for each officer, within limits of time.

The web server serves everybody; what a stranger's file does to whoever reads it must end with this process.
"""

from __future__ import annotations

from base64 import b64decode, b64encode
from typing import Any

from pydantic import TypeAdapter

from talentpool.acquire import Facts
from talentpool.check import Checked, check_bytes
from talentpool.child import Child, ChildEndedError, deployment, opened, serve
from talentpool.declare import Partner
from talentpool.errors import ConflictError, UsageError
from talentpool.locks import trial_lock, trial_slot_lock, try_hold
from talentpool.office import Office

SECONDS = 120
"""Of a core; and twice as long by the clock, on a machine that others use too."""
MEMORY = 4 * 1024**3
"""Bytes of address space; the largest file that may be brought is tried within it (tests/unit/services/desk/test_upload.py)."""
AT_ONCE = 4
"""Trials of all officers: more would leave the server no cores and no connections."""
CHUNK = 1024 * 1024


def check_apart(
    office: Office, partner: Partner, facts: Facts, content: bytes,
    counties: tuple[str, ...] | None, actor: str, *, seconds: float = 2 * SECONDS,
) -> Checked:  # fmt: skip
    """What `check_bytes` says of the file.

    ConflictError when this officer's file before, or too many of others, are being tried; UsageError when the trial took
    too long or too much memory; ChildEndedError when the fault is ours.
    """
    request = deployment(office) | {
        "partner": partner.model_dump(mode="json"),
        "facts": TypeAdapter(Facts).dump_python(facts, mode="json"),
        "content": b64encode(content).decode(),
        "counties": counties,
    }
    with office.engine.connect() as conn:
        if not try_hold(conn, trial_lock(actor)):
            raise ConflictError("您上一份文件的试检还没有结束；请等它出结果后再上传")
        if not any(try_hold(conn, trial_slot_lock(slot)) for slot in range(AT_ONCE)):
            raise ConflictError("正在试检的文件较多；请过几分钟再试")
        try:
            with Child(__name__, request) as child:
                said = child.answer(seconds)
        except ChildEndedError as error:
            if error.fault not in ("", "MemoryError"):
                raise
            raise UsageError(
                "试检没有完成（用时或内存超过限度），已停止，没有任何内容入库；"
                "请检查文件中是否有异常大的单元格或多余内容，拆分后重试，或联系市级数据专员"
            ) from error
        finally:
            conn.rollback()
    return TypeAdapter(Checked).validate_python(said)


def _do(request: dict[str, Any]) -> dict[str, Any]:
    content = b64decode(request["content"])
    counties = request["counties"]
    with opened(request, seconds=SECONDS) as office:
        checked = check_bytes(
            office, Partner.model_validate(request["partner"]),
            TypeAdapter(Facts).validate_python(request["facts"]),
            (content[start : start + CHUNK] for start in range(0, len(content), CHUNK)),
            counties=None if counties is None else tuple(counties), know_people=False,
        )  # fmt: skip
    return TypeAdapter(Checked).dump_python(checked, mode="json")


def main() -> None:
    serve(_do, cpu_seconds=SECONDS, memory=MEMORY)
