"""Check whether this deployment is fit to hold people's data, and say what to do if not."""

from talentpool.doctor.examine import Examination, examine
from talentpool.doctor.finding import Finding

__all__ = ["Examination", "Finding", "examine"]
