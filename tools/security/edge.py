"""Check the controls of ACM, Route 53 and WAF."""

from tools.security.control import Finding, Findings, control
from tools.security.stack import Stack

_NO_WEB_ACL = "no web ACL"


@control("ACM.2", absent="no certificate of its own")
def keys_are_long_enough(stack: Stack) -> Findings:
    """Require that RSA certificates have keys of 2048 bits or more."""
    for certificate, properties in stack.of_type("AWS::CertificateManager::Certificate").items():
        algorithm = properties.get("KeyAlgorithm", "RSA_2048")
        yield Finding.of(certificate, algorithm != "RSA_1024", f"its key is {algorithm}")


@control("Route53.2", absent="no zone: yours is given by its id, and its query log is set where it is made")
def dns_queries_are_logged(stack: Stack) -> Findings:
    """Require that public hosted zones log DNS queries."""
    for zone, properties in stack.of_type("AWS::Route53::HostedZone").items():
        if not properties.get("VPCs"):
            yield Finding.of(zone, properties.get("QueryLoggingConfig"), "its queries are not logged")


@control("WAF.10", absent=_NO_WEB_ACL)
def web_acls_have_rules(stack: Stack) -> Findings:
    """Require that web ACLs have a rule."""
    for web_acl, properties in stack.of_type("AWS::WAFv2::WebACL").items():
        yield Finding.of(web_acl, properties.get("Rules"), "it has no rule")


@control("WAF.12", absent=_NO_WEB_ACL)
def rules_have_metrics(stack: Stack) -> Findings:
    """Require that every rule of a web ACL has CloudWatch metrics."""
    for web_acl, properties in stack.of_type("AWS::WAFv2::WebACL").items():
        blind = [
            rule["Name"]
            for rule in properties.get("Rules", [])
            if rule.get("VisibilityConfig", {}).get("CloudWatchMetricsEnabled") is not True
        ]
        yield Finding.of(web_acl, not blind, f"without metrics: {', '.join(blind)}")
