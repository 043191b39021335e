"""doctor: is this deployment fit to hold people's data, and if not, what to do about it."""

from talentpool.doctor.examine import Examination, examine
from talentpool.doctor.finding import Finding

__all__ = ["Examination", "Finding", "examine"]
