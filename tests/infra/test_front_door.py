import aws_cdk as cdk
import pytest
from aws_cdk import aws_ec2 as ec2
from aws_cdk.assertions import Template

from infra.timeouts import Timeouts
from tests.infra.doors import front_door


def attributes(template: Template, kind: str) -> dict[str, str]:
    (resource,) = template.find_resources(f"AWS::ElasticLoadBalancingV2::{kind}").values()
    return {pair["Key"]: pair["Value"] for pair in resource["Properties"][f"{kind}Attributes"]}


def test_waits_as_long_as_the_timeouts_say(stack: cdk.Stack, vpc: ec2.Vpc) -> None:
    template = front_door(stack, vpc, timeouts=Timeouts(longest_request_s=90))
    assert attributes(template, "LoadBalancer")["idle_timeout.timeout_seconds"] == "95"
    assert attributes(template, "TargetGroup")["deregistration_delay.timeout_seconds"] == "90"


def test_drops_invalid_headers_and_defends_against_desync(stack: cdk.Stack, vpc: ec2.Vpc) -> None:
    load_balancer = attributes(front_door(stack, vpc), "LoadBalancer")
    assert load_balancer["routing.http.drop_invalid_header_fields.enabled"] == "true"
    assert load_balancer["routing.http.desync_mitigation_mode"] == "defensive"


@pytest.mark.parametrize(
    ("removal_policy", "protected"),
    [(cdk.RemovalPolicy.RETAIN, "true"), (cdk.RemovalPolicy.DESTROY, "false")],
)
def test_deletion_is_refused_where_the_environment_is_retained(
    stack: cdk.Stack, vpc: ec2.Vpc, removal_policy: cdk.RemovalPolicy, protected: str
) -> None:
    template = front_door(stack, vpc, removal_policy=removal_policy)
    assert attributes(template, "LoadBalancer")["deletion_protection.enabled"] == protected


def test_checks_health_on_the_health_path_every_ten_seconds(stack: cdk.Stack, vpc: ec2.Vpc) -> None:
    front_door(stack, vpc).has_resource_properties(
        "AWS::ElasticLoadBalancingV2::TargetGroup",
        {
            "Port": 8000,
            "Protocol": "HTTP",
            "TargetType": "ip",
            "HealthCheckPath": "/healthz",
            "HealthCheckIntervalSeconds": 10,
            "HealthCheckTimeoutSeconds": 5,
            "HealthyThresholdCount": 2,
            "UnhealthyThresholdCount": 3,
            "Matcher": {"HttpCode": "200"},
        },
    )


def test_the_least_busy_task_gets_the_next_request(stack: cdk.Stack, vpc: ec2.Vpc) -> None:
    target_group = attributes(front_door(stack, vpc), "TargetGroup")
    assert target_group["load_balancing.algorithm.type"] == "least_outstanding_requests"


def test_writes_access_logs_to_a_private_bucket_that_forgets(stack: cdk.Stack, vpc: ec2.Vpc) -> None:
    template = front_door(stack, vpc, access_log_days=90)
    assert attributes(template, "LoadBalancer")["access_logs.s3.enabled"] == "true"
    template.has_resource_properties(
        "AWS::S3::Bucket",
        {
            "LifecycleConfiguration": {"Rules": [{"ExpirationInDays": 90, "Status": "Enabled"}]},
            "PublicAccessBlockConfiguration": {"BlockPublicAcls": True, "RestrictPublicBuckets": True},
        },
    )


def test_makes_no_bucket_unless_asked(stack: cdk.Stack, vpc: ec2.Vpc) -> None:
    front_door(stack, vpc).resource_count_is("AWS::S3::Bucket", 0)
