from collections.abc import Callable
from typing import Any

import pytest
from aws_cdk.assertions import Template

from docs.recipes.dns_firewall import allow_names
from infra.parameters import ExistingVpc
from tests.recipes.stacks import stack_of

_EXISTING = ExistingVpc(
    vpc_id="vpc-0123456789abcdef0",
    cidr="10.0.0.0/16",
    public_subnet_ids=("subnet-01234567", "subnet-01234568"),
    private_subnet_ids=("subnet-01234569", "subnet-0123456a"),
)


@pytest.fixture
def made(template: Callable[[str], Template]) -> Template:
    return template("dns-firewall")


def _one(made: Template, kind: str, begins: str = "") -> tuple[str, dict[str, Any]]:
    found = made.find_resources(f"AWS::Route53Resolver::{kind}")
    [(name, resource)] = [each for each in found.items() if each[0].startswith(begins)]
    return name, resource["Properties"]


def test_the_names_that_are_listed_and_awss_are_found(made: Template) -> None:
    name, listed = _one(made, "FirewallDomainList", "Allowed")
    assert listed["Domains"] == ["*.amazonaws.com", "*.api.aws", "api.stripe.com", "*.sentry.io"]
    allow, _ = _one(made, "FirewallRuleGroup")[1]["FirewallRules"]
    assert (allow["Action"], allow["FirewallDomainListId"]) == ("ALLOW", {"Fn::GetAtt": [name, "Id"]})


def test_every_other_name_does_not_exist_for_the_vpc(made: Template) -> None:
    name, others = _one(made, "FirewallDomainList", "Other")
    group, rules = _one(made, "FirewallRuleGroup")
    _, block = rules["FirewallRules"]
    assert others["Domains"] == ["*"]
    assert (block["Action"], block["BlockResponse"]) == ("BLOCK", "NXDOMAIN")
    assert block["FirewallDomainListId"] == {"Fn::GetAtt": [name, "Id"]}
    [vpc] = made.find_resources("AWS::EC2::VPC")
    _, association = _one(made, "FirewallRuleGroupAssociation")
    assert association["VpcId"] == {"Ref": vpc}
    assert association["FirewallRuleGroupId"] == {"Fn::GetAtt": [group, "Id"]}


@pytest.mark.parametrize("name", ["https://api.example.com", "*", "com", "API.example.com", "a b.com"])
def test_refuses_what_is_no_name(name: str) -> None:
    with pytest.raises(ValueError, match="is no name: use one such as"):
        allow_names(stack_of("test"), name)


def test_refuses_a_vpc_of_others() -> None:
    with pytest.raises(ValueError, match="uses a VPC of others"):
        allow_names(stack_of("test", network=_EXISTING), "api.example.com")
