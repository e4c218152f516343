"""Test that the emulator refuses, in AWS's words, what AWS refuses at run time."""

import itertools
import json
from collections.abc import Iterator
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.local_cloud.bare import bare
from tests.wait import wait_for
from tools.local_cloud.cloud import Cloud
from tools.local_cloud.state import State

PREFIX_LIST = "pl-4fa04526"
_numbers = itertools.count(1)


@pytest.fixture(scope="module")
def cloud(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cloud]:
    """Start an emulator with one load balancer and a listener."""
    running = bare(State(tmp_path_factory.mktemp("refusals")), "eu-west-1", runner=False)
    yield running.cloud
    running.emulator.stop(grace_s=5)


@pytest.fixture
def listener(cloud: Cloud) -> dict[str, str]:
    """Make a load balancer with a listener for one test, which may delete it."""
    elb = cloud.client("elbv2")
    name = f"web-{next(_numbers)}"
    [balancer] = elb.create_load_balancer(Name=name, Subnets=["subnet-1"])["LoadBalancers"]
    answer = {"Type": "fixed-response", "FixedResponseConfig": {"StatusCode": "404"}}
    [made] = elb.create_listener(
        LoadBalancerArn=balancer["LoadBalancerArn"], Protocol="HTTP", Port=80, DefaultActions=[answer]
    )["Listeners"]
    return {"balancer": balancer["LoadBalancerArn"], "listener": made["ListenerArn"]}


def deployed(cloud: Cloud, name: str, resources: dict[str, Any]) -> tuple[str, str]:
    """Create a stack; return its status and why a resource failed."""
    cloudformation = cloud.client("cloudformation")
    cloudformation.create_stack(StackName=name, TemplateBody=json.dumps({"Resources": resources}))

    def status() -> str:
        return str(cloudformation.describe_stacks(StackName=name)["Stacks"][0]["StackStatus"])

    wait_for(lambda: not status().endswith("IN_PROGRESS"), f"the stack {name}")
    events = cloudformation.describe_stack_events(StackName=name)["StackEvents"]
    failed = [each for each in events if each["ResourceStatus"] == "CREATE_FAILED"]
    return status(), failed[-1].get("ResourceStatusReason", "") if failed else ""


def rule(listener: str, priority: int) -> dict[str, Any]:
    return {
        "Type": "AWS::ElasticLoadBalancingV2::ListenerRule",
        "Properties": {
            "ListenerArn": listener,
            "Priority": priority,
            "Conditions": [{"Field": "path-pattern", "PathPatternConfig": {"Values": ["/*"]}}],
            "Actions": [{"Type": "fixed-response", "FixedResponseConfig": {"StatusCode": "200"}}],
        },
    }


def test_a_priority_that_another_stack_has_is_refused(cloud: Cloud, listener: dict[str, str]) -> None:
    assert deployed(cloud, "first", {"Rule": rule(listener["listener"], 7)}) == ("CREATE_COMPLETE", "")
    status, reason = deployed(cloud, "second", {"Rule": rule(listener["listener"], 7)})
    assert status == "ROLLBACK_COMPLETE"
    assert "Priority '7' is currently in use" in reason
    with pytest.raises(ClientError, match="PriorityInUse"):
        cloud.client("elbv2").create_rule(
            ListenerArn=listener["listener"],
            Priority=7,
            Conditions=[{"Field": "path-pattern", "Values": ["/*"]}],
            Actions=[{"Type": "fixed-response", "FixedResponseConfig": {"StatusCode": "200"}}],
        )


def test_a_role_that_a_fresh_account_does_not_have_cannot_be_named(cloud: Cloud) -> None:
    role = "AWSServiceRoleForApplicationAutoScaling_ECSService"
    target = {
        "Type": "AWS::ApplicationAutoScaling::ScalableTarget",
        "Properties": {
            "RoleARN": "arn:aws:iam::123456789012:role/aws-service-role/"
            f"ecs.application-autoscaling.amazonaws.com/{role}",
            "ServiceNamespace": "dynamodb",
            "ScalableDimension": "dynamodb:table:ReadCapacityUnits",
            "ResourceId": "table/x",
            "MinCapacity": 1,
            "MaxCapacity": 2,
        },
    }
    status, reason = deployed(cloud, "fresh", {"Target": target})
    assert status == "ROLLBACK_COMPLETE"
    assert "Unable to assume IAM role" in reason
    cloud.client("iam").create_service_linked_role(AWSServiceName="ecs.application-autoscaling.amazonaws.com")
    assert deployed(cloud, "known", {"Target": target}) == ("CREATE_COMPLETE", "")


@pytest.mark.parametrize(("ports", "complete"), [([443], True), ([443, 8443], False)])
def test_a_group_holds_cloudfronts_prefix_list_once(cloud: Cloud, ports: list[int], complete: bool) -> None:
    rules = {
        f"Rule{port}": {
            "Type": "AWS::EC2::SecurityGroupIngress",
            "Properties": {
                "GroupId": {"Fn::GetAtt": ["Group", "GroupId"]},
                "IpProtocol": "tcp",
                "FromPort": port,
                "ToPort": port,
                "SourcePrefixListId": PREFIX_LIST,
            },
        }
        for port in ports
    }
    group = {"Type": "AWS::EC2::SecurityGroup", "Properties": {"GroupDescription": "x"}}
    status, reason = deployed(cloud, f"group-{len(ports)}", {"Group": group, **rules})
    assert (status == "CREATE_COMPLETE") is complete
    assert complete or "The maximum number of rules per security group has been reached" in reason


def test_a_protected_load_balancer_stays(cloud: Cloud, listener: dict[str, str]) -> None:
    elb, balancer = cloud.client("elbv2"), listener["balancer"]
    for value in ("true", "false"):
        attribute = {"Key": "deletion_protection.enabled", "Value": value}
        elb.modify_load_balancer_attributes(LoadBalancerArn=balancer, Attributes=[attribute])
        if value == "true":
            with pytest.raises(ClientError, match="deletion protection is enabled"):
                elb.delete_load_balancer(LoadBalancerArn=balancer)
    elb.delete_load_balancer(LoadBalancerArn=balancer)


def test_the_stack_of_a_protected_load_balancer_cannot_go(cloud: Cloud) -> None:
    attribute = {"Key": "deletion_protection.enabled", "Value": "true"}
    balancer = {
        "Type": "AWS::ElasticLoadBalancingV2::LoadBalancer",
        "Properties": {"Subnets": ["subnet-1"], "LoadBalancerAttributes": [attribute]},
    }
    assert deployed(cloud, "protected", {"Balancer": balancer})[0] == "CREATE_COMPLETE"
    cloudformation = cloud.client("cloudformation")
    cloudformation.delete_stack(StackName="protected")
    wait_for(
        lambda: (
            cloudformation.describe_stacks(StackName="protected")["Stacks"][0]["StackStatus"]
            == "DELETE_FAILED"
        ),
        "the refusal",
    )
