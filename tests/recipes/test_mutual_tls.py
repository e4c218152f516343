from collections.abc import Callable
from typing import Any

import pytest
from aws_cdk.assertions import Template

from docs.recipes.mutual_tls import require_client_certificates
from tests.recipes.stacks import CLOUDFRONT, stack_of


def test_every_client_of_the_https_listener_shows_a_certificate(
    template: Callable[[str], Template],
) -> None:
    made = template("mutual-tls")
    (store,) = made.find_resources("AWS::ElasticLoadBalancingV2::TrustStore")
    made.has_resource_properties(
        "AWS::ElasticLoadBalancingV2::Listener",
        {
            "Port": 443,
            "MutualAuthentication": {
                "Mode": "verify",
                "IgnoreClientCertificateExpiry": False,
                "TrustStoreArn": {"Fn::GetAtt": [store, "TrustStoreArn"]},
            },
        },
    )


def test_trusts_the_authorities_in_the_object(template: Callable[[str], Template]) -> None:
    template("mutual-tls").has_resource_properties(
        "AWS::ElasticLoadBalancingV2::TrustStore",
        {
            "CaCertificatesBundleS3Bucket": "acme-trust",
            "CaCertificatesBundleS3Key": "ca.pem",
            "CaCertificatesBundleS3ObjectVersion": "1",
        },
    )


@pytest.mark.parametrize(
    ("values", "given"),
    [({}, "domain None, .* no CloudFront"), (CLOUDFRONT, "domain app.test.dev, .* a CloudFront")],
)
def test_refuses_where_no_certificate_would_be_seen(values: dict[str, Any], given: str) -> None:
    with pytest.raises(ValueError, match=f"mutual TLS needs clients .* 'test' has {given} distribution"):
        require_client_certificates(stack_of("test", **values), bucket_name="acme-trust", key="ca.pem")
