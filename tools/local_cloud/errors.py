"""The one error of these commands: a sentence for the person at the terminal."""


class LocalCloudError(Exception):
    """What is wrong, the value given, the values allowed, and what to do."""
