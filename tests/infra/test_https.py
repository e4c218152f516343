"""Test a domain: HTTPS, its certificates and records, and the answer to plain HTTP."""

from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk.assertions import Annotations, Match

from infra.parameters import Domain, NewVpc
from tests.infra.parts import DOMAIN, front_door, network, open_to

LISTENER = "AWS::ElasticLoadBalancingV2::Listener"
CERTIFICATE_ARNS = (
    "arn:aws:acm:eu-west-1:123456789012:certificate/1",
    "arn:aws:acm:eu-west-1:123456789012:certificate/2",
)


def changed(**changes: Any) -> Domain:
    return Domain(**{**dict(DOMAIN), **changes})


def test_serves_https_under_a_post_quantum_policy_when_there_is_a_domain(stack: cdk.Stack) -> None:
    front_door(stack).has_resource_properties(
        LISTENER,
        {
            "Port": 443,
            "Protocol": "HTTPS",
            "SslPolicy": "ELBSecurityPolicy-TLS13-1-2-Res-PQ-2025-09",
            "DefaultActions": [Match.object_like({"Type": "forward"})],
        },
    )


def test_tls_1_2_may_be_left_behind(stack: cdk.Stack) -> None:
    policy = "ELBSecurityPolicy-TLS13-1-3-PQ-2025-09"
    front_door(stack, domain=changed(tls_policy=policy)).has_resource_properties(
        LISTENER, {"Port": 443, "SslPolicy": policy}
    )


def test_redirects_http_when_there_is_a_domain(stack: cdk.Stack) -> None:
    redirect = {"Protocol": "HTTPS", "Port": "443", "StatusCode": "HTTP_301"}
    front_door(stack).has_resource_properties(
        LISTENER, {"Port": 80, "DefaultActions": [{"Type": "redirect", "RedirectConfig": redirect}]}
    )


def test_port_80_can_stay_closed(stack: cdk.Stack) -> None:
    template = front_door(stack, domain=changed(redirect_http=False))
    template.resource_count_is(LISTENER, 1)
    assert {port for _, port in open_to(template, "The load balancer")} == {443}


def test_makes_a_certificate_and_a_record_in_the_zone(stack: cdk.Stack) -> None:
    template = front_door(stack)
    template.has_resource_properties(
        "AWS::CertificateManager::Certificate",
        {
            "DomainName": "app.test.dev",
            "DomainValidationOptions": [{"DomainName": "app.test.dev", "HostedZoneId": "Z1"}],
        },
    )
    template.has_resource_properties("AWS::Route53::RecordSet", {"Name": "app.test.dev.", "Type": "A"})


def test_every_alias_is_in_the_certificate_and_has_a_record(stack: cdk.Stack) -> None:
    template = front_door(stack, domain=changed(aliases=("www.test.dev", "*.test.dev")))
    template.has_resource_properties(
        "AWS::CertificateManager::Certificate", {"SubjectAlternativeNames": ["www.test.dev", "*.test.dev"]}
    )
    records = template.find_resources("AWS::Route53::RecordSet").values()
    assert {record["Properties"]["Name"] for record in records} == {
        "app.test.dev.",
        "www.test.dev.",
        "*.test.dev.",
    }


@pytest.mark.parametrize(("dual_stack", "types"), [(False, {"A"}), (True, {"A", "AAAA"})])
def test_there_is_an_aaaa_record_where_there_is_ipv6(
    stack: cdk.Stack, dual_stack: bool, types: set[str]
) -> None:
    template = front_door(stack, network(stack, NewVpc(dual_stack=dual_stack)))
    records = template.find_resources("AWS::Route53::RecordSet").values()
    assert {record["Properties"]["Type"] for record in records} == types


def test_uses_the_certificates_it_is_given_and_leaves_dns_alone_without_a_zone(stack: cdk.Stack) -> None:
    domain = Domain(name="app.test.dev", certificate_arns=CERTIFICATE_ARNS)
    template = front_door(stack, domain=domain)
    template.resource_count_is("AWS::CertificateManager::Certificate", 0)
    template.resource_count_is("AWS::Route53::RecordSet", 0)
    template.has_resource_properties(LISTENER, {"Certificates": [{"CertificateArn": CERTIFICATE_ARNS[0]}]})
    template.has_resource_properties(
        "AWS::ElasticLoadBalancingV2::ListenerCertificate",
        {"Certificates": [{"CertificateArn": CERTIFICATE_ARNS[1]}]},
    )


def test_serves_plain_http_without_a_domain_and_warns(stack: cdk.Stack) -> None:
    template = front_door(stack, domain=None)
    template.resource_count_is(LISTENER, 1)
    template.has_resource_properties(LISTENER, {"Port": 80, "Protocol": "HTTP"})
    assert open_to(template, "The load balancer") == {("0.0.0.0/0", 80)}
    Annotations.from_stack(stack).has_warning(
        "/Test/FrontDoor/LoadBalancer", Match.string_like_regexp("No domain")
    )


def test_a_real_domain_needs_no_warning(stack: cdk.Stack) -> None:
    front_door(stack)
    Annotations.from_stack(stack).has_no_warning("*", Match.any_value())


def test_warns_of_a_domain_that_is_only_an_example(stack: cdk.Stack) -> None:
    front_door(stack, domain=Domain(name="www.example.com", certificate_arns=CERTIFICATE_ARNS))
    Annotations.from_stack(stack).has_warning(
        "/Test/FrontDoor/Domain", Match.string_like_regexp("belongs to nobody")
    )
