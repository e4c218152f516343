"""Timeouts: one number, the longest request, derives every timeout of the stack."""

from typing import ClassVar

from pydantic import Field

from infra.parameters.model import Parameters

# https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task_definition_parameters.html (stopTimeout)
FARGATE_MAX_STOP_TIMEOUT_S = 120
# https://docs.aws.amazon.com/AmazonECS/latest/developerguide/fargate-capacity-providers.html
SPOT_WARNING_S = 120
# What Gunicorn needs after its last request to close sockets and leave before ECS kills it.
EXIT_RESERVE_S = 5
# After SIGTERM a task goes on accepting for so long: with a balancer that lags by 2 s, nothing is lost.
LAME_DUCK_S = 3
LONGEST_GRACEFUL_S = FARGATE_MAX_STOP_TIMEOUT_S - LAME_DUCK_S - EXIT_RESERVE_S


class Timeouts(Parameters):
    """The timeout chain in seconds.

    keep-alive > idle > longest request = drain; lame duck + graceful < stop <= 120

    Gunicorn's half goes to the container as environment variables, so the two halves cannot disagree.
    """

    longest_request_s: int = Field(default=30, ge=5, le=FARGATE_MAX_STOP_TIMEOUT_S)
    existing_idle_s: int | None = Field(
        default=None, description="of a load balancer that is not ours to set"
    )

    def behind(self, owner: "Timeouts") -> "Timeouts":
        """The same longest request behind the load balancer of `owner`."""
        return Timeouts(longest_request_s=self.longest_request_s, existing_idle_s=owner.alb_idle_s)

    @property
    def alb_idle_s(self) -> int:
        """A response silent for longer is answered 504 by the load balancer; 60 is its own default."""
        return self.existing_idle_s or max(60, self.longest_request_s + 5)

    @property
    def gunicorn_keepalive_s(self) -> int:
        """Above the idle timeout: the load balancer must not reuse a connection Gunicorn just closed."""
        return self.alb_idle_s + 15

    @property
    def gunicorn_timeout_s(self) -> int:
        """A worker silent for this long is replaced; ours is silent while all its threads hang."""
        return max(30, self.longest_request_s + 10)

    @property
    def deregistration_delay_s(self) -> int:
        """How long a deregistered task may finish its requests before SIGTERM."""
        return self.longest_request_s

    @property
    def gunicorn_graceful_timeout_s(self) -> int:
        """How long a request may still run after the lame duck, which begins with SIGTERM."""
        return min(self.longest_request_s, LONGEST_GRACEFUL_S)

    @property
    def stop_timeout_s(self) -> int:
        """From SIGTERM to SIGKILL."""
        return self.lame_duck_s + self.gunicorn_graceful_timeout_s + EXIT_RESERVE_S

    lame_duck_s: ClassVar[int] = LAME_DUCK_S

    @property
    def warning(self) -> str | None:
        """What a reviewer should know about this longest request, or None."""
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
        """Whether draining and stopping fit into the warning that comes before a Spot task is taken."""
        return self.deregistration_delay_s + self.stop_timeout_s <= SPOT_WARNING_S

    @classmethod
    def longest_for_spot(cls) -> int:
        """The longest request, in seconds, that Spot's warning leaves room for."""
        return (SPOT_WARNING_S - LAME_DUCK_S - EXIT_RESERVE_S) // 2


def timeout_conflicts(
    *,
    alb_idle_s: int,
    gunicorn_keepalive_s: int,
    deregistration_delay_s: int,
    gunicorn_graceful_timeout_s: int,
    lame_duck_s: int,
    stop_timeout_s: int,
    server: str = "Gunicorn",
) -> list[str]:
    """Name the symptom of each pair of timeouts that disagrees; all values in seconds.

    `server` is what the load balancer talks to: Gunicorn or the proxy before it.
    """
    broken = []
    if gunicorn_keepalive_s <= alb_idle_s:
        broken.append(
            f"{server}'s keep-alive of {gunicorn_keepalive_s} s is not above the load balancer's idle "
            f"timeout of {alb_idle_s} s: clients will see random 502s"
        )
    if alb_idle_s <= deregistration_delay_s:
        broken.append(
            f"the load balancer's idle timeout of {alb_idle_s} s is not above the deregistration delay of "
            f"{deregistration_delay_s} s: clients will see 504 for requests that a task is left to finish"
        )
    # Where the drain takes all that Fargate gives, Timeouts.warning tells of the seconds missing here.
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
