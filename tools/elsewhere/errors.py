"""Define the error of commands for places beside AWS."""


class ElsewhereError(Exception):
    """An error that says what is wrong and what to do."""
