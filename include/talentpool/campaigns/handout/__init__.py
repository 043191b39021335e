"""Hand a list out at a place: events.py, who is signed in for one (passes.py), whom they see, and what they mark."""
