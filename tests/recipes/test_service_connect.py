from collections.abc import Callable
from typing import Any

import pytest
from aws_cdk import aws_ec2 as ec2
from aws_cdk.assertions import Match, Template

from docs.recipes.service_connect import join_service_connect
from tests.recipes.stacks import stack_of


@pytest.fixture
def made(template: Callable[[str], Template]) -> Template:
    return template("service-connect")


@pytest.fixture
def configuration(made: Template) -> dict[str, Any]:
    (service,) = made.find_resources("AWS::ECS::Service").values()
    return dict(service["Properties"]["ServiceConnectConfiguration"])


def test_is_called_by_a_name_in_a_namespace(made: Template, configuration: dict[str, Any]) -> None:
    made.has_resource_properties("AWS::ServiceDiscovery::HttpNamespace", {"Name": "shop"})
    (service,) = configuration["Services"]
    assert service["PortName"] == "web"
    assert service["ClientAliases"] == [{"DnsName": "web", "Port": 80}]


def test_the_load_balancer_does_not_go_through_its_proxy(configuration: dict[str, Any]) -> None:
    (service,) = configuration["Services"]
    assert service["IngressPortOverride"] == 8800


def test_only_callers_reach_its_proxy(made: Template) -> None:
    rules = made.find_resources("AWS::EC2::SecurityGroupIngress", {"Properties": {"FromPort": 8800}})
    (rule,) = rules.values()
    assert rule["Properties"]["SourceSecurityGroupId"]["Fn::GetAtt"][0].startswith("Orders")


def test_its_proxy_knows_http_and_waits_as_long_as_the_load_balancer(
    made: Template, configuration: dict[str, Any]
) -> None:
    made.has_resource_properties(
        "AWS::ECS::TaskDefinition",
        {
            "ContainerDefinitions": Match.array_with(
                [
                    Match.object_like(
                        {
                            "PortMappings": [
                                {
                                    "Name": "web",
                                    "AppProtocol": "http",
                                    "ContainerPort": 8000,
                                    "Protocol": "tcp",
                                }
                            ]
                        }
                    )
                ]
            )
        },
    )
    (service,) = configuration["Services"]
    assert service["Timeout"] == {"PerRequestTimeoutSeconds": 60}


def test_calls_are_logged_without_what_may_be_secret_in_a_query(configuration: dict[str, Any]) -> None:
    assert configuration["AccessLogConfiguration"] == {"Format": "JSON", "IncludeQueryParameters": "DISABLED"}


def test_refuses_certificates_that_callers_cannot_check() -> None:
    stack = stack_of("test", tls_to_tasks=True)
    caller = ec2.SecurityGroup(stack, "Caller", vpc=stack.network.vpc)
    with pytest.raises(ValueError, match="tls_to_tasks is on in environment 'test'"):
        join_service_connect(stack, namespace="shop", callers=[caller])


def test_refuses_a_service_that_nobody_calls() -> None:
    with pytest.raises(ValueError, match="callers is empty"):
        join_service_connect(stack_of("test"), namespace="shop", callers=[])
