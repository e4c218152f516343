"""Calculate what one task can take: threads and CPU, without queues."""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Task:
    """A task of `slots` Gunicorn threads on `vcpu`, for requests of `request_s` that need `cpu_s` of CPU.

    Busy slots are arrival rate times request time, Little's law:
    https://docs.aws.amazon.com/AmazonECS/latest/developerguide/capacity-autoscaling-best-practice.html
    """

    slots: int
    vcpu: float
    request_s: float
    cpu_s: float

    @property
    def capacity_rps(self) -> float:
        """Return the requests per second that keep all threads or all CPU busy, whichever comes first."""
        return min(self.slots / self.request_s, self.vcpu / self.cpu_s)

    @property
    def limit(self) -> str:
        """Return what a task runs out of first: threads or CPU."""
        return "threads" if self.slots / self.request_s < self.vcpu / self.cpu_s else "CPU"

    def cpu_percent(self, rps: float) -> float:
        """Return the CPU in use at this rate; requests beyond capacity are refused and cost none."""
        return 100 * min(rps, self.capacity_rps) * self.cpu_s / self.vcpu

    def saturation_percent(self, rps: float) -> float:
        """Return busy slots in %; beyond capacity all are, since requests that wait for CPU hold theirs."""
        return 100.0 if rps > self.capacity_rps else 100 * rps * self.request_s / self.slots
