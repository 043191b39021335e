"""Say things: reasons and labels in words, findings, fields; texts that can harm nobody and name nobody."""
