"""Groups of commands of the `talentpool` command line, one file each; `__main__` hangs them up."""
