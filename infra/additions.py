"""Yours: what your environments need beside the web service, such as queues, buckets, topics, recipes."""

from infra.stack import WebStack


def add(stack: WebStack) -> None:
    """Add your own resources to the stack of one environment; called for each of them.

    `stack.task` takes what the app must know and may do, for example:

        queue = sqs.Queue(stack, "Jobs", enforce_ssl=True)
        queue.grant_send_messages(stack.task.definition.task_role)
        stack.task.add_variable("QUEUE_URL", queue.queue_url)

    `stack.parameters` says for which environment it is, `docs/recipes` has examples.
    """
    del stack
