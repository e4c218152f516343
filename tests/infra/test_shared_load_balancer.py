"""Test one load balancer for several services: another environment's, or one known by its ids."""

import json
from pathlib import Path
from typing import Any

import pytest
from aws_cdk.assertions import Match, Template

from infra.application import build_app
from infra.parameters import (
    CloudFront,
    Domain,
    Environment,
    ExistingLoadBalancer,
    ExistingVpc,
    NewLoadBalancer,
    SharedLoadBalancer,
    SharingError,
    owners_first,
)

ZONE: dict[str, Any] = {"hosted_zone_id": "Z1", "hosted_zone_name": "test.dev"}
OWNER = Environment(
    name="owner", longest_request_s=60, domain=Domain(name="test.dev", aliases=("*.pr.test.dev",), **ZONE)
)
BY_IDS = ExistingLoadBalancer(
    arn="arn:aws:elasticloadbalancing:eu-west-1:123456789012:loadbalancer/app/shared/0123456789abcdef",
    security_group_id="sg-0000000a",
    https_listener_arn=(
        "arn:aws:elasticloadbalancing:eu-west-1:123456789012:listener/app/shared/0123456789abcdef/fedcba9876543210"
    ),
    rule_priority=7,
    dns_name="shared-1.eu-west-1.elb.amazonaws.com",
    canonical_hosted_zone_id="Z32O12XQLNTSW2",
)
VPC = ExistingVpc(
    vpc_id="vpc-0000000a", cidr="10.0.0.0/16", private_subnet_ids=("subnet-000000a2", "subnet-000000b2")
)
RULE = "AWS::ElasticLoadBalancingV2::ListenerRule"


def guest(name: str = "pr-1", priority: int = 1, **changes: Any) -> Environment:
    values: dict[str, Any] = {
        "domain": Domain(name=f"{name}.pr.test.dev"),
        "load_balancer": SharedLoadBalancer(owner="owner", rule_priority=priority),
    }
    return Environment(name=name, **{**values, **changes})


def templates(folder: Path, *environments: Environment) -> dict[str, Template]:
    build_app(*environments, outdir=str(folder)).synth()
    return {
        each.name: Template.from_json(json.loads((folder / f"Web-{each.name}.template.json").read_text()))
        for each in environments
    }


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Template]:
    """Synthesise an owner, two guests on its load balancer, and one on a load balancer known by its ids."""
    elsewhere = Domain(name="other.test.dev", **ZONE)
    by_ids = Environment(
        name="by-ids", network=VPC, load_balancer=BY_IDS, domain=Domain(name="ids.test.dev", **ZONE)
    )
    return templates(
        tmp_path_factory.mktemp("out"),
        guest(),  # comes before its owner on purpose
        OWNER,
        guest("pr-2", 2, domain=elsewhere),
        by_ids,
    )


@pytest.mark.parametrize("name", ["pr-1", "pr-2", "by-ids"])
def test_has_no_load_balancer_and_no_network_of_its_own(made: dict[str, Template], name: str) -> None:
    for kind in ("ElasticLoadBalancingV2::LoadBalancer", "ElasticLoadBalancingV2::Listener", "EC2::VPC"):
        made[name].resource_count_is(f"AWS::{kind}", 0)


@pytest.mark.parametrize(
    ("name", "priority", "host"),
    [("pr-1", 1, "pr-1.pr.test.dev"), ("pr-2", 2, "other.test.dev"), ("by-ids", 7, "ids.test.dev")],
)
def test_its_domains_requests_come_by_a_rule_of_their_own(
    made: dict[str, Template], name: str, priority: int, host: str
) -> None:
    made[name].has_resource_properties(
        RULE,
        {
            "Priority": priority,
            "Conditions": [{"Field": "host-header", "HostHeaderConfig": {"Values": [host]}}],
            "Actions": [Match.object_like({"Type": "forward"})],
        },
    )


@pytest.mark.parametrize("name", ["pr-1", "pr-2", "by-ids"])
def test_the_load_balancer_may_reach_its_tasks_and_nobody_else_may(
    made: dict[str, Template], name: str
) -> None:
    (ingress,) = made[name].find_resources("AWS::EC2::SecurityGroupIngress").values()
    (egress,) = made[name].find_resources("AWS::EC2::SecurityGroupEgress").values()
    assert ingress["Properties"]["SourceSecurityGroupId"] == egress["Properties"]["GroupId"]
    assert ingress["Properties"]["FromPort"] == egress["Properties"]["FromPort"] == 8000


def test_a_name_that_the_owners_wildcard_covers_needs_neither_certificate_nor_record(
    made: dict[str, Template],
) -> None:
    for kind in ("CertificateManager::Certificate", "Route53::RecordSet"):
        made["pr-1"].resource_count_is(f"AWS::{kind}", 0)


@pytest.mark.parametrize("name", ["pr-2", "by-ids"])
def test_any_other_name_gets_both(made: dict[str, Template], name: str) -> None:
    made[name].resource_count_is("AWS::CertificateManager::Certificate", 1)
    made[name].resource_count_is("AWS::ElasticLoadBalancingV2::ListenerCertificate", 1)
    made[name].resource_count_is("AWS::Route53::RecordSet", 1)


def test_the_owner_cannot_take_its_load_balancer_away(made: dict[str, Template]) -> None:
    assert "Fn::ImportValue" in str(made["pr-1"].find_resources(RULE))
    assert any("Export" in output for output in made["owner"].to_json()["Outputs"].values())


def variables(made: Template, container: str) -> dict[str, str]:
    (task,) = made.find_resources("AWS::ECS::TaskDefinition").values()
    (found,) = (each for each in task["Properties"]["ContainerDefinitions"] if each["Name"] == container)
    return {pair["Name"]: pair["Value"] for pair in found["Environment"]}


def test_tasks_keep_connections_longer_than_the_owners_load_balancer(made: dict[str, Template]) -> None:
    assert int(variables(made["pr-1"], "proxy")["KEEPALIVE_S"]) > OWNER.timeouts.alb_idle_s > 60


def test_a_deployment_is_not_undone_for_errors_of_others(made: dict[str, Template]) -> None:
    assert "BalancerErrors" in str(made["owner"].find_resources("AWS::CloudWatch::Alarm"))
    assert "BalancerErrors" not in str(made["pr-1"].find_resources("AWS::CloudWatch::Alarm"))


def test_behind_cloudfront_one_proxy_more_is_counted(made: dict[str, Template], tmp_path: Path) -> None:
    edge = CloudFront(certificate_arn="arn:aws:acm:us-east-1:123456789012:certificate/1")
    owner = OWNER.model_copy(update={"load_balancer": NewLoadBalancer(ingress=edge), "longest_request_s": 30})
    behind = templates(tmp_path, owner, guest())["pr-1"]
    hops = [int(variables(each, "web")["PROXY_HOPS"]) for each in (made["pr-1"], behind)]
    assert hops == [2, 3]


@pytest.mark.parametrize(
    ("environments", "problem"),
    [
        ([guest()], "load_balancer.owner is 'owner', but the environments are pr-1"),
        ([OWNER, guest(), guest("pr-2")], "rule_priority 1 is that of 'pr-1' already"),
        (
            [OWNER.model_copy(update={"domain": None}), guest()],
            "needs a load balancer of its own and a domain",
        ),
        (
            [OWNER, guest(region="us-east-1", availability_zones=("us-east-1a", "us-east-1b"))],
            "its account and region are None and us-east-1",
        ),
        ([OWNER, guest(longest_request_s=100)], "answers 504 after 65 s: raise longest_request_s there"),
        (
            [
                OWNER.model_copy(
                    update={
                        "load_balancer": NewLoadBalancer(
                            ingress=CloudFront(certificate_arn="arn:aws:acm:us-east-1:1:certificate/1")
                        )
                    }
                ),
                guest(domain=Domain(name="other.test.dev")),
            ],
            "is behind CloudFront, which must know the domain 'other.test.dev'",
        ),
    ],
)
def test_environments_that_cannot_share_are_told_why(environments: list[Environment], problem: str) -> None:
    with pytest.raises(SharingError, match=problem):
        owners_first(environments)
