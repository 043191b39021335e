"""Notice what is late, stuck, missing or failing; keep it as alerts; say what is to be sent of them, and to whom."""

from talentpool.services.alarm.kinds import KINDS, Alarm
from talentpool.services.alarm.looking import look
from talentpool.services.alarm.raising import raise_alert

__all__ = ["KINDS", "Alarm", "look", "raise_alert"]
