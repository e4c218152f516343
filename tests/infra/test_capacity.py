import aws_cdk as cdk
import pytest
from aws_cdk import aws_ec2 as ec2
from aws_cdk.assertions import Template

from infra.compute.capacity import Capacity
from infra.parameters import Environment, Tasks
from tests.infra.parts import network


@pytest.fixture
def vpc(stack: cdk.Stack) -> ec2.IVpc:
    return network(stack).vpc


def capacity(
    stack: cdk.Stack, vpc: ec2.IVpc, *, spot: str = "never", container_insights: bool = False
) -> Capacity:
    tasks = Tasks.model_validate({"min": 2, "spot": spot})
    return Capacity(stack, "Capacity", vpc=vpc, tasks=tasks, container_insights=container_insights)


@pytest.mark.parametrize(
    ("spot", "fargate", "fargate_spot"),
    [("never", (0, 1), (None, 0)), ("above_min", (2, 0), (None, 1)), ("always", (0, 0), (None, 1))],
)
def test_spot_takes_only_the_tasks_it_may(
    stack: cdk.Stack,
    vpc: ec2.IVpc,
    spot: str,
    fargate: tuple[int, int],
    fargate_spot: tuple[int | None, int],
) -> None:
    shares = {
        strategy.capacity_provider: (strategy.base, strategy.weight)
        for strategy in capacity(stack, vpc, spot=spot).strategies
    }
    assert shares == {"FARGATE": fargate, "FARGATE_SPOT": fargate_spot}


def test_the_cluster_knows_both_providers(stack: cdk.Stack, vpc: ec2.IVpc) -> None:
    capacity(stack, vpc)
    Template.from_stack(stack).has_resource_properties(
        "AWS::ECS::ClusterCapacityProviderAssociations", {"CapacityProviders": ["FARGATE", "FARGATE_SPOT"]}
    )


@pytest.mark.parametrize(("asked", "setting"), [(True, "enhanced"), (False, "disabled")])
def test_container_insights_are_paid_for_only_when_asked(
    stack: cdk.Stack, vpc: ec2.IVpc, asked: bool, setting: str
) -> None:
    capacity(stack, vpc, container_insights=asked)
    Template.from_stack(stack).has_resource_properties(
        "AWS::ECS::Cluster", {"ClusterSettings": [{"Name": "containerInsights", "Value": setting}]}
    )


def test_what_surprises_owners_is_said_where_they_choose_it() -> None:
    spot, insights = Tasks.model_fields["spot"], Environment.model_fields["container_insights"]
    assert "when Spot is short: with 'above_min' scaling out waits then" in str(spot.description)
    assert "a few dollars a month for two tasks" in str(insights.description)
