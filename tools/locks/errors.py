"""Say why no lock was made."""


class LockError(Exception):
    """No lock was written; the message says why and what to do."""
