"""Read files: encoding, header, blocks of text columns, and what in a file is no row of a person."""
