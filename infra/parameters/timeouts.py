"""Derive every timeout of the stack from one number, the longest request."""

from typing import ClassVar

from pydantic import Field

from infra.parameters.model import Parameters

# https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task_definition_parameters.html (stopTimeout)
FARGATE_MAX_STOP_TIMEOUT_S = 120
# https://docs.aws.amazon.com/AmazonECS/latest/developerguide/fargate-capacity-providers.html
SPOT_WARNING_S = 120
# Seconds for Gunicorn to close its sockets and end after its last request, before ECS kills it.
EXIT_RESERVE_S = 5
# Seconds for which a task accepts requests after SIGTERM, so that none is lost if the load balancer lags 2 s.
LAME_DUCK_S = 3
LONGEST_GRACEFUL_S = FARGATE_MAX_STOP_TIMEOUT_S - LAME_DUCK_S - EXIT_RESERVE_S


class Timeouts(Parameters):
    """The timeout chain in seconds.

    keep-alive > idle > longest request = drain; lame duck + graceful < stop <= 120

    Gunicorn's half goes to the container as environment variables, so the two halves cannot disagree.
    """

    longest_request_s: int = Field(default=30, ge=5, le=FARGATE_MAX_STOP_TIMEOUT_S)
    existing_idle_s: int | None = Field(
        default=None, description="idle timeout of a load balancer that this stack does not own"
    )

    def behind(self, owner: "Timeouts") -> "Timeouts":
        """Return the timeouts for the same longest request behind the load balancer of `owner`."""
        return Timeouts(longest_request_s=self.longest_request_s, existing_idle_s=owner.alb_idle_s)

    @property
    def alb_idle_s(self) -> int:
        """Return ALB's idle timeout: if a task sends nothing for this long, the client gets 504.

        At least 60 s, ALB's default.
        """
        return self.existing_idle_s or max(60, self.longest_request_s + 5)

    @property
    def keepalive_s(self) -> int:
        """Return the proxy's keep-alive, above ALB's idle timeout.

        Otherwise the load balancer could send a request on a connection that the proxy has just closed.
        """
        return self.alb_idle_s + 15

    @property
    def gunicorn_timeout_s(self) -> int:
        """Return the time after which Gunicorn replaces a worker whose threads all hang."""
        return max(30, self.longest_request_s + 10)

    @property
    def deregistration_delay_s(self) -> int:
        """Return the time for which a deregistered task may finish its requests before SIGTERM."""
        return self.longest_request_s

    @property
    def gunicorn_graceful_timeout_s(self) -> int:
        """Return the time that requests get to finish, once a stopping task has closed its port."""
        return min(self.longest_request_s, LONGEST_GRACEFUL_S)

    @property
    def stop_timeout_s(self) -> int:
        """Return the time from SIGTERM to SIGKILL."""
        return self.lame_duck_s + self.gunicorn_graceful_timeout_s + EXIT_RESERVE_S

    lame_duck_s: ClassVar[int] = LAME_DUCK_S

    @property
    def warning(self) -> str | None:
        """Return a sentence if Fargate may cut the longest requests short, or None."""
        cut_s = self.longest_request_s - self.gunicorn_graceful_timeout_s
        if not cut_s:
            return None
        return (
            f"longest_request_s is {self.longest_request_s}, and Fargate ends a task "
            f"{FARGATE_MAX_STOP_TIMEOUT_S} s after SIGTERM: a request may be cut {cut_s} s short. "
            f"At most {LONGEST_GRACEFUL_S} avoids that."
        )

    @property
    def fits_spot(self) -> bool:
        """Return whether draining and stopping fit into the two minutes' notice for Spot tasks."""
        return self.deregistration_delay_s + self.stop_timeout_s <= SPOT_WARNING_S

    @classmethod
    def longest_for_spot(cls) -> int:
        """Return the longest request, in seconds, that fits into the notice for Spot tasks."""
        return (SPOT_WARNING_S - LAME_DUCK_S - EXIT_RESERVE_S) // 2


def timeout_conflicts(
    *,
    alb_idle_s: int,
    keepalive_s: int | None,
    deregistration_delay_s: int,
    gunicorn_graceful_timeout_s: int,
    lame_duck_s: int,
    stop_timeout_s: int,
    server: str = "Gunicorn",
) -> list[str]:
    """Return the symptom of each pair of timeouts that disagrees; all values in seconds.

    `server` is Gunicorn or the proxy before it, which alone keeps connections of the load balancer.
    """
    broken = []
    if keepalive_s is not None and keepalive_s <= alb_idle_s:
        broken.append(
            f"{server}'s keep-alive of {keepalive_s} s is not above the load balancer's idle "
            f"timeout of {alb_idle_s} s: clients will see random 502s"
        )
    if alb_idle_s <= deregistration_delay_s:
        broken.append(
            f"the load balancer's idle timeout of {alb_idle_s} s is not above the deregistration delay of "
            f"{deregistration_delay_s} s: clients will see 504 for requests that a task is left to finish"
        )
    # If the drain takes all the time that Fargate gives, Timeouts.warning reports the missing seconds.
    if gunicorn_graceful_timeout_s < min(deregistration_delay_s, LONGEST_GRACEFUL_S):
        broken.append(
            f"{server}'s graceful timeout of {gunicorn_graceful_timeout_s} s is below the deregistration "
            f"delay of {deregistration_delay_s} s: a deployment will cut the longest requests"
        )
    if stop_timeout_s <= lame_duck_s + gunicorn_graceful_timeout_s:
        broken.append(
            f"the stop timeout of {stop_timeout_s} s is not above {server}'s lame duck of "
            f"{lame_duck_s} s and graceful timeout of {gunicorn_graceful_timeout_s} s: "
            f"ECS will kill requests that {server} is still finishing"
        )
    if stop_timeout_s > FARGATE_MAX_STOP_TIMEOUT_S:
        broken.append(
            f"the stop timeout of {stop_timeout_s} s is above Fargate's {FARGATE_MAX_STOP_TIMEOUT_S} s: "
            "ECS will refuse the task definition"
        )
    return broken
