"""Take receipts: what became of each row of a list that left the house (taking.py)."""
