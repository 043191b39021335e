"""desk: what the officers' pages read and do. People come through a connection that the database keeps to a scope."""
