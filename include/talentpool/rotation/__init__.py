"""Replace keys while the system runs."""

from talentpool.rotation.envelope import Destroyed, KeyState, destroy, listed
from talentpool.rotation.rotate import Rotated, rotate

__all__ = ["Destroyed", "KeyState", "Rotated", "destroy", "listed", "rotate"]
