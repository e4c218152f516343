import aws_cdk as cdk
from aws_cdk import aws_ec2 as ec2
from aws_cdk.assertions import Annotations, Match

from infra.environment_parts import Domain
from tests.infra.doors import front_door

CERTIFICATE_ARN = "arn:aws:acm:eu-west-1:123456789012:certificate/1"


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
