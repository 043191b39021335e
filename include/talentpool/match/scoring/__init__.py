"""Score pairs: levels, weights, bits, edges; learn weights from the office's own records."""
