"""Who is on a list and why: facts, exceptions, seats, rows and what they are hashed to, all in the database."""
