"""What visitors of a console do with lists, and how a test begins with none."""

from __future__ import annotations

from typing import Any

from console_office import Console

TABLES = (
    "complaint",
    "spot_check_word",
    "spot_check_row",
    "spot_check",
    "stock_move",
    "session_signup",
    "attendance",
    "handout_entry",
    "handout_sealed",
    "handout_pass",
    "handout_event",
    "receipt_row",
    "receipt",
    "list_file",
    "list_step",
    "list_decision",
    "target_row",
    "target_list",
    "cancelled_round",
    "deputy",
)


def forget(place: Console) -> None:
    """Take every list off, locked ones too: past the triggers, as only a test's superuser may."""
    with place.office.engine.begin() as conn:
        conn.exec_driver_sql("set local session_replication_role = replica")
        for table in TABLES:
            conn.exec_driver_sql(f"delete from {table}")


def seen(place: Console, number: int) -> str:
    return str(place.office.one("select content_hash from target_list where list_id = :n", n=number))


def act(place: Console, number: int, name: str, user: str, **fields: str) -> Any:
    """The form of an act, filled in and ticked."""
    given = {"seen": seen(place, number), "sure": "yes", "reason": "按会议决定"} | fields
    return place.post(f"/console/lists/{number}/{name}", user, given)


def state_of(place: Console, number: int) -> str:
    return str(place.office.one("select state from target_list where list_id = :n", n=number))


def approve_all(place: Console, number: int) -> None:
    """Both counties, then the city."""
    for user in ("county", "other_county", "approver"):
        assert act(place, number, "approve", user).status_code == 303, user
    assert state_of(place, number) == "city_approved"
