"""Find which records are compared: keyed hashes of what two records share, block by block."""
