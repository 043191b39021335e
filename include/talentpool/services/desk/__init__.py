"""Do what the officers' pages need; people come through a connection that the database keeps to a scope."""
