"""Check whether this deployment is fit to hold people's data, and say what to do if not."""

from talentpool.services.doctor.examine import Examination, examine
from talentpool.services.doctor.finding import Finding

__all__ = ["Examination", "Finding", "examine"]
