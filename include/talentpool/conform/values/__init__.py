"""Read the values of cells: each kind of value in one module, each distinct value once."""
