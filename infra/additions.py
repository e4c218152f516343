"""Yours: add what your environments need beside the web service, such as queues, topics or recipes."""

from infra.stack import WebStack


def add(stack: WebStack) -> None:
    """Add your own resources to the stack of one environment; the kit calls this once for each environment.

    Through `stack.task` the app learns their names and gets the right to use them, for example:

        queue = sqs.Queue(stack, "Jobs", enforce_ssl=True)
        queue.grant_send_messages(stack.task.definition.task_role)
        stack.task.add_variable("QUEUE_URL", queue.queue_url)

    `stack.parameters` is the environment, and `docs/recipes` has resources to copy.
    """
    del stack
