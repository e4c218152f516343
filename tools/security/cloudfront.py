"""Check the controls of Amazon CloudFront."""

from collections.abc import Iterator

from tools.assembly import Properties
from tools.security.control import Finding, Findings, control
from tools.security.stack import Stack

_NO_DISTRIBUTION = "no distribution: the load balancer is the only way in"
# https://docs.aws.amazon.com/securityhub/latest/userguide/cloudfront-controls.html#cloudfront-15
_RECOMMENDED_POLICIES = ("TLSv1.2_2021", "TLSv1.2_2025", "TLSv1.3_2025")


def _distributions(stack: Stack) -> Iterator[tuple[str, Properties]]:
    for distribution, properties in stack.of_type("AWS::CloudFront::Distribution").items():
        yield distribution, properties["DistributionConfig"]


def _certificate(configuration: Properties) -> Properties:
    return dict(configuration.get("ViewerCertificate", {}))


@control("CloudFront.1", absent=_NO_DISTRIBUTION)
def the_root_is_an_object(stack: Stack) -> Findings:
    """Require that distributions have a default root object."""
    for distribution, configuration in _distributions(stack):
        yield Finding.of(distribution, configuration.get("DefaultRootObject"), "its root is the origin's own")


@control("CloudFront.3", absent=_NO_DISTRIBUTION)
def viewers_come_by_https(stack: Stack) -> Findings:
    """Require that viewers are served by HTTPS, or redirected to it."""
    for distribution, configuration in _distributions(stack):
        behaviors = [configuration["DefaultCacheBehavior"], *configuration.get("CacheBehaviors", [])]
        plain = any(each.get("ViewerProtocolPolicy") == "allow-all" for each in behaviors)
        yield Finding.of(distribution, not plain, "it answers plain HTTP")


@control("CloudFront.5", absent=_NO_DISTRIBUTION)
def distributions_log(stack: Stack) -> Findings:
    """Require that distributions write an access log."""
    for distribution, configuration in _distributions(stack):
        yield Finding.of(distribution, configuration.get("Logging", {}).get("Bucket"), "it writes no log")


@control("CloudFront.6", absent=_NO_DISTRIBUTION)
def distributions_have_a_web_acl(stack: Stack) -> Findings:
    """Require that distributions have a WAF."""
    for distribution, configuration in _distributions(stack):
        yield Finding.of(distribution, configuration.get("WebACLId"), "it has no web ACL")


@control("CloudFront.7", absent=_NO_DISTRIBUTION)
def certificates_are_your_own(stack: Stack) -> Findings:
    """Require that distributions have a certificate of yours."""
    for distribution, configuration in _distributions(stack):
        certificate = _certificate(configuration)
        own = certificate.get("AcmCertificateArn") or certificate.get("IamCertificateId")
        yield Finding.of(distribution, own, "it has CloudFront's certificate")


@control("CloudFront.8", absent=_NO_DISTRIBUTION)
def names_are_told_by_sni(stack: Stack) -> Findings:
    """Require that distributions answer HTTPS by server name, not by an address of their own."""
    for distribution, configuration in _distributions(stack):
        method = _certificate(configuration).get("SslSupportMethod", "sni-only")
        yield Finding.of(distribution, method == "sni-only", f"it answers by {method}")


@control("CloudFront.9", absent=_NO_DISTRIBUTION)
def origins_are_reached_by_https(stack: Stack) -> Findings:
    """Require that custom origins are reached by HTTPS."""
    for distribution, configuration in _distributions(stack):
        policies = {
            origin["CustomOriginConfig"]["OriginProtocolPolicy"]
            for origin in configuration.get("Origins", [])
            if "CustomOriginConfig" in origin
        }
        yield Finding.of(distribution, policies <= {"https-only"}, "an origin is reached by plain HTTP")


@control("CloudFront.10", absent=_NO_DISTRIBUTION)
def origins_do_not_speak_ssl3(stack: Stack) -> Findings:
    """Require that custom origins are not reached by SSL 3."""
    for distribution, configuration in _distributions(stack):
        protocols = {
            protocol
            for origin in configuration.get("Origins", [])
            for protocol in origin.get("CustomOriginConfig", {}).get("OriginSSLProtocols", [])
        }
        yield Finding.of(distribution, "SSLv3" not in protocols, "an origin is reached by SSL 3")


@control("CloudFront.13", absent=_NO_DISTRIBUTION)
def buckets_are_open_to_the_distribution_alone(stack: Stack) -> Findings:
    """Require that S3 origins have origin access control."""
    for distribution, configuration in _distributions(stack):
        open_origins = [
            origin["Id"]
            for origin in configuration.get("Origins", [])
            if "S3OriginConfig" in origin and not origin.get("OriginAccessControlId")
        ]
        yield Finding.of(distribution, not open_origins, f"without access control: {', '.join(open_origins)}")


@control("CloudFront.15", absent=_NO_DISTRIBUTION)
def viewers_speak_recommended_tls(stack: Stack) -> Findings:
    """Require that distributions have one of the recommended TLS policies."""
    for distribution, configuration in _distributions(stack):
        policy = _certificate(configuration).get("MinimumProtocolVersion", "TLSv1")
        yield Finding.of(distribution, policy in _RECOMMENDED_POLICIES, f"its policy is {policy}")
