"""Review a change: what it would do to running systems, without credentials."""
