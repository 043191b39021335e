"""Build Great Expectations' Data Docs of stored results: the suite of each partner, and a page a delivery. Imports Great
Expectations, which takes seconds: for workers, never for the console.

Data Docs load styles and scripts from five foreign servers, and their index is drawn by a script: no page of ours may do either
(docs/adr/0105). So their content is kept, every tag that is not plain text or table is dropped, and the index is ours.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from html import escape
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import sqlalchemy as sa

from talentpool.acquire import partner_names
from talentpool.deliveries.publications import is_roster
from talentpool.expect import suite_of
from talentpool.model import delivery, rule_result
from talentpool.office import Office
from talentpool.services.quality.plain_html import plain

NEWEST = 12
"""Deliveries of a partner that have a page."""
FOLDER, INDEX = "data_docs", "index.html"
SITE = "talentpool"
PAGE = """<!doctype html>
<html lang="zh-CN">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title>
<link rel="stylesheet" href="../../static/page.css">
<link rel="stylesheet" href="../../static/scores.css">
</head>
<body>
<main>
<p class="back"><a href="../../scores">质量评分</a> › {way}{title}</p>
<h1>{title}</h1>
{body}
</main>
</body>
</html>
"""
WAY = '<a href="index.html">校验文档</a> › '


@dataclass(frozen=True)
class Validated:
    """A delivery with its stored counts: rule -> rows that failed."""

    delivery_id: int
    partner: str
    as_of: str
    at: Any
    rows: int
    failed: Mapping[str, int]


def docs_root(office: Office) -> Any:
    """Where the pages lie: a folder of the reports', or of their bucket."""
    from upath import UPath

    return UPath(office.settings.reports_url) / FOLDER


def build_docs(office: Office) -> dict[str, int]:
    """Write the pages anew; returns how many there are of deliveries and suites."""
    with office.engine.connect() as conn:
        found = list(_validated(conn))
    names = partner_names(office.settings)
    suites = {one.partner for one in found}
    with TemporaryDirectory() as folder:
        pages = _rendered(found, Path(folder))
    root = docs_root(office)
    root.mkdir(parents=True, exist_ok=True)
    for path in list(root.iterdir()) if root.exists() else ():  # of a bucket no empty folder is there
        if path.name not in (*pages, INDEX):  # of a delivery that is no longer among the newest
            path.unlink()
    links = []
    for name, (title, body) in pages.items():
        _write(root / name, title, f'<div lang="en" class="gx">{body}</div>', WAY)
        links.append(f'<li><a href="{name}">{escape(title)}</a></li>')
    listed = f"<ul>{''.join(links)}</ul>" if links else "<p>还没有由 Great Expectations 校验过的交付。</p>"
    whose = escape("、".join(names.get(code, code) for code in sorted(suites)) or "还没有")
    told = f"各合作单位（{whose}）的规则集，和最近各 {NEWEST} 次交付逐条规则的结果。只有行数，不含任何人的信息。"
    _write(root / INDEX, "校验文档", f'<p class="sub">{told}</p>{listed}', "")
    return {"deliveries": len(found), "suites": len(suites)}


def _write(path: Any, title: str, body: str, way: str) -> None:
    path.write_text(PAGE.format(title=escape(title), body=body, way=way), encoding="utf-8")


def _validated(conn: sa.Connection) -> Iterator[Validated]:
    """The newest deliveries of each partner that Great Expectations has counted."""
    counted = sa.select(rule_result.c.delivery_id).where(rule_result.c.side == "", rule_result.c.engine == "gx")
    place = sa.func.row_number().over(
        partition_by=delivery.c.partner, order_by=(delivery.c.as_of.desc(), delivery.c.delivery_id.desc())
    )
    newest = (
        sa.select(delivery, place.label("place")).where(delivery.c.delivery_id.in_(counted), is_roster()).subquery("newest")
    )  # fmt: skip
    rows = conn.execute(sa.select(newest).where(newest.c.place <= NEWEST).order_by(newest.c.partner, newest.c.place))
    for row in rows.all():
        query = sa.select(rule_result.c.rule, rule_result.c.failed).where(
            rule_result.c.delivery_id == row.delivery_id, rule_result.c.side == "", rule_result.c.engine == "gx"
        )
        failed: dict[str, int] = dict(conn.execute(query).all())
        yield Validated(row.delivery_id, row.partner, str(row.as_of), row.landed_at, row.rows, failed)


def _rendered(found: list[Validated], folder: Path) -> dict[str, tuple[str, str]]:
    """File -> title and plain content, of what Great Expectations renders into the folder."""
    os.environ["GX_ANALYTICS_ENABLED"] = "false"
    logging.getLogger("great_expectations").setLevel(logging.WARNING)
    import great_expectations as gx

    context = gx.get_context(mode="ephemeral")
    for site in list(context.list_data_docs_sites()):
        context.delete_data_docs_site(site)
    written: Any = {
        "class_name": "SiteBuilder", "show_how_to_buttons": False,
        "store_backend": {"class_name": "TupleFilesystemStoreBackend", "base_directory": str(folder)},
        "site_index_builder": {"class_name": "DefaultSiteIndexBuilder"},
    }  # fmt: skip
    context.add_data_docs_site(SITE, written)
    suites: dict[str, Any] = {}
    for one in found:
        if one.partner not in suites:
            suites[one.partner] = context.suites.add(suite_of(gx, one.rows, one.partner))
        context.validation_results_store.set(*_result(gx, one, suites[one.partner]))
    if not found:
        return {}
    context.build_data_docs(site_names=[SITE])
    pages = {
        f"suite_{code}.html": (f"规则集 {suite.name}", _content(folder / "expectations", f"{suite.name}.html"))
        for code, suite in suites.items()
    }
    for one in found:
        title = f"交付 {one.delivery_id}（{one.partner} {one.as_of}）"
        pages[f"delivery_{one.delivery_id}.html"] = (title, _content(folder / "validations", f"{one.delivery_id}.html"))
    return pages


def _content(folder: Path, name: str) -> str:
    (page,) = folder.rglob(name)
    return plain(page.read_text(encoding="utf-8"))


def _result(gx: Any, one: Validated, suite: Any) -> tuple[Any, Any]:
    """(key, result) as a checkpoint would store them, of the counts that it handed over then."""
    from great_expectations.core.expectation_validation_result import (
        ExpectationSuiteValidationResult,
        ExpectationValidationResult,
    )
    from great_expectations.core.run_identifier import RunIdentifier
    from great_expectations.data_context.types.resource_identifiers import (
        ExpectationSuiteIdentifier,
        ValidationResultIdentifier,
    )

    run = RunIdentifier(run_name=f"delivery-{one.delivery_id}", run_time=one.at)
    results = []
    for expectation in suite.expectations:
        code = expectation.meta["code"]
        if code not in one.failed:
            continue  # of the table as a whole, or of a rule that is newer than the delivery
        failed = one.failed[code]
        results.append(
            ExpectationValidationResult(
                success=failed == 0, expectation_config=expectation.configuration, result={"observed_value": failed},
                exception_info={"raised_exception": False, "exception_message": None, "exception_traceback": None},
                meta={},
            )
        )  # fmt: skip
    passed = sum(bool(each.success) for each in results)
    statistics = {
        "evaluated_expectations": len(results), "successful_expectations": passed,
        "unsuccessful_expectations": len(results) - passed,
        "success_percent": 100 * passed / len(results) if results else None,
    }  # fmt: skip
    key = ValidationResultIdentifier(ExpectationSuiteIdentifier(name=suite.name), run, str(one.delivery_id))
    meta = {"run_id": run, "great_expectations_version": gx.__version__}
    return key, ExpectationSuiteValidationResult(
        success=passed == len(results), results=results, suite_name=suite.name, statistics=statistics, meta=meta
    )
