"""Keep the ledger of a round's stock: who entered what (moving.py), and what is where (balance.py)."""
