"""Test CloudFront in front of the load balancer, which nobody can reach by another way."""

from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk.assertions import Match, Template

from infra.parameters import CloudFront, NewLoadBalancer, Timeouts
from tests.infra.parts import front_door, open_to

CERTIFICATE_ARN = "arn:aws:acm:us-east-1:123456789012:certificate/1"
WEB_ACL_ARN = "arn:aws:wafv2:us-east-1:123456789012:global/webacl/edge/1"
# The id of CloudFront's own prefix list in eu-west-1.
PREFIX_LIST_ID = "pl-4fa04526"


def template(stack: cdk.Stack, timeouts: Timeouts | None = None, **choice: Any) -> Template:
    ingress = CloudFront(certificate_arn=CERTIFICATE_ARN, **choice)
    return front_door(
        stack, choice=NewLoadBalancer(ingress=ingress), timeouts=timeouts or Timeouts(longest_request_s=30)
    )


def distribution(made: Template) -> dict[str, Any]:
    (found,) = made.find_resources("AWS::CloudFront::Distribution").values()
    return dict(found["Properties"]["DistributionConfig"])


@pytest.mark.parametrize("private", [True, False])
def test_only_cloudfront_gets_to_the_load_balancer(stack: cdk.Stack, private: bool) -> None:
    assert open_to(template(stack, private=private), "The load balancer") == {(PREFIX_LIST_ID, 443)}


def test_the_load_balancer_has_no_public_address(stack: cdk.Stack) -> None:
    made = template(stack)
    made.has_resource_properties("AWS::ElasticLoadBalancingV2::LoadBalancer", {"Scheme": "internal"})
    made.has_resource_properties(
        "AWS::CloudFront::VpcOrigin",
        {"VpcOriginEndpointConfig": Match.object_like({"OriginProtocolPolicy": "https-only"})},
    )


def test_the_load_balancer_may_have_public_addresses(stack: cdk.Stack) -> None:
    made = template(stack, private=False)
    made.has_resource_properties("AWS::ElasticLoadBalancingV2::LoadBalancer", {"Scheme": "internet-facing"})
    made.resource_count_is("AWS::CloudFront::VpcOrigin", 0)


def test_answers_are_not_cached_unless_they_are_under_the_cached_path(stack: cdk.Stack) -> None:
    made = distribution(template(stack, cached_path="/assets/*"))
    # https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/using-managed-cache-policies.html
    disabled, optimized = "4135ea2d-6df8-44a3-9df3-4b5a84be39ad", "658327ea-f89d-4fab-a63d-7e88639e58f6"
    assert made["DefaultCacheBehavior"]["CachePolicyId"] == disabled
    assert {each["PathPattern"]: each["CachePolicyId"] for each in made["CacheBehaviors"]} == {
        "/assets/*": optimized
    }


def test_viewers_get_https_with_tls_1_2_at_least(stack: cdk.Stack) -> None:
    made = distribution(template(stack))
    assert made["DefaultCacheBehavior"]["ViewerProtocolPolicy"] == "redirect-to-https"
    assert made["ViewerCertificate"]["MinimumProtocolVersion"] == "TLSv1.2_2025"
    assert made["ViewerCertificate"]["AcmCertificateArn"] == CERTIFICATE_ARN


def test_every_method_and_header_gets_to_the_app(stack: cdk.Stack) -> None:
    default = distribution(template(stack))["DefaultCacheBehavior"]
    assert "POST" in default["AllowedMethods"]
    # https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/using-managed-origin-request-policies.html
    assert default["OriginRequestPolicyId"] == "216adef6-5c7f-47e4-b989-5492eafa07d3"


def test_cloudfront_waits_longer_than_the_longest_request(stack: cdk.Stack) -> None:
    made = template(stack, Timeouts(longest_request_s=50), private=False)
    (origin,) = distribution(made)["Origins"]
    assert origin["CustomOriginConfig"]["OriginReadTimeout"] == 55


def test_the_domain_leads_to_cloudfront_over_ipv4_and_ipv6(stack: cdk.Stack) -> None:
    made = template(stack)
    records = made.find_resources("AWS::Route53::RecordSet").values()
    assert {record["Properties"]["Type"] for record in records} == {"A", "AAAA"}
    assert all("Distribution" in str(record["Properties"]["AliasTarget"]["DNSName"]) for record in records)


def test_a_web_acl_of_cloudfronts_own_may_be_given(stack: cdk.Stack) -> None:
    assert distribution(template(stack, web_acl_arn=WEB_ACL_ARN))["WebACLId"] == WEB_ACL_ARN
