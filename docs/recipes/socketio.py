"""Socket.IO: check that every client of Flask-SocketIO reaches the process that knows it.

For apps with Flask-SocketIO, whose clients begin with long polling: many short requests, of which all must
reach one process. So a task has one worker, and the load balancer keeps a client at its task. Each process
learns by a message queue (Valkey or Redis) what the others emit. Free, but for the queue. Not for flask-sock,
whose WebSockets need none of this, and not for an app without rooms and broadcasts.

    if stack.parameters.name == "prod":
        use_socketio(stack, queue="MESSAGE_QUEUE_URL")

where the environment has `tasks=Tasks(workers=1)`, `routing=Routing(sticky_s=3600)` and the queue's URL in
`variables` or `secrets`, and the app says

    SocketIO(app, async_mode="threading", message_queue=settings.message_queue_url)

Clients that never poll, `io({transports: ["websocket"]})`, may go to any process: pass False for
long_polling. Each connected client takes two threads beside those for requests, in each worker at most
GUNICORN_STREAMS.
https://flask-socketio.readthedocs.io/en/latest/deployment.html
"""

from infra.stack import WebStack


def use_socketio(stack: WebStack, *, queue: str, long_polling: bool = True) -> None:
    """Check the environment; `queue` names the variable or secret that holds the message queue's URL.

    Raises ValueError where a client's requests would reach processes that do not know it, and where one
    process would not learn what another emits.
    """
    environment = stack.parameters
    if queue not in {**environment.variables, **environment.secrets}:
        raise ValueError(
            f"environment '{environment.name}' has no {queue}, so what one process emits would not reach the "
            "clients of others: give the queue's URL in variables, or in secrets if it has a password"
        )
    if not long_polling:
        return
    if environment.tasks.gunicorn_workers > 1:
        raise ValueError(
            f"tasks.workers is {environment.tasks.gunicorn_workers}, and a client that polls reaches any of "
            "them: set workers to 1 and take more tasks, or let clients use WebSocket alone and set "
            "long_polling to False"
        )
    # Even with max=1 there are two tasks while a deployment replaces one.
    if environment.routing.sticky_s is None:
        raise ValueError(
            "routing.sticky_s is not set, and a client that polls reaches any task: set it, for example to "
            "3600, or let clients use WebSocket alone and set long_polling to False"
        )
