"""What every stage must pass: keys, ciphers, blind indexes, redaction."""
