"""When campaigns come round and may be drawn: the year, moved days, notices, rosters that are awaited."""
