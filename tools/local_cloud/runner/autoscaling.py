"""Play the autoscaler: what the tasks report goes to the deployed policies, which set the desired count.

The arithmetic of the policies is the rehearsal's (tools/rehearsal/autoscaler.py). In each second of this
machine `speed` seconds of the autoscaler pass, so that nobody has to wait for its 15 minutes; 0 stops it.
"""

from collections.abc import Callable, Collection, Iterable
from functools import cache
from typing import Any

from tools.local_cloud.runner.measures import LAG_S, Measures
from tools.local_cloud.runner.rollout import Rollout
from tools.local_cloud.runner.scaling_policies import Scalable, scalable
from tools.local_cloud.runner.step_policies import Queues, Stepped
from tools.rehearsal.autoscaler import Autoscaler
from tools.rehearsal.policies import Metric
from tools.rehearsal.steps import Stepping

# A datapoint acts 153 s after its minute: with more than this ours would come later than AWS's.
MOST_SPEED = 12
_READ_EVERY_S = 5
_KEPT_ACTIVITIES = 5


class Playing:
    """One service's autoscaler and its own time, in seconds since it began."""

    def __init__(self, of: Scalable, *, desired: int) -> None:
        self.of = of
        self.autoscaler = Autoscaler(of.policies, desired=desired)
        self.stepping = Stepping(
            tuple(each.policy for each in of.steps),
            min_tasks=of.policies.min_tasks,
            max_tasks=of.policies.max_tasks,
        )
        self._second = 0

    def advance(
        self,
        seconds: int,
        values: dict[Metric, float | None],
        measure: Callable[[Stepped], float | None],
        *,
        desired: int,
        may_remove: bool,
    ) -> int:
        """Play some seconds in which the metrics had these values; return the desired count after them.

        What steps look at is measured where their period ends.
        """
        for _ in range(seconds):
            if self.of.policies.tracked:
                self.autoscaler.desired = desired
                desired = self.autoscaler.decide(self._second, may_remove=may_remove)
                for alarms in self.autoscaler.alarms:
                    alarms.observe(self._second, values.get(alarms.policy.metric))
            due = [each for each in self.of.steps if (self._second + 1) % each.policy.period_s == 0]
            found = {each.policy.name: measure(each) for each in due}
            desired = self.stepping.decide(self._second, found, desired=desired, may_remove=may_remove)
            self._second += 1
        return desired

    def why(self, *, more: bool) -> str:
        """Return which alarms are on, with their last datapoint and their target or threshold."""
        tracked = [each for each in self.autoscaler.alarms if (each.high if more else each.low)]
        steps = [
            each for each in self.stepping.policies if each.above == more and self.stepping.alarmed(each)
        ]
        return ", ".join(
            [
                *(
                    f"{each.policy.metric} {each.latest or 0:.0f} of {each.policy.target:g}"
                    for each in tracked
                ),
                *(
                    f"{each.name} {self.stepping.latest[each.name]:.0f} of {each.threshold:g}"
                    for each in steps
                ),
            ]
        )

    def as_json(self, desired: int) -> dict[str, Any]:
        """Return what a person may see of it."""
        return {
            "service": self.of.resource.rpartition("/")[2],
            "desired": desired,
            "fewest": self.of.policies.min_tasks,
            "most": self.of.policies.max_tasks,
            "not_played": list(self.of.not_played),
            "metrics": [
                {
                    "metric": each.policy.metric,
                    "target": each.policy.target,
                    "latest": each.latest,
                    "alarm": "high" if each.high else "low" if each.low else "",
                }
                for each in self.autoscaler.alarms
            ]
            + [
                {
                    "metric": each.name,
                    "target": each.threshold,
                    "latest": self.stepping.latest.get(each.name),
                    "alarm": ("high" if each.above else "low") if self.stepping.alarmed(each) else "",
                }
                for each in self.stepping.policies
            ],
        }


class Autoscaling:
    """The autoscalers of all services; `client` makes boto3's client of a service, which takes a moment."""

    def __init__(self, client: Callable[[str], Any]) -> None:
        self._client = cache(client)
        self.measures = Measures()
        self._playing: dict[str, Playing] = {}
        self._speed = 0
        self._read_at = self._sampled_at = 0.0
        self._played = 0
        self.activities: list[dict[str, Any]] = []

    def step(self, rollouts: Collection[Rollout], *, now: float, speed: int) -> None:
        """Play the whole seconds up to `now` less what metrics are late; `now` is the time of day."""
        if speed != self._speed:
            # Its minutes are others now: it begins anew.
            self._speed, self._playing, self._read_at = speed, {}, 0.0
        if not speed:
            self.measures.forget(int(now))
            return
        if not 0 <= now - self._read_at < _READ_EVERY_S:
            self._read_at = now
            self._read(rollouts)
        if now - self._sampled_at >= 1:
            self._sampled_at = now
            self._sample(rollouts, now)
        due = int(now) - LAG_S
        # After a sleep of this machine there are no values to play.
        for second in range(max(self._played + 1, due - LAG_S), due + 1):
            for rollout in rollouts:
                self._play(rollout, second, now)
        if due > self._played:
            self._played = due
            self.measures.forget(due)

    def _read(self, rollouts: Iterable[Rollout]) -> None:
        alarms = self._client("cloudwatch").describe_alarms(MaxRecords=100)["MetricAlarms"]
        found = scalable(self._client("application-autoscaling"), alarms, lag_s=self._speed * LAG_S)
        for rollout in rollouts:
            resource = resource_of(rollout)
            of, known = found.get(resource), self._playing.get(resource)
            if of and (of.policies.tracked or of.steps) and (not known or known.of != of):
                self._playing[resource] = Playing(of, desired=rollout.service.desired)
            elif not of:
                self._playing.pop(resource, None)

    def _sample(self, rollouts: Iterable[Rollout], now: float) -> None:
        live = [
            (task, rollout.launcher.vcpu(task.definition))
            for rollout in rollouts
            for task in rollout.tasks
            if task.status in {"PENDING", "RUNNING"}
        ]
        sessions = {task.id: [each.pid for each in task.started.values()] for task, _ in live}
        self.measures.sample(now, sessions, {task.id: vcpu for task, vcpu in live})

    def _play(self, rollout: Rollout, second: int, now: float) -> None:
        playing, service = self._playing.get(resource_of(rollout)), rollout.service
        # A service that somebody has set to 0, as the one that sleeps, is left alone.
        if not playing or not service.desired:
            return
        tasks = [task.id for task in rollout.tasks if task.status == "RUNNING"]
        metrics = [each.policy.metric for each in playing.autoscaler.alarms]
        wanted = playing.advance(
            self._speed,
            {metric: self.measures.of(metric, tasks, second) for metric in metrics},
            lambda of: Queues(self._client("sqs")).value(of, running=len(tasks)),
            desired=service.desired,
            may_remove=rollout.breaker.state != "IN_PROGRESS",
        )
        if wanted != service.desired:
            self._set(rollout, playing, wanted, now)

    def _set(self, rollout: Rollout, playing: Playing, wanted: int, now: float) -> None:
        service = rollout.service
        self._client("ecs").update_service(cluster=service.cluster, service=service.name, desiredCount=wanted)
        why = playing.why(more=wanted > service.desired)
        rollout.say(f"was set from {service.desired} to {wanted} tasks by its scaling policies: {why}.")
        self.activities.append(
            {
                "resource": playing.of.resource,
                "at": now,
                "from": service.desired,
                "to": wanted,
                "cause": why,
            }
        )
        # Until the next reading of the services, this is what is deployed.
        rollout.rescaled(wanted)

    def as_json(self, rollouts: Iterable[Rollout]) -> dict[str, Any]:
        """Return what a person may see."""
        found = [(self._playing.get(resource_of(each)), each.service.desired) for each in rollouts]
        return {
            "speed": self._speed,
            "services": [playing.as_json(desired) for playing, desired in found if playing],
            "activities": self.activities[-_KEPT_ACTIVITIES:],
        }


def resource_of(rollout: Rollout) -> str:
    """Return the id that Application Auto Scaling has for a service."""
    return f"service/{rollout.service.cluster.rpartition('/')[2]}/{rollout.service.name}"
