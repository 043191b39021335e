"""Control signing in: who may try how often, what a password must be, how long a token holds, what is recorded."""
