"""Know the records: opened for one run, as columns of numbers; names by sound and how common they are."""
