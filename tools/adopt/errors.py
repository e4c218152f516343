"""Define the error that ends an adoption before anything is written."""


class AdoptError(Exception):
    """Nothing was written; the message says why and what to do."""
