"""Scaling: what the autoscaler keeps."""

from pydantic import Field

from infra.parameters import Parameters


class ScalingTargets(Parameters):
    """What the autoscaler keeps: it adds a task above any target and removes one below all of them."""

    cpu_percent: int = Field(default=60, ge=10, le=90, description="average CPU of the tasks, %")
    requests_per_task_per_minute: int = Field(
        default=1000, ge=1, description="1000 keep 16 threads half busy at half a second each"
    )
    out_cooldown_s: int = Field(default=60, ge=0, description="pause after adding tasks, s")
    in_cooldown_s: int = Field(default=300, ge=0, description="pause after removing tasks, s")
