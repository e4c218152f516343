"""Make one health check, as a target group does."""

import http.client
import re
import ssl

from tools.local_cloud.runner.deployed import HealthCheck

_UNVERIFIED = ssl._create_unverified_context()  # noqa: S323, SLF001 (as load balancers do)


def probe(check: HealthCheck, port: int) -> str:
    """Return an empty string for a healthy answer, else what was wrong with it."""
    connection = _connect(check, port)
    try:
        connection.request("GET", check.path, headers={"User-Agent": "ELB-HealthChecker/2.0"})
        status = connection.getresponse().status
    except TimeoutError:
        return f"no answer to {check.path} on port {port} within {check.timeout_s} s"
    except (OSError, http.client.HTTPException) as error:
        return f"no answer to {check.path} on port {port}: {error}"
    finally:
        connection.close()
    return "" if accepts(check.codes, status) else f"{check.path} answered {status}, not {check.codes}"


def in_elb_words(problem: str) -> str:
    """Return what a target group gives as the reason for a problem.

    https://docs.aws.amazon.com/elasticloadbalancing/latest/application/check-target-health.html
    """
    if answered := re.search(r" answered (\d+),", problem):
        return f"Health checks failed with these codes: [{answered[1]}]"
    return "Request timed out" if is_silence(problem) else "Health checks failed"


def is_silence(problem: str) -> bool:
    """Say whether somebody took the connection and has not answered in time."""
    return " within " in problem


def _connect(check: HealthCheck, port: int) -> http.client.HTTPConnection:
    if check.protocol == "HTTPS":
        return http.client.HTTPSConnection("127.0.0.1", port, timeout=check.timeout_s, context=_UNVERIFIED)
    return http.client.HTTPConnection("127.0.0.1", port, timeout=check.timeout_s)


def accepts(codes: str, status: int) -> bool:
    """Tell whether a matcher such as `200`, `200,202` or `200-399` accepts a status."""
    for part in codes.split(","):
        low, _, high = part.partition("-")
        if int(low) <= status <= int(high or low):
            return True
    return False
