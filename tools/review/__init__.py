"""The review of a change: what its two commits would do to running systems, told without credentials."""
