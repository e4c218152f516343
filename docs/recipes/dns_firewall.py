"""DNS firewall: let tasks find the names that are listed, and no others.

For a service whose outgoing connections are to be known: a package that has turned bad finds nobody to tell.
Cents a month. Not a wall: whoever connects to an address without asking for its name passes;
security_group_rules.py limits addresses. Not in a VPC that others use, whose names would be refused, too.

    if stack.parameters.name == "prod":
        allow_names(stack, "api.stripe.com", "*.sentry.io")

AWS's own names are allowed. A name that is not listed does not exist for the tasks (NXDOMAIN). A listed name
may lead on to any other, as those behind a CDN do. While DNS Firewall itself fails, no name is found:
https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/resolver-dns-firewall-vpc-configuration.html
"""

import re

from aws_cdk import aws_route53resolver as resolver

from infra.parameters import ExistingVpc
from infra.stack import WebStack

# What tasks ask of AWS, by its older and its newer names: images, secrets, logs, metrics, the database.
_OF_AWS = ("*.amazonaws.com", "*.api.aws")
# Lower numbers are for those that AWS Firewall Manager makes:
# https://docs.aws.amazon.com/Route53/latest/APIReference/API_route53resolver_AssociateFirewallRuleGroup.html
_PRIORITY = 101


def allow_names(stack: WebStack, *names: str) -> None:
    """Block every query of the VPC but those for AWS's names and `names`; `*.` in front means all below.

    Raises ValueError for a name that is none, and in a VPC that is not the environment's own.
    """
    if isinstance(stack.parameters.network, ExistingVpc):
        raise ValueError(  # noqa: TRY004 (a value of the team's)
            f"environment '{stack.parameters.name}' uses a VPC of others, whose queries would be blocked, "
            "too: use network=NewVpc(), or make the firewall where the VPC is made"
        )
    for name in names:
        if not re.fullmatch(r"(\*\.)?([a-z0-9_-]+\.)+[a-z0-9-]+", name):
            raise ValueError(f"'{name}' is no name: use one such as api.example.com or *.example.com")
    allowed = resolver.CfnFirewallDomainList(stack, "AllowedNames", domains=[*_OF_AWS, *names])
    rest = resolver.CfnFirewallDomainList(stack, "OtherNames", domains=["*"])
    rule = resolver.CfnFirewallRuleGroup.FirewallRuleProperty
    group = resolver.CfnFirewallRuleGroup(
        stack,
        "DnsFirewall",
        firewall_rules=[
            rule(
                action="ALLOW",
                priority=1,
                firewall_domain_list_id=allowed.attr_id,
                firewall_domain_redirection_action="TRUST_REDIRECTION_DOMAIN",
            ),
            rule(
                action="BLOCK",
                block_response="NXDOMAIN",
                priority=2,
                firewall_domain_list_id=rest.attr_id,
            ),
        ],
    )
    resolver.CfnFirewallRuleGroupAssociation(
        stack,
        "DnsFirewallOfVpc",
        firewall_rule_group_id=group.attr_id,
        priority=_PRIORITY,
        vpc_id=stack.network.vpc.vpc_id,
    )
