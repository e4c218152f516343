"""Set how often AWS is asked while a command waits."""

# A compromise between a person's patience and AWS's request limits.
POLL_S = 1.0
