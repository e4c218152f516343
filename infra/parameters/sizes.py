"""Derive how long a line of a request's head each server takes from what the load balancer passes on.

load balancer 16 KiB < proxy < Gunicorn, for the line of the request and for each header alike

Infra hands both numbers on as environment variables, so that they cannot disagree.
"""

# An Application Load Balancer takes a request line of 16 K, a header of 16 K, and 64 K of headers.
# https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-limits.html
ALB_LINE_BYTES = 16 * 1024
# The load balancer adds an address to X-Forwarded-For after it has checked its length; so does the proxy.
ADDED_BYTES = 1024
PROXY_LINE_BYTES = ALB_LINE_BYTES + ADDED_BYTES
GUNICORN_LINE_BYTES = PROXY_LINE_BYTES + ADDED_BYTES


def size_conflicts(
    *, proxy_line_bytes: int, gunicorn_line_bytes: int, proxy_body_bytes: int, gunicorn_body_bytes: int
) -> list[str]:
    """Return the symptom of each pair of sizes that disagrees; all values in bytes."""
    broken = []
    if proxy_line_bytes <= ALB_LINE_BYTES:
        broken.append(
            f"the proxy takes lines of {proxy_line_bytes} bytes in the head of a request, and the load "
            f"balancer passes on {ALB_LINE_BYTES}: visitors with many cookies or long URLs will see 431"
        )
    if gunicorn_line_bytes < proxy_line_bytes + ADDED_BYTES:
        broken.append(
            f"Gunicorn takes headers of {gunicorn_line_bytes} bytes, and the proxy passes on "
            f"{proxy_line_bytes} and what it adds: visitors with many cookies will see 431"
        )
    if proxy_body_bytes != gunicorn_body_bytes:
        broken.append(
            f"the proxy takes bodies of {proxy_body_bytes} bytes, and the app of {gunicorn_body_bytes}: "
            "uploads between the two will be refused late, or by the wrong server"
        )
    return broken
