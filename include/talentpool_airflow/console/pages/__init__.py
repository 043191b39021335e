"""One module a page. A route declares who may use it; what it shows of people comes through the scoped connection."""

from talentpool_airflow.console.pages import (
    audit,
    columns,
    decided,
    factor,
    pair,
    people,
    pool,
    quality,
    requests,
    review,
    split,
    static,
    upload,
)

PAGES = (static, pool, people, split, decided, review, pair, upload, columns, requests, audit, quality, factor)
