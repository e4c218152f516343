"""Define the network: a new VPC or an existing one."""

import ipaddress
from typing import Literal, Self

from pydantic import Field, field_validator, model_validator

from infra.parameters.egress import Egress, PublicIps
from infra.parameters.formats import Cidr, LogDays, SecurityGroupId, SubnetId, VpcId
from infra.parameters.model import Parameters


class NewVpc(Parameters):
    """A new VPC in the environment's zones, with public subnets and those that the parameters ask for."""

    egress: Egress = Field(default=PublicIps(), description="how tasks reach AWS and the internet")
    cidr: Cidr = Field(
        default="10.0.0.0/16",
        description="IPv4 addresses of the VPC, a network of /16 to /22; VPCs with the same ones can "
        "never be connected, and a change makes a new VPC",
    )
    data_subnets: bool = Field(default=False, description="add subnets without any way out, for databases")
    dual_stack: bool = Field(default=False, description="IPv6 beside IPv4, also on the load balancer")
    log_days: LogDays | None = Field(
        default=None,
        description="days to keep the flow log: 1, 3, 5, 7, 14, 30 ...; by default there is none",
    )

    @field_validator("cidr")
    @classmethod
    def _has_room(cls, value: str) -> str:
        network = ipaddress.ip_network(value)
        # In less than a /22, six zones do not fit with subnets of /27, the smallest for a load balancer.
        if network.version != 4 or not 16 <= network.prefixlen <= 22:
            raise ValueError("must be an IPv4 network of /16 to /22")
        return value


class ExistingVpc(Parameters):
    """An existing VPC, given by its ids, because a synth asks AWS for nothing.

    Its owner decides on routes: private subnets need a NAT gateway, or the endpoints in `TASK_ENDPOINTS`
    (infra/parameters/egress.py).
    """

    vpc_id: VpcId = Field(description="id of the VPC")
    cidr: Cidr = Field(description="IPv4 addresses of the VPC")
    public_subnet_ids: tuple[SubnetId, ...] = Field(
        default=(), description="one for each zone, in the order of availability_zones"
    )
    private_subnet_ids: tuple[SubnetId, ...] = Field(
        default=(), description="one for each zone, in the same order"
    )
    tasks_in: Literal["private", "public"] = Field(
        default="private", description="kind of subnet in which tasks run"
    )
    task_security_group_ids: tuple[SecurityGroupId, ...] = Field(
        default=(), description="further security groups of tasks, such as one that your database admits"
    )

    @model_validator(mode="after")
    def _has_subnets_for_tasks(self) -> Self:
        if not getattr(self, f"{self.tasks_in}_subnet_ids"):
            raise ValueError(
                f"tasks_in is '{self.tasks_in}', but {self.tasks_in}_subnet_ids is empty: "
                "give one id per zone, or set tasks_in to the kind of subnets there are"
            )
        return self
