"""Make people of edges: clusters under the guards, ids that last, and what becomes of them."""
