"""Know what several stages ask of deliveries and records: states, what is published, versions on a date, what ended."""
