"""Hold one module a page. A route declares who may use it; people come through the scoped connection."""

from talentpool_airflow.console.pages import (
    audit,
    calendar,
    columns,
    consents,
    factor,
    held,
    judgements,
    leave,
    pair,
    people,
    person_lists,
    pool,
    quality,
    request,
    requests,
    returned,
    review,
    split,
    static,
    stopping,
    to_do,
    upload,
)
from talentpool_airflow.console.pages.lists import (
    acts,
    aftercare,
    board,
    brief,
    deputies,
    download,
    follow,
    handout,
    one,
    receipts,
    stock,
    trying,
)

PAGES = (static, to_do, board, deputies, trying, one, acts, receipts, handout, stock, follow, aftercare, brief, download,
         pool, people, person_lists, split, judgements, review, pair, calendar, upload, columns, consents, returned, stopping,
         requests, request, audit, quality, held, factor, leave)  # fmt: skip
