"""Fix the ports on which the proxy and Gunicorn listen in a task."""

# Gunicorn listens on 127.0.0.1 alone, so that no request gets around the proxy.
APP_PORT = 8001


def task_port(*, tls: bool) -> int:
    """Return the port on which the load balancer reaches a task; uid 10001 may not listen below 1024."""
    return 8443 if tls else 8000
