"""Collect the receipts of a morning: out of the drop folders, from partners' servers, from hosts apart. Counts, never a name of a
file."""

from __future__ import annotations

from typing import Any

from talentpool.office_day import today_in_office
from talentpool_airflow.border import opened
from talentpool_airflow.notes import put_off, stopped


def folders() -> dict[str, Any]:
    """What lay in the drop folders. Who may not be read, and what ails the office's own machine, is told when everything else is
    taken."""
    from talentpool.campaigns.collecting.folders import collect_folders

    with opened() as room:
        done = collect_folders(room, today_in_office(room.settings))
    told = []
    if done.stuck:
        told.append(
            f"收件夹里有文件没有收：{'、'.join(done.stuck)}；请核对文件和文件夹的权限（运行任务的用户须能读取和移动）"
        )
    if done.ill:
        told.append(f"本单位自己的磁盘或系统出错（{'、'.join(done.ill)}），与报送方无关；请检查磁盘空间、挂载和内存")
    if told:
        raise stopped(f"{'；'.join(told)}，下次运行再收；其余的已登记")
    return done.as_json()


def servers() -> dict[str, Any]:
    """What lay on partners' servers; tried again while one of them is away, when everything else is taken."""
    from talentpool.campaigns.collecting.servers import collect_servers
    from talentpool_airflow.connections import connection

    with opened() as room:
        done = collect_servers(room, today_in_office(room.settings), connection)
    if done.unreachable:
        raise put_off(f"合作单位的服务器连不上：{'、'.join(done.unreachable)}；其余的已登记")
    return done.as_json()


def sealed() -> dict[str, Any]:
    """What phones marked on a host apart; tried again while an officer's account cannot be looked at."""
    from talentpool.campaigns.handout.apart.accounts import by_airflow
    from talentpool.campaigns.handout.apart.collecting import collect_sealed

    with opened() as room:
        done = collect_sealed(room, by_airflow(room))
    if done.waiting:
        raise put_off(
            f"有 {done.waiting} 个封存文件现在不能核对专员账号（见 TALENTPOOL_AIRFLOW_DATABASE_URL）；其余的已登记"
        )
    return done.as_json()
