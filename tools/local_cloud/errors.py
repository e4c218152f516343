"""Define the one error of these commands: a sentence for the person at the terminal."""


class LocalCloudError(Exception):
    """An error that says what is wrong, the value given, the values allowed, and what to do."""
