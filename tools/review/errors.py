"""Define the errors that end a review before there is a report."""


class ReviewError(Exception):
    """An error that says why the review could not run, and what to do."""


class SynthesisError(ReviewError):
    """An error for a side that does not synthesise; the message has the cause."""
