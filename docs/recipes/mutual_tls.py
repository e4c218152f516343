"""Mutual TLS: admit only clients with a certificate of a certificate authority that you name.

For an API whose callers are few and known. A trust store costs about $4 a month.
https://aws.amazon.com/elasticloadbalancing/pricing/ Not for browsers, whose users would have to install
certificates.

    if stack.parameters.name == "prod":
        require_client_certificates(stack, bucket_name="acme-trust", key="ca.pem", version="3sL4kqtJlcpXr")

The S3 object holds the certificates of the authorities, in PEM. The app finds the client's certificate in
the headers X-Amzn-Mtls-Clientcert-*. To refuse a certificate before it expires, add an
elbv2.TrustStoreRevocation.
https://docs.aws.amazon.com/elasticloadbalancing/latest/application/mutual-authentication.html
"""

from typing import cast

from aws_cdk import aws_elasticloadbalancingv2 as elbv2
from aws_cdk import aws_s3 as s3

from infra.stack import WebStack


def require_client_certificates(
    stack: WebStack, *, bucket_name: str, key: str, version: str | None = None
) -> elbv2.TrustStore:
    """Verify every client's certificate; only a new `version` makes CloudFormation read the object again.

    Raises ValueError for plain HTTP, and behind CloudFront, which shows no client certificate.
    """
    environment, listener = stack.parameters, stack.front_door.https_listener
    if listener is None or stack.front_door.distribution:
        raise ValueError(
            "mutual TLS needs clients that reach an HTTPS listener of one's own, but environment "
            f"'{environment.name}' has domain {environment.domain and environment.domain.name}, "
            f"load_balancer {type(environment.load_balancer).__name__} and "
            f"{'a' if stack.front_door.distribution else 'no'} CloudFront distribution: set domain, and "
            "load_balancer to NewLoadBalancer without CloudFront"
        )
    trust_store = elbv2.TrustStore(
        stack,
        "TrustStore",
        bucket=s3.Bucket.from_bucket_name(stack, "TrustStoreBucket", bucket_name),
        key=key,
        version=version,
    )
    # Set through the L1: the L2 takes this only when the listener is made.
    cfn_listener = cast("elbv2.CfnListener", listener.node.default_child)
    cfn_listener.mutual_authentication = elbv2.CfnListener.MutualAuthenticationProperty(
        mode="verify",
        trust_store_arn=trust_store.trust_store_arn,
        ignore_client_certificate_expiry=False,
    )
    return trust_store
