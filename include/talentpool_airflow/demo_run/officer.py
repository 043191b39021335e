"""Play the data officer where a list waits for one: pairs of two document numbers under one name are put off, for now."""

from __future__ import annotations

from talentpool.office import Office

BY, NOTE = "city_officer", "演示：已请合作企业核对证件号，核实前暂缓"


def put_off_urgent(office: Office) -> int:
    """How many pairs were put off, without which no list that holds both people would be locked."""
    from talentpool.review import judge, pending

    count = 0
    while True:
        with office.engine.begin() as conn:
            urgent = [pair["pair_id"] for pair in pending(conn, office.keys) if pair["urgent"]]
        if not urgent:
            return count
        for pair_id in urgent:
            judge(office, pair_id, "unsure", by=BY, note=NOTE)
            count += 1
