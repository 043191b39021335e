"""Score pairs: `compare` (levels), `score` (bits by `weights`), `edges` (their sum, and what it decides).

`fit` and `estimate` learn weights from the office's own records; `versions` says which weights hold.
"""
