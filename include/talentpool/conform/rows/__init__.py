"""Make rows of blocks: clean, compared with what is on record, checked against who withdrew."""
