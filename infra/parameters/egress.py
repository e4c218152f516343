"""Define the ways from tasks in a new VPC to AWS and the internet, with the cost of each.

Costs are list prices of us-east-1 in June 2026, for a month of 730 hours; most other regions cost 5 to 20 %
more. https://aws.amazon.com/vpc/pricing/
"""

from pydantic import Field

from infra.parameters.model import Parameters


class PublicIps(Parameters):
    """Tasks in public subnets, each with a public IPv4 address; only the load balancer may connect to it.

    Fixed cost: none. The address of each running task costs $3.65 a month.
    """


class NatGateways(Parameters):
    """Tasks in private subnets, which go out through NAT gateways; one per zone survives the loss of a zone.

    Fixed cost: $36.50 a month for each gateway with its address, and $0.045 for each GB.
    """

    count: int = Field(ge=1, description="number of NAT gateways, at most one for each zone")


class RegionalNat(Parameters):
    """Tasks in private subnets, which go out through one NAT gateway that AWS spreads over their zones.

    Fixed cost: $36.50 a month for each zone in which tasks run, and $0.045 for each GB.
    https://docs.aws.amazon.com/vpc/latest/userguide/nat-gateways-regional.html
    """


class Endpoints(Parameters):
    """Tasks in private subnets with no way to the internet, only to the AWS services named here.

    Fixed cost: $7.30 a month for each endpoint in each zone: $73 with the five that every task needs and two
    zones. S3's gateway, through which images come, is free.
    """

    services: tuple[str, ...] = Field(
        default=(), description="further AWS services that your app calls, such as sqs or monitoring"
    )


# The endpoints that ECS needs to start a task without the internet and to write its log; image layers come
# from S3, and metrics are log lines.
# https://docs.aws.amazon.com/AmazonECS/latest/developerguide/vpc-endpoints.html
TASK_ENDPOINTS = ("ecr.api", "ecr.dkr", "logs", "secretsmanager", "ssm")
# The endpoint for a shell in a task. https://docs.aws.amazon.com/AmazonECS/latest/developerguide/ecs-exec.html
EXEC_ENDPOINT = "ssmmessages"

Egress = PublicIps | NatGateways | RegionalNat | Endpoints
