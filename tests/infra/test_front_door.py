from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_ec2 as ec2
from aws_cdk.assertions import Annotations, Match, Template

from infra.environment_parts import Domain
from infra.front_door import FrontDoor
from infra.timeouts import Timeouts

ZONE = Domain(name="app.test.dev", hosted_zone_id="Z1", hosted_zone_name="test.dev")
CERTIFICATE_ARN = "arn:aws:acm:eu-west-1:123456789012:certificate/1"


def front_door(stack: cdk.Stack, vpc: ec2.Vpc, **changes: Any) -> Template:
    values: dict[str, Any] = {
        "target_port": 8000,
        "health_path": "/healthz",
        "timeouts": Timeouts(longest_request_s=30),
        "domain": ZONE,
        "access_log_days": None,
        "removal_policy": cdk.RemovalPolicy.DESTROY,
    }
    FrontDoor(stack, "FrontDoor", vpc=vpc, **{**values, **changes})
    return Template.from_stack(stack)


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


def test_serves_https_under_a_post_quantum_policy_when_there_is_a_domain(
    stack: cdk.Stack, vpc: ec2.Vpc
) -> None:
    front_door(stack, vpc).has_resource_properties(
        "AWS::ElasticLoadBalancingV2::Listener",
        {
            "Port": 443,
            "Protocol": "HTTPS",
            "SslPolicy": "ELBSecurityPolicy-TLS13-1-2-Res-PQ-2025-09",
            "DefaultActions": [Match.object_like({"Type": "forward"})],
        },
    )


def test_redirects_http_when_there_is_a_domain(stack: cdk.Stack, vpc: ec2.Vpc) -> None:
    redirect = {"Protocol": "HTTPS", "Port": "443", "StatusCode": "HTTP_301"}
    front_door(stack, vpc).has_resource_properties(
        "AWS::ElasticLoadBalancingV2::Listener",
        {"Port": 80, "DefaultActions": [{"Type": "redirect", "RedirectConfig": redirect}]},
    )


def test_makes_a_certificate_and_a_record_in_the_zone(stack: cdk.Stack, vpc: ec2.Vpc) -> None:
    template = front_door(stack, vpc)
    template.has_resource_properties(
        "AWS::CertificateManager::Certificate",
        {
            "DomainName": "app.test.dev",
            "DomainValidationOptions": [{"DomainName": "app.test.dev", "HostedZoneId": "Z1"}],
        },
    )
    template.has_resource_properties("AWS::Route53::RecordSet", {"Name": "app.test.dev.", "Type": "A"})


def test_uses_the_certificate_it_is_given_and_leaves_dns_alone_without_a_zone(
    stack: cdk.Stack, vpc: ec2.Vpc
) -> None:
    template = front_door(stack, vpc, domain=Domain(name="app.test.dev", certificate_arn=CERTIFICATE_ARN))
    template.resource_count_is("AWS::CertificateManager::Certificate", 0)
    template.resource_count_is("AWS::Route53::RecordSet", 0)
    template.has_resource_properties(
        "AWS::ElasticLoadBalancingV2::Listener", {"Certificates": [{"CertificateArn": CERTIFICATE_ARN}]}
    )


def test_serves_plain_http_without_a_domain_and_warns(stack: cdk.Stack, vpc: ec2.Vpc) -> None:
    template = front_door(stack, vpc, domain=None)
    template.resource_count_is("AWS::ElasticLoadBalancingV2::Listener", 1)
    template.has_resource_properties(
        "AWS::ElasticLoadBalancingV2::Listener", {"Port": 80, "Protocol": "HTTP"}
    )
    Annotations.from_stack(stack).has_warning("/Test/FrontDoor", Match.string_like_regexp("No domain"))


def test_a_real_domain_needs_no_warning(stack: cdk.Stack, vpc: ec2.Vpc) -> None:
    front_door(stack, vpc)
    Annotations.from_stack(stack).has_no_warning("/Test/FrontDoor", Match.any_value())


def test_warns_of_a_domain_that_is_only_an_example(stack: cdk.Stack, vpc: ec2.Vpc) -> None:
    front_door(stack, vpc, domain=Domain(name="www.example.com", certificate_arn=CERTIFICATE_ARN))
    Annotations.from_stack(stack).has_warning(
        "/Test/FrontDoor", Match.string_like_regexp("belongs to nobody")
    )


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
