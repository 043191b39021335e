"""Go on where a list left off: the follow-up for whom it did not reach, the call-back of a sample, and complaints."""
