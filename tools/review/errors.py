"""Define the errors that end a review before there is a report."""


class ReviewError(Exception):
    """The review could not run; the message says why and what to do."""


class SynthesisError(ReviewError):
    """A side has no templates; the message has the cause."""
