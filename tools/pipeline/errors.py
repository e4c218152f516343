"""What keeps a step of the pipeline from doing its work."""


class PipelineError(Exception):
    """What is wrong, and what to do; `status` is what GitHub answered, if it did."""

    def __init__(self, message: str, *, status: int | None = None) -> None:
        super().__init__(message)
        self.status = status
