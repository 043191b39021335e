"""Turn a point in time into the day that it stands for.

A program that knows moments only writes a day as its midnight, and often as that midnight elsewhere: 16:00 of the day
before is midnight of Shanghai in UTC (15:00 in the summers of 1986 to 1991, and 23:00 where summer time is unknown).
What is a midnight of Shanghai in one of these readings is that day, and so is a midnight of its own zone. The rest keeps
its own date; a birth date has no hour, so minutes before midnight there are a day that was rounded down. A consent has
one, and so has what people write (下午4:00): without a zone these are of the date beside them.
"""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, time, timedelta, timezone

from talentpool.office_day import OFFICE_TIME

_UTC, _BEIJING = UTC, timezone(timedelta(hours=8))
_EARLIEST, _LATEST = datetime(1900, 1, 1, tzinfo=_UTC), datetime(2100, 1, 1, tzinfo=_UTC)
TIME = re.compile(
    r"^(?P<half>上午|下午|am|pm)?\s*(?:(?P<h>\d{1,2})(?::|时|点)(?P<m>\d{1,2})?分?(?::?(?P<s>\d{1,2})秒?)?(?:[.,]\d+)?"
    r"|(?P<h2>\d\d)(?P<m2>\d\d)(?P<s2>\d\d)(?:\.\d+)?)"
    r"\s*(?P<half2>am|pm)?\s*(?P<zone>z|utc|gmt|[+-]\d{1,2}(?::?\d{2})?)?(?:\[[a-z/_]+\])?$",
    re.IGNORECASE,
)
_LATE_EVENING = time(23, 54)
"""Programs that take Shanghai's local time of before 1901 for today's are 43 seconds or 5:43 minutes short."""
_SHORT = time(23, 59, 17)
EPOCH = re.compile(r"^-?(\d{9,10}|\d{12,13})(\.0+)?$")
"""Seconds or milliseconds since 1970. Eleven digits are none: they may be a mobile."""


def day_of(day: date, text: str, field: str) -> tuple[date | None, bool]:
    """(day, whether a time of day decided or was cut off) of a date and the time behind it; None = no such time."""
    matched = TIME.match(text)
    if not matched:
        return None, False
    clock = _clock(matched)
    if clock is None:
        return None, False
    zone = _zone(matched["zone"])
    if clock == time(0):
        return day, zone is not None and not timedelta(0) <= zone <= timedelta(hours=9)
    told = field == "consented_on" or matched["half"] or matched["half2"]
    readings = (_BEIJING,) if zone is None and told else (_UTC, _BEIJING) if zone is None else (timezone(zone),)
    for reading in readings:
        local = _in_shanghai(datetime.combine(day, clock, reading))
        if local is not None and local.time() == time(0):
            return local.date(), True
    if zone is not None:
        local = _in_shanghai(datetime.combine(day, clock, timezone(zone)))
        if local is None:
            return None, False
        day, clock = local.date(), local.time()
    rounds_up = clock >= _LATE_EVENING if field == "birth_date" else clock == _SHORT
    return (day + timedelta(days=1) if rounds_up and day < date.max else day), True


def day_of_epoch(text: str, field: str) -> date | None:
    """The day of a number of seconds or milliseconds, '' as field for any. A consent is a moment; of the rest only
    midnights are believed. None when it is no such number."""
    matched = EPOCH.match(text)
    if matched is None:
        return None
    number, per_second = int(text.split(".", maxsplit=1)[0]), 1000 if len(matched[1]) >= 12 else 1
    local = _in_shanghai(datetime(1970, 1, 1, tzinfo=_UTC) + timedelta(seconds=number / per_second))
    if local is None:
        return None
    midnight = time(0) in (local.time(), local.astimezone(_UTC).time())
    return local.date() if midnight or field == "consented_on" else None


def _clock(matched: re.Match[str]) -> time | None:
    hour, half = int(matched["h"] or matched["h2"]), (matched["half"] or matched["half2"] or "").lower()
    if half:
        if not 0 < hour <= 12:
            return None
        hour = hour % 12 + (12 if half in ("下午", "pm") else 0)
    try:
        return time(hour, int(matched["m"] or matched["m2"] or 0), int(matched["s"] or matched["s2"] or 0))
    except ValueError:
        return None


def _zone(text: str | None) -> timedelta | None:
    if not text:
        return None
    if text.lower() in ("z", "utc", "gmt"):
        return timedelta(0)
    digits = text[1:].replace(":", "")
    hours, minutes = (int(digits), 0) if len(digits) <= 2 else (int(digits[:-2]), int(digits[-2:]))
    shift = timedelta(hours=min(hours, 23), minutes=minutes)
    return -shift if text[0] == "-" else shift


def _in_shanghai(moment: datetime) -> datetime | None:
    return moment.astimezone(OFFICE_TIME) if _EARLIEST <= moment <= _LATEST else None
