from collections.abc import Callable
from typing import Any

import pytest
from aws_cdk import aws_ecs as ecs
from aws_cdk.assertions import Template

from docs.recipes.lifecycle_hooks import _SMOKE_TEST, add_hooks, smoke_test
from infra.parameters import BlueGreen, Canary, InsideVpc, NewLoadBalancer, Rolling
from tests.recipes.stacks import INSIDE, stack_of

TESTED = BlueGreen(test_port=8443)


@pytest.fixture
def made(template: Callable[[str], Template]) -> Template:
    return template("lifecycle-hooks")


def hooks(made: Template) -> list[dict[str, Any]]:
    (service,) = made.find_resources("AWS::ECS::Service").values()
    return list(service["Properties"]["DeploymentConfiguration"]["LifecycleHooks"])


def test_a_function_is_asked_before_users_see_the_new_version(made: Template) -> None:
    function, _ = hooks(made)
    assert function["LifecycleStages"] == ["POST_TEST_TRAFFIC_SHIFT"]
    assert function["HookTargetArn"]["Fn::GetAtt"][0].startswith("SmokeTest")


def test_a_person_is_asked_and_no_answer_is_no(made: Template) -> None:
    _, pause = hooks(made)
    assert pause == {
        "TargetType": "PAUSE",
        "LifecycleStages": ["POST_TEST_TRAFFIC_SHIFT"],
        "TimeoutConfiguration": {"TimeoutInMinutes": 60, "Action": "ROLLBACK"},
    }


def test_a_person_may_be_asked_alone() -> None:
    stack = stack_of("test", deployment=Canary())
    add_hooks(stack, approval_minutes=5, stage=ecs.DeploymentLifecycleStage.POST_SCALE_UP)
    (pause,) = hooks(Template.from_stack(stack))
    assert (pause["TargetType"], pause["LifecycleStages"]) == ("PAUSE", ["POST_SCALE_UP"])


def test_a_function_may_be_asked_alone() -> None:
    stack = stack_of("test", deployment=TESTED)
    add_hooks(stack, function=smoke_test(stack, paths=["/"]))
    (function,) = hooks(Template.from_stack(stack))
    assert "HookTargetArn" in function


def test_the_smoke_test_asks_every_path_of_the_test_listener(made: Template) -> None:
    functions = made.find_resources("AWS::Lambda::Function").items()
    (function,) = (each for name, each in functions if name.startswith("SmokeTest"))
    urls = function["Properties"]["Environment"]["Variables"]["URLS"]
    assert urls == "https://app.test.dev:8443/healthz https://app.test.dev:8443/"


@pytest.mark.parametrize(
    ("statuses", "verdict"), [([200, 204], "SUCCEEDED"), ([200, 500], "FAILED"), ([404, 200], "FAILED")]
)
def test_one_bad_answer_fails_the_deployment(
    url: str, statuses: list[int], verdict: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("URLS", " ".join(f"{url}/{status}" for status in statuses))
    function: dict[str, Any] = {}
    exec(_SMOKE_TEST, function)
    assert function["handler"]({}, None) == {"hookStatus": verdict}


def test_nobody_answering_fails_the_deployment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("URLS", "http://127.0.0.1:1/")
    function: dict[str, Any] = {}
    exec(_SMOKE_TEST, function)
    assert function["handler"]({}, None) == {"hookStatus": "FAILED"}


@pytest.mark.parametrize(
    ("deployment", "asked", "problem"),
    [
        (Rolling(), {"approval_minutes": 5}, "deployment is Rolling, whose tasks users see at once"),
        (
            BlueGreen(),
            {"approval_minutes": 5},
            "stage is POST_TEST_TRAFFIC_SHIFT and deployment.test_port is None",
        ),
        (TESTED, {}, "there is nobody to ask"),
        (TESTED, {"approval_minutes": 0}, "approval_minutes is 0: give 1 to 1440"),
        (TESTED, {"approval_minutes": 1441}, "approval_minutes is 1441: give 1 to 1440"),
    ],
)
def test_refuses_hooks_that_nobody_would_meet(deployment: Any, asked: dict[str, Any], problem: str) -> None:
    with pytest.raises(ValueError, match=problem):
        add_hooks(stack_of("test", deployment=deployment), **asked)


@pytest.mark.parametrize(
    ("values", "problem"),
    [
        ({"deployment": BlueGreen()}, "which has no test listener"),
        (
            {**INSIDE, "deployment": TESTED, "load_balancer": NewLoadBalancer(ingress=InsideVpc())},
            "a smoke test comes over the internet, to which this load balancer is closed",
        ),
    ],
)
def test_refuses_a_smoke_test_that_would_not_get_there(values: dict[str, Any], problem: str) -> None:
    with pytest.raises(ValueError, match=problem):
        smoke_test(stack_of("test", **values), paths=["/"])
