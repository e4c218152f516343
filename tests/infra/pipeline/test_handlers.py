"""Test the rights of roles against the calls that AWS's own resource schemas list for their handlers."""

import json
import re
from fnmatch import fnmatchcase
from itertools import chain
from pathlib import Path
from typing import Any

import pytest
from cfnlint.schema.manager import PROVIDER_SCHEMA_MANAGER

from infra.application import build_app
from infra.parameters import Environment, Pipeline, Queue, Worker
from tests.environments import ENVIRONMENTS, preview
from tests.infra.choices import DIFFERENT
from tests.infra.pipeline.handlers import KINDS, UNREAD, UNUSED, calls, types
from tests.infra.pipeline.synthesised import OURS, flat, listed, made, of_type, statements
from tests.infra.pipeline.test_previews import managed

ACCOUNT = "<AWS::AccountId>"
EXECUTION = ("execution", "network")


def policies(template: dict[str, Any]) -> list[dict[str, Any]]:
    return [*chain.from_iterable(managed(template, name) for name in EXECUTION)]


def allowed(given: list[dict[str, Any]], action: str) -> bool:
    return any(fnmatchcase(action, pattern) for each in given for pattern in listed(each["Action"]))


@pytest.fixture(scope="module")
def web(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """Return the template of a preview."""
    folder = tmp_path_factory.mktemp("preview")
    worker = Worker(name="mail", command=("true",), queue=Queue(), max=1)

    def with_a_worker(number: int) -> Environment:
        return preview(number).model_copy(update={"workers": (worker,)})

    build_app(*ENVIRONMENTS, preview=with_a_worker, context={"preview": "7"}, outdir=str(folder)).synth()
    return dict(json.loads((folder / "Web-pr-7.template.json").read_text()))


def test_a_preview_may_make_every_call_that_its_resources_need(
    template: dict[str, Any], web: dict[str, Any]
) -> None:
    given = policies(template)
    missing = {
        f"{kind}: {action}"
        for kind in types(web)
        for action in calls(kind, *KINDS)
        if not allowed(given, action)
    }
    assert missing == set()


def test_what_is_said_to_be_unused_is_what_a_handler_lists(web: dict[str, Any]) -> None:
    every = {
        action
        for kind in types(web)
        for handler in PROVIDER_SCHEMA_MANAGER.get_resource_schema("eu-west-1", kind)
        .schema.get("handlers", {})
        .values()
        for action in handler["permissions"]
    }
    assert [each for each in UNUSED if not any(action.startswith(each) for action in every)] == []


def test_the_nightly_look_may_read_every_resource_of_every_choice(
    template: dict[str, Any], tmp_path: Path
) -> None:
    build_app(*DIFFERENT, *ENVIRONMENTS, outdir=str(tmp_path)).synth()
    every = {
        kind for path in tmp_path.glob("*-*.template.json") for kind in types(json.loads(path.read_text()))
    }
    assert len(every) > 40
    given = list(statements(template, "DriftProd"))
    reads = re.compile(r"[a-z0-9-]+:(Describe|Get|List|View)")
    missing = {
        f"{kind}: {action}"
        for kind in every
        for action in calls(kind, "read")
        if reads.match(action) and not action.startswith(tuple(UNREAD)) and not allowed(given, action)
    }
    assert missing == set()


OTHERS = ("Web-prod", "Web-pro", "Web-preview", "Web-production", "Web-dev")


@pytest.mark.parametrize("stack", OTHERS)
def test_no_name_that_a_preview_may_change_is_another_stacks(template: dict[str, Any], stack: str) -> None:
    plain = stack.replace("-", "")
    names = (
        f"arn:aws:cloudwatch:eu-west-1:{ACCOUNT}:alarm:{stack}-Monitoring1A-x",
        f"arn:aws:cloudwatch:eu-west-1:{ACCOUNT}:alarm:TargetTracking-service/{stack}-Cluster1A-x/y-AlarmLow-z",
        f"arn:aws:cloudwatch::{ACCOUNT}:dashboard/{stack}-eu-west-1",
        f"arn:aws:ecs:eu-west-1:{ACCOUNT}:cluster/{stack}-WebCapacityCluster1A-x",
        f"arn:aws:ecs:eu-west-1:{ACCOUNT}:service/{stack}-WebCapacityCluster1A-x/{stack}-Service",
        f"arn:aws:ecs:eu-west-1:{ACCOUNT}:task-definition/{plain}TaskDefinition1A2B3C4D:7",
        f"arn:aws:events:eu-west-1:{ACCOUNT}:rule/{stack}-Rule-x",
        f"arn:aws:logs:eu-west-1:{ACCOUNT}:log-group:{stack}-Log-x",
        f"arn:aws:sns:eu-west-1:{ACCOUNT}:{stack}-Topic-x",
        f"arn:aws:sqs:eu-west-1:{ACCOUNT}:{stack}-WorkerMailWorkQueue-x",
        f"arn:aws:iam::{ACCOUNT}:role/{stack}-TaskDefinition-x",
    )
    patterns = [flat(each) for given in policies(template) for each in listed(given["Resource"])]
    for name in names:
        assert [each for each in patterns if each != "*" and fnmatchcase(name, each)] == []


def test_a_preview_may_change_what_is_named_as_its_template_names_it(
    template: dict[str, Any], web: dict[str, Any]
) -> None:
    patterns = [flat(each) for given in policies(template) for each in listed(given["Resource"])]
    for each in web["Resources"].values():
        properties = each.get("Properties", {})
        if each["Type"] == "AWS::ECS::TaskDefinition":
            arn = f"arn:aws:ecs:eu-west-1:{ACCOUNT}:task-definition/{properties['Family']}:1"
            assert any(fnmatchcase(arn, pattern) for pattern in patterns if pattern != "*")
        if each["Type"] == "AWS::CloudWatch::Dashboard":
            arn = f"arn:aws:cloudwatch::{ACCOUNT}:dashboard/{properties['DashboardName']}"
            assert any(fnmatchcase(arn, pattern) for pattern in patterns if pattern != "*")


def test_a_preview_may_keep_the_alarms_that_scaling_names_after_its_service(template: dict[str, Any]) -> None:
    # https://docs.aws.amazon.com/autoscaling/application/userguide/application-auto-scaling-target-tracking.html
    name = "TargetTracking-service/Web-pr-7-Cluster1A-x/y-AlarmLow-z"
    alarm = f"arn:aws:cloudwatch:eu-west-1:{ACCOUNT}:alarm:{name}"
    for action in ("cloudwatch:PutMetricAlarm", "cloudwatch:DeleteAlarms"):
        patterns = [
            flat(where)
            for each in policies(template)
            if action in listed(each["Action"])
            for where in listed(each["Resource"])
        ]
        assert any(fnmatchcase(alarm, pattern) for pattern in patterns)


# What opens or stops another environment, if nothing limits it.
DANGEROUS = (
    *("ec2:AuthorizeSecurityGroupIngress", "ec2:AuthorizeSecurityGroupEgress", "ec2:DeleteSecurityGroup"),
    *("ec2:RevokeSecurityGroupIngress", "ec2:CreateTags", "ec2:DeleteTags"),
    *(
        "elasticloadbalancing:CreateRule",
        "elasticloadbalancing:ModifyRule",
        "elasticloadbalancing:DeleteRule",
    ),
    *("elasticloadbalancing:SetRulePriorities", "elasticloadbalancing:ModifyTargetGroup"),
    *("elasticloadbalancing:DeleteTargetGroup", "elasticloadbalancing:DeregisterTargets"),
    *("elasticloadbalancing:AddTags", "elasticloadbalancing:RemoveTags"),
    *("application-autoscaling:DeregisterScalableTarget", "application-autoscaling:RegisterScalableTarget"),
)


@pytest.mark.parametrize("action", DANGEROUS)
def test_what_has_no_name_a_preview_may_change_by_its_tag_alone(
    template: dict[str, Any], action: str
) -> None:
    """Test each statement with the action against a resource that has the tag of prod."""
    found = [each for each in policies(template) if action in listed(each["Action"])]
    assert found
    for each in found:
        keys = {key: value for pairs in each["Condition"].values() for key, value in pairs.items()}
        names = listed(keys.get("aws:ResourceTag/environment", []))
        creating = keys.get("elasticloadbalancing:CreateAction")
        assert names or creating == ["CreateRule", "CreateTargetGroup"]
        assert not any(fnmatchcase("prod", name) for name in names)


def test_a_preview_adds_rules_to_the_listeners_of_its_owner_alone(template: dict[str, Any]) -> None:
    [found] = [
        each for each in policies(template) if "elasticloadbalancing:CreateRule" in listed(each["Action"])
    ]
    assert found["Condition"] == {"StringEquals": {"aws:ResourceTag/environment": "staging"}}


def test_the_tag_that_limits_previews_is_on_every_stack(tmp_path: Path) -> None:
    build_app(*ENVIRONMENTS, preview=preview, context={"preview": "7"}, outdir=str(tmp_path)).synth()
    stacks = json.loads((tmp_path / "manifest.json").read_text())["artifacts"]
    tags = {
        name: each["properties"]["tags"]["environment"]
        for name, each in stacks.items()
        if each["type"] == "aws:cloudformation:stack"
    }
    assert tags == {"Web-dev": "dev", "Web-staging": "staging", "Web-prod": "prod", "Web-pr-7": "pr-7"}


def test_a_preview_may_have_the_linked_roles_made_and_no_other(template: dict[str, Any]) -> None:
    [found] = [each for each in policies(template) if "iam:CreateServiceLinkedRole" in listed(each["Action"])]
    assert listed(found["Condition"]["StringEquals"]["iam:AWSServiceName"]) == [
        "ecs.amazonaws.com",
        "ecs.application-autoscaling.amazonaws.com",
    ]


@pytest.mark.parametrize(("one", "other"), [("dev", "dev-2"), ("prod", "prod-eu"), ("a", "a-b")])
def test_no_deploy_role_covers_names_of_another_environment(tmp_path: Path, one: str, other: str) -> None:
    environments = (Environment(name=one), Environment(name=other))
    stack = made(tmp_path, *environments, pipeline=Pipeline(source=OURS), previews=False)["Pipeline"]
    arn = f"arn:aws:ecs:eu-west-1:{ACCOUNT}"
    # The hash of its id tells `DeployDev` from `DeployDev2`.
    [role] = [
        name for name in of_type(stack, "Role") if re.fullmatch(rf"Deploy{one.title()}[0-9A-F]{{8}}", name)
    ]
    for action, resource in (
        ("ecs:UpdateService", f"service/Web-{other}-WebCapacityCluster1A-x/y"),
        ("ecs:RegisterTaskDefinition", f"task-definition/Web{other.replace('-', '')}TaskDefinition1A2B:1"),
    ):
        found = [
            flat(where)
            for each in statements(stack, role)
            if action in listed(each["Action"])
            for where in listed(each["Resource"])
        ]
        assert found
        assert not any(fnmatchcase(f"{arn}:{resource}", where) for where in found)


@pytest.mark.parametrize(
    ("names", "previews", "said"),
    [
        (("pr-1",), True, "are those of previews"),
        (("pr",), True, "are those of previews"),
        (("pr1",), True, "are those of previews"),
        (("dev-2", "dev2"), False, "differ by hyphens alone"),
    ],
)
def test_names_that_a_role_of_another_would_cover_are_refused(
    tmp_path: Path, names: tuple[str, ...], previews: bool, said: str
) -> None:
    environments = [*ENVIRONMENTS, *(Environment(name=name) for name in names)]
    with pytest.raises(ValueError, match=said):
        made(tmp_path, *environments, pipeline=Pipeline(source=OURS), previews=previews)
