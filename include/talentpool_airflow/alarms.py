"""Run the tasks of the alarms: look whether anything is late, stuck or missing, and send what was found."""

from __future__ import annotations

from datetime import UTC, datetime

from talentpool_airflow.border import opened


def look_around() -> dict[str, int]:
    """Put on record what is wrong today; how many alerts are new."""
    from talentpool.office_day import today_in_office
    from talentpool.services.alarm import look

    with opened() as office:
        return {"new": len(look(office, today_in_office(office.settings), datetime.now(UTC)))}


def send_round() -> dict[str, int]:
    """Take in what stands in the file alone, then send what is due. What was not taken is on record, and fails nothing."""
    from talentpool.services.alarm.taking_in import take_in
    from talentpool_airflow.telling import send

    with opened() as office:
        with office.engine.begin() as conn:
            taken = take_in(conn, office.settings.alerts_file, datetime.now(UTC))
        done = send(office)
    return {"taken_in": taken, "sent": done.sent, "unsent": done.unsent}
