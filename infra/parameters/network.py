"""Network: a new VPC, or one that is there already."""

import ipaddress
from typing import Literal, Self

from pydantic import Field, field_validator, model_validator

from infra.parameters.egress import Egress, PublicIps
from infra.parameters.formats import Cidr, LogDays, SecurityGroupId, SubnetId, VpcId
from infra.parameters.model import Parameters


class NewVpc(Parameters):
    """A VPC over the environment's zones, with public subnets and such others as are asked for."""

    egress: Egress = Field(default=PublicIps(), description="how tasks reach out")
    cidr: Cidr = Field(default="10.0.0.0/16", description="its IPv4 addresses: a network of /16 to /22")
    data_subnets: bool = Field(default=False, description="subnets without any way out, for databases")
    dual_stack: bool = Field(default=False, description="IPv6 beside IPv4, on the load balancer too")
    log_days: LogDays | None = Field(
        default=None, description="1, 3, 5, 7, 14, 30 ... days of flow log; else there is none"
    )

    @field_validator("cidr")
    @classmethod
    def _has_room(cls, value: str) -> str:
        network = ipaddress.ip_network(value)
        # Below /22, six zones of subnets that a load balancer accepts (/27) do not fit.
        if network.version != 4 or not 16 <= network.prefixlen <= 22:
            raise ValueError("must be an IPv4 network of /16 to /22")
        return value


class ExistingVpc(Parameters):
    """A VPC that is there already, given by ids, because a synth looks nothing up.

    Its subnets' routes are its owner's: private subnets need a NAT gateway or the endpoints that
    `TASK_ENDPOINTS` lists. It costs nothing here.
    """

    vpc_id: VpcId = Field(description="its id")
    cidr: Cidr = Field(description="its addresses")
    public_subnet_ids: tuple[SubnetId, ...] = Field(
        default=(), description="one per zone, in the order of availability_zones"
    )
    private_subnet_ids: tuple[SubnetId, ...] = Field(default=(), description="the same")
    tasks_in: Literal["private", "public"] = Field(default="private", description="where tasks run")
    task_security_group_ids: tuple[SecurityGroupId, ...] = Field(
        default=(), description="more groups that tasks are in, such as one your database admits"
    )

    @model_validator(mode="after")
    def _has_subnets_for_tasks(self) -> Self:
        if not getattr(self, f"{self.tasks_in}_subnet_ids"):
            raise ValueError(
                f"tasks_in is '{self.tasks_in}', but {self.tasks_in}_subnet_ids is empty: "
                "give one id per zone, or set tasks_in to the kind of subnets there are"
            )
        return self
