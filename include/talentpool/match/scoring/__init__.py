"""Score pairs: `compare` (levels), `rarity` (how common each value is), `score` (bits by `weights`), `edges` (their sum, and
what it decides); `versions` says which weights hold. The shipped ones are learned by bench.learn.
"""
