"""The life of a list, in one place: its states, who must approve, and what an officer may do with it."""
