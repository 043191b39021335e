"""Run every night's tasks: verify the audit log, compare accounts."""

from __future__ import annotations

from typing import Any

from talentpool_airflow.border import opened
from talentpool_airflow.notes import stopped


def verify_and_keep_head() -> dict[str, Any]:
    """Verify the whole chain, then sign its head and keep it in the second place; counts.

    A log that was tampered with fails the run for good, each place named, and its head is not kept: it would
    make the tampering look right from then on.
    """
    from talentpool.guard import keep_head, verify

    with opened() as room, room.engine.connect() as conn:
        path = room.settings.audit_heads_file
        found = verify(conn, room.keys, path)
        if not found.whole:
            held = "没有一行可信" if found.trusted is None else f"第 {found.trusted} 行及以前可信"
            raise stopped(f"审计日志被改动过（{held}）：" + "; ".join(found.broken))
        head = keep_head(conn, room.keys, path)
    return {"rows": found.rows, "heads": found.heads, "head": head["seq"] if head else None}


def compare_roles() -> dict[str, Any]:
    """Hold Airflow's users and roles against the audit log; what came through no known door is put on record and told."""
    from talentpool.guard.role_changes import note
    from talentpool_airflow.alerts import say_alert
    from talentpool_airflow.held import airflow_engine, held

    with opened() as room:
        airflow = airflow_engine(room.settings)
        try:
            changed = note(room.engine, lambda: held(airflow))
        finally:
            airflow.dispose()
    if changed:
        message = (
            "账号或角色被改动，但不是经本系统页面或命令：请审计人员在“审计”页核对“角色变更”，不应有的请系统管理员收回"
        )
        say_alert({"dag_id": "accounts__compare", "task_id": "compare", "message": message, "kind": "roles",
                   "subjects": changed[:20]})  # fmt: skip
    return {"unknown_door": len(changed), "subjects": changed}
