from collections.abc import Callable
from typing import Any

import pytest
from aws_cdk.assertions import Match, Template

from docs.recipes.login import require_login, require_token
from infra.parameters import InsideVpc, NewLoadBalancer
from tests.recipes.stacks import CLOUDFRONT, HTTPS, LOGIN, TOKEN, stack_of

LISTENER = "AWS::ElasticLoadBalancingV2::Listener"


def actions(template: Template) -> list[dict[str, Any]]:
    (listener,) = template.find_resources(LISTENER, {"Properties": {"Port": 443}}).values()
    return list(listener["Properties"]["DefaultActions"])


def test_users_log_in_before_the_app_sees_a_request(template: Callable[[str], Template]) -> None:
    first, second = actions(template("login"))
    assert (first["Order"], first["Type"]) == (1, "authenticate-oidc")
    assert first["AuthenticateOidcConfig"]["Issuer"] == "https://login.test.dev"
    assert first["AuthenticateOidcConfig"]["SessionTimeout"] == "28800"
    assert (second["Order"], second["Type"]) == (2, "forward")


def test_the_clients_secret_is_not_in_the_template(template: Callable[[str], Template]) -> None:
    secret = actions(template("login"))[0]["AuthenticateOidcConfig"]["ClientSecret"]
    assert secret == "{{resolve:secretsmanager:test/oidc:SecretString:::}}"


def test_services_need_a_token_of_the_issuer(template: Callable[[str], Template]) -> None:
    first, second = actions(template("login-token"))
    assert (first["Order"], first["Type"]) == (1, "jwt-validation")
    assert first["JwtValidationConfig"] == {
        "Issuer": "https://login.test.dev",
        "JwksEndpoint": "https://login.test.dev/jwks.json",
    }
    assert (second["Order"], second["Type"]) == (2, "forward")


def test_health_checks_are_what_they_were(template: Callable[[str], Template]) -> None:
    kind = "AWS::ElasticLoadBalancingV2::TargetGroup"
    (with_login,) = template("login").find_resources(kind).values()
    (without,) = template("none").find_resources(kind).values()
    assert with_login["Properties"] == without["Properties"]


@pytest.mark.parametrize("name", ["login", "login-token"])
def test_the_load_balancer_may_ask_the_identity_provider(
    name: str, template: Callable[[str], Template]
) -> None:
    template(name).has_resource_properties(
        "AWS::EC2::SecurityGroup",
        {
            "GroupDescription": Match.string_like_regexp("^The load balancer"),
            "SecurityGroupEgress": [
                Match.object_like(
                    {"CidrIp": "0.0.0.0/0", "FromPort": 443, "ToPort": 443, "IpProtocol": "tcp"}
                )
            ],
        },
    )


def test_it_asks_only_where_the_provider_is_known_to_be() -> None:
    stack = stack_of("test", **HTTPS)
    require_login(stack, **LOGIN, provider_cidrs=["192.0.2.0/24"])
    Template.from_stack(stack).has_resource_properties(
        "AWS::EC2::SecurityGroup", {"SecurityGroupEgress": [Match.object_like({"CidrIp": "192.0.2.0/24"})]}
    )


def test_refuses_plain_http() -> None:
    with pytest.raises(ValueError, match=r"login needs HTTPS .* environment 'test' has domain None"):
        require_login(stack_of("test"), **LOGIN)


def test_refuses_cloudfront() -> None:
    with pytest.raises(ValueError, match="login is behind CloudFront"):
        require_token(stack_of("test", **CLOUDFRONT), **TOKEN)


def test_refuses_a_load_balancer_that_cannot_reach_the_provider() -> None:
    stack = stack_of("test", **HTTPS, load_balancer=NewLoadBalancer(ingress=InsideVpc()))
    with pytest.raises(
        ValueError, match=r"by network.egress PublicIps it cannot reach the identity provider"
    ):
        require_login(stack, **LOGIN)
