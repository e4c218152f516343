"""Define the error that keeps a step of the pipeline from doing its work."""


class PipelineError(Exception):
    """An error that says what is wrong and what to do; `status` is GitHub's answer, if there was one."""

    def __init__(self, message: str, *, status: int | None = None) -> None:
        super().__init__(message)
        self.status = status
