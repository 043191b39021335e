"""Print what happened: what each roster brought, who was found, how far that is from the truth."""

from __future__ import annotations

import csv
from datetime import date
from pathlib import Path

import sqlalchemy as sa
from rich.console import Console
from rich.table import Table

from talentpool.acquire import load_partner
from talentpool.area import county_names
from talentpool.campaigns.life.approving import ROLE_WORDS
from talentpool.campaigns.life.states import STATE_WORDS
from talentpool.deliveries.delivery_state import State
from talentpool.match import links
from talentpool.model import delivery, list_file, list_step, pool_person, pool_snapshot, target_list
from talentpool.settings import Settings
from talentpool_airflow.demo_run.steps import PARTNERS as SHIPPED


def show(console: Console, engine: sa.Engine, settings: Settings, truth: Path, as_of: date, lists: Path) -> None:
    """Print the tables of a finished run."""
    with engine.connect() as conn:
        console.print(_deliveries(conn, settings))
        snapshot = conn.execute(
            sa.select(pool_snapshot)
            .where(pool_snapshot.c.as_of == as_of, pool_snapshot.c.void.is_(False))
            .order_by(pool_snapshot.c.version.desc())
            .limit(1)
        ).one_or_none()
        if snapshot is None:
            console.print(f"没有 {as_of} 的人才库", style="yellow")
            return
        console.print(_counties(conn, settings.area, snapshot.snapshot_id))
        for line in _difference(engine, snapshot, truth):
            console.print(line, soft_wrap=True, highlight=False)
        console.print(_lists(conn, lists))
        for line in _waiting(conn, settings.area):
            console.print(line, soft_wrap=True, highlight=False)


def _deliveries(conn: sa.Connection, settings: Settings) -> Table:
    table = Table(title="名册", title_justify="left")
    for name in ("合作方", "数据日期", "状态"):
        table.add_column(name)
    for name in ("行数", "入库", "隔离", "拒收"):
        table.add_column(name, justify="right")
    states = {State.PUBLISHED: "已入库", State.HELD: "搁置，等市级专员决定", State.REJECTED: "整份拒收"}
    for row in conn.execute(sa.select(delivery).order_by(delivery.c.as_of, delivery.c.delivery_id)):
        table.add_row(
            load_partner(settings.partner_dirs, row.partner).name,
            row.as_of.isoformat(),
            states.get(row.state, row.state),
            *(f"{count:,}" for count in (row.rows, row.accepted, row.quarantined, row.refused)),
        )
    return table


def _counties(conn: sa.Connection, area: str, snapshot_id: int) -> Table:
    people = pool_person
    names = county_names(conn, area)
    query = (
        sa.select(
            people.c.home_county,
            sa.func.count(),
            sa.func.count().filter(people.c.active),
            sa.func.count().filter(people.c.active, people.c.youth),
        )
        .where(people.c.snapshot_id == snapshot_id)
        .group_by(people.c.home_county)
        .order_by(people.c.home_county)
    )
    table = Table(title="人才库（按服务区县）", title_justify="left")
    table.add_column("区县")
    for title in ("人数", "在岗", "其中青年"):
        table.add_column(title, justify="right")
    totals = [0, 0, 0]
    for county, *counts in conn.execute(query):
        table.add_row(names.get(county, county or "未定"), *(f"{count:,}" for count in counts))
        totals = [total + count for total, count in zip(totals, counts, strict=True)]
    table.add_section()
    table.add_row("合计", *(f"{total:,}" for total in totals))
    return table


def _difference(engine: sa.Engine, snapshot: sa.Row, truth: Path) -> list[str]:
    """People found against people there are, and where the difference comes from, counted over the truth."""
    real = read_truth(truth)
    found = {(partner, staff_no): person_id for partner, staff_no, person_id in links(engine)}
    people = len(set(real.values()))
    missed = people - len({person for key, person in real.items() if key in found})
    ids_of: dict[str, set[str]] = {}
    people_of: dict[str, set[str]] = {}
    for key, person_id in found.items():
        if key in real:
            ids_of.setdefault(real[key], set()).add(str(person_id))
            people_of.setdefault(str(person_id), set()).add(real[key])
    split = sum(len(ids) - 1 for ids in ids_of.values())
    merged = sum(len(persons) - 1 for persons in people_of.values())
    rest = snapshot.people - (people - missed + split - merged)
    lines = [
        f"识别出 {snapshot.people:,} 人；合成数据中各家名册上的真实人数为 {people:,} 人，相差 {snapshot.people - people:+,} 人：",
        f"  −{missed:,} 未入库（所有行都被隔离或拒收，例如没有授权）",
        f"  +{split:,} 同一人登记多次而证据不足，未合并",
        f"  −{merged:,} 不同的人证据相同（例如借用账号），被视为一人",
    ]
    return [*lines, f"  {rest:+,} 其他（重叠的拆分与合并）"] if rest else lines


def read_truth(truth: Path) -> dict[tuple[str, str], str]:
    """(partner, staff number) -> true person, on the rosters of the shipped partners."""
    with truth.open(encoding="utf-8-sig", newline="") as lines:
        return {
            (row["partner"], row["staff_no"]): row["true_person"]
            for row in csv.DictReader(lines)
            if row["partner"] in SHIPPED
        }


def _waiting(conn: sa.Connection, area: str) -> list[str]:
    """Which lists wait for whom, and where that person clicks."""
    of, names = list_step.c, county_names(conn, area)
    query = sa.select(of.list_id, of.role, of.county, target_list.c.passport["name"].astext.label("name"))
    query = query.join(target_list, target_list.c.list_id == of.list_id).where(of.approved_by.is_(None))
    waits: dict[tuple[int, str], list[str]] = {}
    for step in conn.execute(query.order_by(of.list_id, of.number)):
        whose = f"{names.get(step.county or '', step.county or '')}{ROLE_WORDS[step.role]}（{step.role}）"
        waits.setdefault((step.list_id, step.name), []).append(whose)
    if not waits:
        return []
    return [
        *(f"名单 {number}「{name}」是草稿，等待审批：{'、'.join(who)}" for (number, name), who in waits.items()),
        "  请用这些角色的账号登录：从“待办”进入“名单”页审批，或在“浏览 > 待响应的任务实例”中点开任务，选择“批准”或“退回”",
    ]


def _lists(conn: sa.Connection, folder: Path) -> Table:
    table = Table(title=f"关爱名单（{folder}）", title_justify="left")
    for name in ("活动", "轮次", "数据日期", "状态"):
        table.add_column(name)
    for name in ("符合条件", "入选", "文件"):
        table.add_column(name, justify="right")
    query = (
        sa.select(target_list, sa.func.count(list_file.c.name).label("files"))
        .outerjoin(list_file, list_file.c.list_id == target_list.c.list_id)
        .group_by(target_list.c.list_id)
        .order_by(target_list.c.list_id)
    )
    for row in conn.execute(query):
        table.add_row(
            row.campaign, row.cycle, row.as_of.isoformat(), STATE_WORDS[row.state],
            f"{row.eligible:,}", f"{row.selected:,}", str(row.files),
        )  # fmt: skip
    return table
