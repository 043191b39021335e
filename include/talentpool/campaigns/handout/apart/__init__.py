"""Hand a list out on a host apart: packets that leave (packing.py), sealed marks that come back (taking.py, collecting.py)."""
