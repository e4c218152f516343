"""Compare the sizes that load balancer, proxy and Gunicorn take: rule `sizes`."""

from collections.abc import Iterator
from itertools import product

from infra.parameters import size_conflicts
from infra.policy.template import Container, Finding, Properties, containers, number


def size_findings(template: Properties) -> Iterator[Finding]:
    """Yield each pair of sizes that disagrees, for tasks with the kit's variables."""
    every = list(containers(template))
    for proxy, app in product(every, every):
        if proxy.logical_id == app.logical_id:
            yield from _between(proxy, app)


def _between(proxy: Container, app: Container) -> Iterator[Finding]:
    proxy_line, app_line, proxy_body, app_body = (
        number(container.variables.get(name))
        for name, container in (
            ("HEADER_LINE_BYTES", proxy),
            ("GUNICORN_HEADER_LINE_BYTES", app),
            ("MAX_CONTENT_LENGTH_BYTES", proxy),
            ("MAX_CONTENT_LENGTH_BYTES", app),
        )
    )
    if proxy_line is None or app_line is None or proxy_body is None or app_body is None:
        return
    for sentence in size_conflicts(
        proxy_line_bytes=proxy_line,
        gunicorn_line_bytes=app_line,
        proxy_body_bytes=proxy_body,
        gunicorn_body_bytes=app_body,
    ):
        yield Finding("sizes", proxy.logical_id, sentence)
