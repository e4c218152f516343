"""Every property of the CDK's own pattern of such a service is named with what to set, or why not."""

import inspect
from pathlib import Path

from aws_cdk.aws_ecs_patterns import ApplicationLoadBalancedFargateService

from tests.adopt.conftest import Write
from tests.adopt.repositories import APP
from tools.adopt.__main__ import adopt
from tools.adopt.ecs_patterns import PATTERN_RULES

_PROPERTIES = list(inspect.signature(ApplicationLoadBalancedFargateService.__init__).parameters)[3:]


def test_every_property_of_the_cdk_has_a_rule_and_no_other() -> None:
    assert sorted(rule.field for rule in PATTERN_RULES) == sorted(_PROPERTIES)


def test_every_property_of_a_stack_is_told_with_its_place(project: Path, repository: Write) -> None:
    given = ", ".join(f"{name}=1" for name in _PROPERTIES)
    stack = f"from aws_cdk import aws_ecs_patterns as p\np.ApplicationLoadBalancedFargateService({given})\n"
    report = adopt(project, str(repository({"app.py": APP, "infra/web.py": stack})))
    rows = [row for row in report.rows if row.source.startswith("infra/web.py:2: ")]
    assert [row.source.rpartition(" ")[2] for row in rows] == _PROPERTIES
    assert not any("no such field" in row.here for row in rows)


def test_what_may_be_a_secret_is_not_shown_and_what_nobody_knows_is_told(
    project: Path, repository: Write
) -> None:
    stack = "ApplicationLoadBalancedFargateService(task_image_options={'KEY': 'hunter2'}, **more, new=1)\n"
    report = adopt(project, str(repository({"app.py": APP, "infra/web.py": stack})))
    assert "hunter2" not in str(report.rows)
    unknown = [row.source for row in report.rows if "no such field" in row.here]
    assert unknown == ["infra/web.py:1: **", "infra/web.py:1: new"]
