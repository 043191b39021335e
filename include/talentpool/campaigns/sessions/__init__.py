"""Hold sessions and events: who signed up for a slot (signing.py, line.py), and how many came (counting.py)."""
