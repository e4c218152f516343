"""Check all parameters of one deployment together."""

from typing import Self

from pydantic import model_validator

from infra.parameters.combinations import contradiction
from infra.parameters.fields import EnvironmentFields
from infra.parameters.tasks import COLLECTOR_MIB, PROXY_MIB
from infra.parameters.timeouts import SPOT_WARNING_S, Timeouts


class Environment(EnvironmentFields):
    """A deployment of the service, which has a CloudFormation stack of its own.

    Raises ValidationError for values that are wrong or contradict each other; the message has the values
    given and what to set instead.
    """

    @model_validator(mode="after")
    def _zones_are_in_the_region(self) -> Self:
        strangers = [zone for zone in self.availability_zones if zone[:-1] != self.region]
        if strangers:
            raise ValueError(
                f"availability_zones {', '.join(strangers)} are not in region '{self.region}': "
                f"use zones such as {self.region}a"
            )
        return self

    @model_validator(mode="after")
    def _sidecars_have_names_of_their_own(self) -> Self:
        names = [sidecar.name for sidecar in self.sidecars]
        if len(set(names)) < len(names):
            raise ValueError(f"sidecars are called {', '.join(names)}: give each a name of its own")
        return self

    @model_validator(mode="after")
    def _sidecars_fit_the_memory(self) -> Self:
        tasks, proxy_mib = self.tasks, PROXY_MIB[self.proxy]
        gunicorn_mib = tasks.needed_mib(self.max_body_mib)
        collector_mib = COLLECTOR_MIB if self.trace_percent else 0
        others_mib = sum(sidecar.memory_mib for sidecar in self.sidecars)
        if gunicorn_mib + proxy_mib + collector_mib + others_mib > tasks.memory_mib:
            collector = f", trace_percent {self.trace_percent:g} {collector_mib} MiB" if collector_mib else ""
            collector += f", sidecars {others_mib} MiB" if others_mib else ""
            raise ValueError(
                f"proxy is '{self.proxy}' and needs {proxy_mib} MiB{collector} beside Gunicorn's "
                f"{gunicorn_mib} MiB with max_body_mib {self.max_body_mib}, but tasks.memory_mib is "
                f"{tasks.memory_mib}: raise it, or lower workers, threads, max_body_mib or trace_percent"
            )
        return self

    @model_validator(mode="after")
    def _spot_tasks_can_drain(self) -> Self:
        if self.tasks.spot != "never" and not self.timeouts.fits_spot:
            raise ValueError(
                f"longest_request_s is {self.longest_request_s} and tasks.spot is '{self.tasks.spot}', but "
                f"a Spot task has {SPOT_WARNING_S} s to drain and stop: set tasks.spot to 'never', or "
                f"longest_request_s to {Timeouts.longest_for_spot()} or less"
            )
        return self

    @model_validator(mode="after")
    def _parts_agree(self) -> Self:
        if problem := contradiction(self):
            raise ValueError(problem)
        return self
