"""Replace keys while the system runs."""

from talentpool.services.rotation.envelope import Destroyed, KeyState, destroy, listed
from talentpool.services.rotation.rotate import Rotated, rotate

__all__ = ["Destroyed", "KeyState", "Rotated", "destroy", "listed", "rotate"]
