"""Test how a new version takes over from the old one."""

from typing import Any

import pytest
from aws_cdk.assertions import Annotations, Match, Template
from pydantic import ValidationError

from infra.application import build_app, empty_app
from infra.parameters import (
    BlueGreen,
    Canary,
    Domain,
    Environment,
    HealthCheck,
    Linear,
    Rolling,
    Routing,
    SharedLoadBalancer,
    Tasks,
)
from infra.stack import WebStack

SERVICE, RULE = "AWS::ECS::Service", "AWS::ElasticLoadBalancingV2::ListenerRule"
DOMAIN = Domain(name="app.test.dev", hosted_zone_id="Z1", hosted_zone_name="test.dev")
BESIDE = [BlueGreen(), Canary(), Linear()]


def deployed(**changes: Any) -> Template:
    environment = Environment(name="test", **changes)
    return Template.from_stack(WebStack(empty_app(), "Web-test", environment=environment))


def configuration(made: Template) -> dict[str, Any]:
    (service,) = made.find_resources(SERVICE).values()
    return dict(service["Properties"]["DeploymentConfiguration"])


def logical_id(made: Template, type_name: str, sign: str) -> str:
    (only,) = (key for key in made.find_resources(type_name) if sign in key)
    return only


def test_new_tasks_take_over_one_by_one_by_default(template: Template) -> None:
    made = configuration(template)
    assert made["DeploymentCircuitBreaker"] == {"Enable": True, "Rollback": True}
    assert "Strategy" not in made


def test_there_is_one_target_group_for_that(template: Template) -> None:
    template.resource_count_is("AWS::ElasticLoadBalancingV2::TargetGroup", 1)
    template.resource_count_is(RULE, 0)


def test_the_failures_that_end_it_may_be_counted() -> None:
    made = configuration(deployed(deployment=Rolling(failures_allowed=5)))
    threshold = {"Type": "COUNT", "Value": 5}
    assert made["DeploymentCircuitBreaker"]["ThresholdConfiguration"] == threshold


@pytest.mark.parametrize(
    ("deployment", "said"),
    [
        (BlueGreen(bake_minutes=20), {"Strategy": "BLUE_GREEN", "BakeTimeInMinutes": 20}),
        (
            Canary(percent=5, step_minutes=15),
            {
                "Strategy": "CANARY",
                "CanaryConfiguration": {"CanaryPercent": 5, "CanaryBakeTimeInMinutes": 15},
                "BakeTimeInMinutes": 10,
            },
        ),
        (
            Linear(percent=20, step_minutes=3),
            {
                "Strategy": "LINEAR",
                "LinearConfiguration": {"StepPercent": 20, "StepBakeTimeInMinutes": 3},
                "BakeTimeInMinutes": 10,
            },
        ),
    ],
)
def test_a_new_version_may_stand_beside_the_old_one(deployment: BlueGreen, said: dict[str, Any]) -> None:
    assert said.items() <= configuration(deployed(deployment=deployment)).items()


@pytest.mark.parametrize("deployment", BESIDE)
def test_alarms_turn_it_back_and_no_circuit_breaker_pretends_to(deployment: BlueGreen) -> None:
    made = configuration(deployed(deployment=deployment))
    assert "DeploymentCircuitBreaker" not in made
    assert made["Alarms"]["Rollback"] is True
    assert len(made["Alarms"]["AlarmNames"]) == 5


@pytest.mark.parametrize("deployment", BESIDE)
def test_an_image_that_never_starts_is_counted_told_and_rolled_back(deployment: BlueGreen) -> None:
    template = deployed(deployment=deployment)
    assert "DeadTasks" in str(configuration(template)["Alarms"]["AlarmNames"])
    (alarm,) = (
        each["Properties"]
        for name, each in template.find_resources("AWS::CloudWatch::Alarm").items()
        if "DeadTasks" in name
    )
    (rule,) = (name for name in template.find_resources("AWS::Events::Rule") if "DeadTask" in name)
    assert alarm["Dimensions"] == [{"Name": "RuleName", "Value": {"Ref": rule}}]
    assert (alarm["MetricName"], alarm["Period"], alarm["Threshold"]) == ("TriggeredRules", 600, 2)
    assert alarm["AlarmActions"]
    pattern = template.find_resources("AWS::Events::Rule")[rule]["Properties"]["EventPattern"]
    assert pattern["detail"]["$or"][0] == {"stopCode": ["TaskFailedToStart", "EssentialContainerExited"]}


def test_a_rolling_deployment_needs_no_such_alarm() -> None:
    template = deployed(deployment=Rolling())
    assert "DeadTasks" not in str(template.to_json())


@pytest.mark.parametrize("deployment", BESIDE)
@pytest.mark.parametrize("domain", [None, DOMAIN])
def test_requests_move_between_two_target_groups_by_a_rule(
    deployment: BlueGreen, domain: Domain | None
) -> None:
    made = deployed(deployment=deployment, domain=domain)
    groups = [
        logical_id(made, "AWS::ElasticLoadBalancingV2::TargetGroup", x) for x in ("Targets", "Alternates")
    ]
    made.has_resource_properties(
        RULE,
        {
            "Actions": [
                {
                    "Type": "forward",
                    "ForwardConfig": {
                        "TargetGroups": [
                            {"TargetGroupArn": {"Ref": groups[0]}, "Weight": 100},
                            {"TargetGroupArn": {"Ref": groups[1]}, "Weight": 0},
                        ]
                    },
                }
            ]
        },
    )
    made.has_resource_properties(
        SERVICE,
        {
            "LoadBalancers": [
                Match.object_like(
                    {
                        "TargetGroupArn": {"Ref": groups[0]},
                        "AdvancedConfiguration": Match.object_like(
                            {
                                "AlternateTargetGroupArn": {"Ref": groups[1]},
                                "ProductionListenerRule": {"Ref": logical_id(made, RULE, "Rule")},
                            }
                        ),
                    }
                )
            ]
        },
    )


def test_the_new_version_can_be_tested_before_users_see_it() -> None:
    made = deployed(deployment=BlueGreen(test_port=8443), domain=DOMAIN)
    made.has_resource_properties("AWS::ElasticLoadBalancingV2::Listener", {"Port": 8443, "Protocol": "HTTPS"})
    (service,) = made.find_resources(SERVICE).values()
    (target,) = service["Properties"]["LoadBalancers"]
    assert target["AdvancedConfiguration"]["TestListenerRule"] == {"Ref": logical_id(made, RULE, "TestRule")}


def test_there_is_no_such_listener_unless_asked() -> None:
    made = deployed(deployment=BlueGreen(), domain=DOMAIN)
    assert {
        each["Properties"]["Port"]
        for each in made.find_resources("AWS::ElasticLoadBalancingV2::Listener").values()
    } == {80, 443}


@pytest.fixture(scope="module")
def canary() -> Template:
    return deployed(domain=DOMAIN, deployment=Canary())


@pytest.mark.parametrize(
    "changes",
    [
        {"domain": DOMAIN.model_copy(update={"aliases": ("other.test.dev",)})},
        {"domain": DOMAIN.model_copy(update={"redirect_http": False})},
        {"deployment": Linear(percent=20, bake_minutes=30)},
        {"deployment": Canary(test_port=8443)},
        {"tasks": Tasks(min=3, max=30, cpu=1024, memory_mib=2048)},
        {"longest_request_s": 60},
        {"proxy": "apache"},
        {"health_check": HealthCheck(path="/alive")},
        {"routing": Routing(sticky_s=60)},
    ],
    ids="-".join,
)
def test_no_change_makes_cloudformation_write_weights_over_those_of_ecs(
    canary: Template, changes: dict[str, Any]
) -> None:
    # CloudFormation rewrites the rule's weights when anything of the rule differs from its last template.
    # https://github.com/aws/aws-cdk/issues/36649
    changed = deployed(**{"domain": DOMAIN, "deployment": Canary(), **changes})
    rule = logical_id(canary, RULE, "FrontDoorRule")
    assert canary.find_resources(RULE)[rule] == changed.find_resources(RULE)[rule]


def test_no_circuit_breaker_is_advised_where_none_can_be() -> None:
    stack = WebStack(
        empty_app(), "Web-test", environment=Environment(name="test", domain=DOMAIN, deployment=Canary())
    )
    said = Annotations.from_stack(stack).find_warning("*", Match.any_value())
    assert [each for each in said if "circuitBreaker" in str(each.entry.data)] == []


def test_the_alarms_see_both_versions() -> None:
    made = deployed(deployment=Canary())
    groups = ("Targets", "Alternates")
    for alarm in ("TargetErrors", "Latency", "UnhealthyTasks"):
        (found,) = (
            str(each) for key, each in made.find_resources("AWS::CloudWatch::Alarm").items() if alarm in key
        )
        assert all(group in found for group in groups)


def test_it_works_on_a_shared_load_balancer() -> None:
    owner = Environment(name="owner", domain=DOMAIN)
    guest = Environment(
        name="guest",
        load_balancer=SharedLoadBalancer(owner="owner", rule_priority=7),
        domain=Domain(name="guest.test.dev", certificate_arns=("arn:aws:acm:eu-west-1:1:certificate/1",)),
        deployment=Canary(),
    )
    stack = build_app(owner, guest).node.find_child("Web-guest")
    assert isinstance(stack, WebStack)
    Template.from_stack(stack).has_resource_properties(
        RULE, {"Priority": 7, "Conditions": [Match.object_like({"Field": "host-header"})]}
    )


def test_tasks_spread_over_the_zones_again_after_one_was_lost(template: Template) -> None:
    template.has_resource_properties(SERVICE, {"AvailabilityZoneRebalancing": "ENABLED"})


def test_no_step_between_strategies_changes_what_the_listener_does_by_itself() -> None:
    """Test what would answer while a step's rule is not made yet, or is gone: the first group, always."""
    actions = []
    for step in (Rolling(), Rolling(alternate=True), BlueGreen(), Canary()):
        (listener,) = (
            deployed(deployment=step).find_resources("AWS::ElasticLoadBalancingV2::Listener").values()
        )
        actions.append(str(listener["Properties"]["DefaultActions"]))
    assert len(set(actions)) == 1
    assert "'Type': 'forward'" in actions[0]


@pytest.mark.parametrize(
    ("step", "tls", "ports", "protocols", "first"),
    [
        ("prepare", False, [8000, 8443], ["HTTP", "HTTPS"], "Targets"),
        ("move", True, [8443, 8443], ["HTTPS", "HTTPS"], "Alternates"),
        ("prepare", True, [8443, 8000], ["HTTPS", "HTTP"], "Targets"),
        ("move", False, [8000, 8000], ["HTTP", "HTTP"], "Alternates"),
    ],
)
def test_while_tls_changes_tasks_are_in_two_groups_of_which_one_gets_all_requests(
    step: Any, tls: bool, ports: list[int], protocols: list[str], first: str
) -> None:
    made = deployed(deployment=Rolling(tls_change=step), tls_to_tasks=tls)
    (service,) = made.find_resources(SERVICE).values()
    assert [each["ContainerPort"] for each in service["Properties"]["LoadBalancers"]] == ports
    groups = made.find_resources("AWS::ElasticLoadBalancingV2::TargetGroup")
    by_name = {name: each["Properties"]["Protocol"] for name, each in groups.items()}
    named = [next(by_name[name] for name in by_name if name.startswith(each)) for each in ("Targets", "Alt")]
    assert named == protocols
    (listener,) = made.find_resources("AWS::ElasticLoadBalancingV2::Listener").values()
    (action,) = listener["Properties"]["DefaultActions"]
    weights = [
        (each["TargetGroupArn"]["Ref"].startswith(first), each["Weight"])
        for each in action["ForwardConfig"]["TargetGroups"]
    ]
    assert weights == [(True, 100), (False, 0)]


def test_one_second_group_is_for_one_change() -> None:
    with pytest.raises(ValidationError, match="each needs the second target group"):
        Rolling(alternate=True, tls_change="prepare")


def test_the_step_before_a_change_of_strategy_changes_the_strategy_not_yet() -> None:
    prepared = deployed(deployment=Rolling(alternate=True))
    (service,) = prepared.find_resources("AWS::ECS::Service").values()
    assert "Strategy" not in configuration(prepared)
    assert configuration(prepared)["DeploymentCircuitBreaker"]["Enable"] is True
    (balancer,) = service["Properties"]["LoadBalancers"]
    assert "AlternateTargetGroupArn" in balancer["AdvancedConfiguration"]
