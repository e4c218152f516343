"""Put CloudFront in front of the load balancer."""

from aws_cdk import Duration
from aws_cdk import aws_certificatemanager as acm
from aws_cdk import aws_cloudfront as cloudfront
from aws_cdk import aws_cloudfront_origins as origins
from aws_cdk import aws_elasticloadbalancingv2 as elbv2
from constructs import Construct

from infra.acknowledge import acknowledge
from infra.parameters import CLOUDFRONT_RESERVE_S, CloudFront, Domain, Timeouts


class Distribution(cloudfront.Distribution):
    """A distribution that passes requests on unchanged, by HTTPS; it caches only below `cached_path`."""

    def __init__(
        self,
        scope: Construct,
        id: str,
        *,
        choice: CloudFront,
        domain: Domain,
        load_balancer: elbv2.ApplicationLoadBalancer,
        timeouts: Timeouts,
    ) -> None:
        self.origin = _origin(choice, load_balancer, timeouts)
        certificate = acm.Certificate.from_certificate_arn(scope, f"{id}Certificate", choice.certificate_arn)
        super().__init__(
            scope,
            id,
            domain_names=list(domain.names),
            certificate=certificate,
            minimum_protocol_version=cloudfront.SecurityPolicyProtocol.TLS_V1_2_2025,
            http_version=cloudfront.HttpVersion.HTTP2_AND_3,
            web_acl_id=choice.web_acl_arn,
            default_behavior=cloudfront.BehaviorOptions(
                origin=self.origin,
                viewer_protocol_policy=cloudfront.ViewerProtocolPolicy.REDIRECT_TO_HTTPS,
                allowed_methods=cloudfront.AllowedMethods.ALLOW_ALL,
                cache_policy=cloudfront.CachePolicy.CACHING_DISABLED,
                # With Host: the load balancer's certificate has that name, and Flask builds links with it.
                origin_request_policy=cloudfront.OriginRequestPolicy.ALL_VIEWER,
            ),
            additional_behaviors={
                choice.cached_path: cloudfront.BehaviorOptions(
                    origin=self.origin,
                    viewer_protocol_policy=cloudfront.ViewerProtocolPolicy.REDIRECT_TO_HTTPS,
                    cache_policy=cloudfront.CachePolicy.CACHING_OPTIMIZED,
                    origin_request_policy=cloudfront.OriginRequestPolicy.HOST_HEADER_ONLY,
                )
            },
        )
        acknowledge(
            self,
            rule="AwsSolutions-CFR1",
            reason="For every country, until its team says otherwise.",
        )
        if not choice.web_acl_arn:
            acknowledge(
                self,
                rule="AwsSolutions-CFR2",
                reason="A web ACL for CloudFront belongs to us-east-1; web_acl_arn is not set here.",
            )
        acknowledge(
            self,
            rule="AwsSolutions-CFR3",
            reason="The load balancer logs each request that reaches it, with the viewer's address.",
        )


def _origin(
    choice: CloudFront, load_balancer: elbv2.ApplicationLoadBalancer, timeouts: Timeouts
) -> cloudfront.IOrigin:
    make = (
        origins.VpcOrigin.with_application_load_balancer if choice.private else origins.LoadBalancerV2Origin
    )
    origin: cloudfront.IOrigin = make(
        load_balancer,
        protocol_policy=cloudfront.OriginProtocolPolicy.HTTPS_ONLY,
        origin_ssl_protocols=[cloudfront.OriginSslPolicy.TLS_V1_2],
        read_timeout=Duration.seconds(timeouts.longest_request_s + CLOUDFRONT_RESERVE_S),
    )
    return origin
