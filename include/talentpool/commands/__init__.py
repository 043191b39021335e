"""Hold the groups of commands of `talentpool`, one file each; `__main__` puts them together."""
