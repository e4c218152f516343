"""Derive the timeouts of other clouds from the longest request, as infra/parameters/timeouts.py does for AWS.

There all containers of an instance get SIGTERM at once; on Fargate the proxy gets it first. So Gunicorn
serves on until the proxy has ended, and only then closes its port.
"""

from typing import ClassVar

from infra.parameters import Environment, Google, Place, Timeouts

# https://docs.cloud.google.com/run/docs/container-contract (forced termination)
CLOUD_RUN_STOP_S = 10
# Seconds for Gunicorn to end once the proxy has: its last lines of the log, and its exit.
LAST_S = 1
# What the ends of proxy and Gunicorn took beyond their timeouts with ten programs on two cores, rounded up.
STARVED_S = 3
# A job stops itself after its time (service/kit/job.py); the place ends one that has not.
JOB_RESERVE_S = 30


class ElsewhereTimeouts(Timeouts):
    """The chain of a place: its front end's idle time, and the time from SIGTERM to SIGKILL."""

    front_idle_s: ClassVar[int]
    longest_allowed_s: ClassVar[int]

    @property
    def alb_idle_s(self) -> int:
        """Return how long the place's front end keeps a connection on which nothing is sent."""
        return self.front_idle_s

    @property
    def app_lame_duck_s(self) -> int:
        """Return for how long Gunicorn accepts after SIGTERM: until the proxy has closed its last request."""
        return self.lame_duck_s + self.gunicorn_graceful_timeout_s

    @property
    def stop_timeout_s(self) -> int:
        """Return the time from SIGTERM to SIGKILL."""
        return self.app_lame_duck_s + LAST_S + 5

    @property
    def warning(self) -> str | None:
        """Return a sentence if the place may cut the longest requests short, or None."""
        cut_s = self.longest_request_s - self.gunicorn_graceful_timeout_s
        if cut_s <= 0:
            return None
        return (
            f"longest_request_s is {self.longest_request_s}, and an instance that is stopped ends "
            f"{self.stop_timeout_s} s after SIGTERM: a request that it has then may be cut {cut_s} s short"
        )


class CloudRunTimeouts(ElsewhereTimeouts):
    """Cloud Run's chain; it stops sending requests to an instance before it sends SIGTERM."""

    # https://docs.cloud.google.com/load-balancing/docs/https (backend keep-alive, 600 s)
    front_idle_s: ClassVar[int] = 600
    longest_allowed_s: ClassVar[int] = 3600
    lame_duck_s: ClassVar[int] = 1

    @property
    def gunicorn_graceful_timeout_s(self) -> int:
        """Return what is left of ten seconds for requests, so that the end is in time at little CPU."""
        return min(self.longest_request_s, CLOUD_RUN_STOP_S - self.lame_duck_s - LAST_S - STARVED_S)

    @property
    def stop_timeout_s(self) -> int:
        """Return Cloud Run's own, which cannot be set."""
        return CLOUD_RUN_STOP_S


class ContainerAppTimeouts(ElsewhereTimeouts):
    """The chain of Container Apps, whose ingress ends each request at 240 s."""

    # https://learn.microsoft.com/en-us/azure/container-apps/ingress-overview
    front_idle_s: ClassVar[int] = 240
    longest_allowed_s: ClassVar[int] = 240

    @property
    def gunicorn_graceful_timeout_s(self) -> int:
        """Return the longest request: the grace period can be set, to more than Fargate's 120 s."""
        return self.longest_request_s


def timeouts(environment: Environment, place: Place) -> ElsewhereTimeouts:
    """Return the timeouts of an environment in a place."""
    chain = CloudRunTimeouts if isinstance(place, Google) else ContainerAppTimeouts
    return chain(longest_request_s=environment.longest_request_s)
