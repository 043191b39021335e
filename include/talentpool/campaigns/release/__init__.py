"""What leaves of a locked list: workbooks, encrypted exports on record, and which export a leaked sheet is of."""
