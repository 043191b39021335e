"""Know characters: those that are not seen, those that look alike, those that only mark a cell as text."""
