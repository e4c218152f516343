"""Define the targets of the autoscaler, and schedules with other bounds."""

import zoneinfo
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, Field, model_validator

from infra.parameters.model import Parameters, matching

# https://docs.aws.amazon.com/autoscaling/application/userguide/scheduled-scaling-using-cron-expressions.html
Cron = Annotated[
    str,
    matching(r"\S+( \S+){5}", "six fields such as '0 20 ? * MON-FRI *': minute hour day month weekday year"),
]
ScheduleName = Annotated[
    str, matching(r"[a-z][a-z0-9-]*", "lower-case letters, digits and '-', first a letter")
]


def _time_zone(value: str) -> str:
    if value not in zoneinfo.available_timezones():
        raise ValueError("must be a time zone such as Europe/Berlin")
    return value


TimeZoneName = Annotated[str, AfterValidator(_time_zone)]


class Schedule(Parameters):
    """Other bounds for the number of tasks, from a recurring time on, until the next schedule."""

    name: ScheduleName = Field(description="name, such as evening")
    cron: Cron = Field(description="time: minute hour day month weekday year")
    min: int = Field(ge=0, le=1000, description="fewest tasks from then on")
    max: int = Field(ge=0, le=1000, description="most tasks from then on")

    @model_validator(mode="after")
    def _min_is_at_most_max(self) -> Self:
        if self.min > self.max:
            raise ValueError(f"min ({self.min}) is more than max ({self.max}): raise max or lower min")
        return self


class ScalingTargets(Parameters):
    """The targets of the autoscaler, which adds tasks above any of them and removes some below all."""

    saturation_percent: int | None = Field(
        default=70, ge=10, le=95, description="share of busy threads, %, as the service itself reports it"
    )
    cpu_percent: int | None = Field(default=60, ge=10, le=90, description="average CPU of the tasks, %")
    memory_percent: int | None = Field(
        default=None, ge=10, le=90, description="average memory of the tasks, %"
    )
    requests_per_task_per_minute: int | None = Field(
        default=None, ge=1, description="requests at the load balancer"
    )
    response_time_s: float | None = Field(
        default=None, gt=0, description="average time to answer, measured at the load balancer"
    )
    out_cooldown_s: int = Field(default=60, ge=0, description="pause after adding tasks, seconds")
    in_cooldown_s: int = Field(default=300, ge=0, description="pause after removing tasks, seconds")
    fast_metrics: bool = Field(
        default=False, description="measure CPU and memory every 20 s instead of 60 s, paid by the metric"
    )
    predict: Literal["off", "forecast", "scale"] = Field(
        default="off",
        description="learn from two weeks of CPU: only show the forecast, or add tasks ahead of time",
    )
    schedules: tuple[Schedule, ...] = Field(default=(), description="other bounds at recurring times")
    time_zone: TimeZoneName = Field(default="Etc/UTC", description="time zone of the schedules")

    @property
    def reaches_zero(self) -> bool:
        """Return whether a schedule may leave no task at all."""
        return any(schedule.max == 0 for schedule in self.schedules)

    @model_validator(mode="after")
    def _something_is_kept(self) -> Self:
        targets = ("saturation_percent", "cpu_percent", "memory_percent")
        others = ("requests_per_task_per_minute", "response_time_s")
        if all(getattr(self, name) is None for name in (*targets, *others)):
            raise ValueError(f"there is no target to keep: set one of {', '.join((*targets, *others))}")
        if self.fast_metrics and self.cpu_percent is None and self.memory_percent is None:
            raise ValueError(
                "fast_metrics needs cpu_percent or memory_percent: set one, or fast_metrics to False"
            )
        if self.predict != "off" and self.cpu_percent is None:
            raise ValueError(
                f"predict is '{self.predict}', which forecasts CPU: set cpu_percent, or predict to 'off'"
            )
        names = [schedule.name for schedule in self.schedules]
        if len(set(names)) < len(names):
            raise ValueError(f"schedules are called {', '.join(names)}: give each a name of its own")
        return self
