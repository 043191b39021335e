"""Tell whether a campaign is lawful yet: some notice that people could agree to names its purpose.

New versions of the notice are the office's act (`talentpool reference set notice`); consents are never rewritten, so a
new version covers those who agree to it from then on.
"""

from __future__ import annotations

from datetime import date

import sqlalchemy as sa

from talentpool.declare import Campaign
from talentpool.model import notice


def notices_for(conn: sa.Connection, purpose: str, day: date) -> list[str]:
    """Versions of the notice that name the purpose and were published by `day`."""
    published = sa.or_(notice.c.published_on.is_(None), notice.c.published_on <= day)
    found = sa.select(notice.c.version).where(notice.c.purpose == purpose, published)
    return list(conn.scalars(found.order_by(notice.c.version)))


def say_not_yet_lawful(campaign: Campaign) -> str:
    """In Chinese, with what to do."""
    return (
        f"{campaign.name}尚不合法：没有已公布的告知书版本包含用途“{campaign.purpose}”，不得为此使用个人信息，也不锁定名单；"
        "请先公布包含该用途的告知书，并登记版本（talentpool reference set notice）"
    )
