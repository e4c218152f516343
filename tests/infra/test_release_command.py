from typing import Any

import pytest
from aws_cdk.assertions import Template

from infra.parameters import Endpoints, NewSecret, NewVpc
from tests.infra.configured import container, statements, task_definition, template_of

COMMAND = ("flask", "--app", "service:create_app()", "db", "upgrade")


@pytest.fixture(scope="module")
def made() -> Template:
    """Return the template of a service with a release command, a secret and a variable."""
    return template_of(
        release_command=COMMAND,
        release_timeout_s=120,
        variables={"LOG_LEVEL": "info"},
        secrets={"SECRET_KEY": NewSecret()},
    )


def custom_resource(template: Template) -> dict[str, Any]:
    (found,) = template.find_resources("Custom::ReleaseCommand").values()
    return dict(found)


def test_it_runs_in_a_task_as_the_service_has_them(made: Template) -> None:
    release, web = container(made, "release"), container(made)
    assert release["Command"] == list(COMMAND)
    for same in ("Image", "Environment", "Secrets", "User", "ReadonlyRootFilesystem"):
        assert release[same] == web[same]
    assert release["MountPoints"] == web["MountPoints"][:1]  # nobody serves its static files
    (_, once), (_, service) = task_definition(made, "release"), task_definition(made)
    for same in ("TaskRoleArn", "ExecutionRoleArn", "Cpu", "Memory", "RuntimePlatform"):
        assert once[same] == service[same]
    assert [each["Name"] for each in once["ContainerDefinitions"]] == ["release"]


def test_it_runs_where_the_services_tasks_do(made: Template) -> None:
    (service,) = made.find_resources("AWS::ECS::Service").values()
    placement = service["Properties"]["NetworkConfiguration"]["AwsvpcConfiguration"]
    told = custom_resource(made)["Properties"]
    for key in ("Subnets", "SecurityGroups", "AssignPublicIp"):
        assert told[key] == placement[key]


def test_it_writes_to_the_services_log_under_a_prefix_of_its_own(made: Template) -> None:
    of_release = container(made, "release")["LogConfiguration"]["Options"]
    of_web = container(made)["LogConfiguration"]["Options"]
    assert of_release["awslogs-group"] == of_web["awslogs-group"]
    assert (of_release["awslogs-stream-prefix"], of_web["awslogs-stream-prefix"]) == ("release", "web")
    assert custom_resource(made)["Properties"]["Container"] == "release"


def test_the_service_waits_for_it(made: Template) -> None:
    (service,) = made.find_resources("AWS::ECS::Service").values()
    (release,) = made.find_resources("Custom::ReleaseCommand")
    assert release in service["DependsOn"]


def test_it_waits_for_its_rights_and_for_a_way_to_its_image(made: Template) -> None:
    waits_for = custom_resource(made)["DependsOn"]
    routes = made.find_resources("AWS::EC2::Route")
    policies = [name for name in made.find_resources("AWS::IAM::Policy") if name.startswith("Task")]
    assert routes
    assert policies
    assert {*routes, *policies} <= {*waits_for}


def test_a_new_version_or_another_command_runs_it_and_nothing_else(made: Template) -> None:
    release, _ = task_definition(made, "release")
    assert custom_resource(made)["Properties"]["TaskDefinition"] == {"Ref": release}
    assert "Command" not in custom_resource(made)["Properties"]


def test_it_has_the_time_that_it_is_given_and_cloudformation_a_little_more(made: Template) -> None:
    (function,) = (
        each["Properties"]
        for each in made.find_resources("AWS::Lambda::Function").values()
        if each["Properties"]["Handler"] == "functions.release.handler"
    )
    told = custom_resource(made)["Properties"]
    assert int(told["TimeoutS"]) == 120 < function["Timeout"] < int(told["ServiceTimeout"])


def test_lambda_gives_the_longest_one_its_time() -> None:
    longest = template_of(release_command=COMMAND, release_timeout_s=840)
    longest.has_resource_properties(
        "AWS::Lambda::Function", {"Handler": "functions.release.handler", "Timeout": 900}
    )


def test_it_may_run_this_task_and_pass_these_roles_and_nothing_else(made: Template) -> None:
    _, once = task_definition(made, "release")
    (cluster,) = made.find_resources("AWS::ECS::Cluster")
    rights = {str(each["Action"]): each for each in statements(made, "ReleaseRun")}
    assert [*rights] == [
        "['logs:CreateLogStream', 'logs:PutLogEvents']",
        "ecs:RunTask",
        "['ecs:DescribeTasks', 'ecs:StopTask']",
        "iam:PassRole",
        "logs:GetLogEvents",
        "cloudformation:DescribeStacks",
    ]
    assert f":task-definition/{once['Family']}:*" in str(rights["ecs:RunTask"]["Resource"])
    for action in ("ecs:RunTask", "['ecs:DescribeTasks', 'ecs:StopTask']"):
        condition = {"ArnEquals": {"ecs:cluster": {"Fn::GetAtt": [cluster, "Arn"]}}}
        assert rights[action]["Condition"] == condition
    passed = {each["Fn::GetAtt"][0] for each in rights["iam:PassRole"]["Resource"]}
    assert passed == {once[role]["Fn::GetAtt"][0] for role in ("TaskRoleArn", "ExecutionRoleArn")}
    assert rights["iam:PassRole"]["Condition"] == {
        "StringEquals": {"iam:PassedToService": "ecs-tasks.amazonaws.com"}
    }
    assert rights["cloudformation:DescribeStacks"]["Resource"] == {"Ref": "AWS::StackId"}
    assert "*" not in [each["Resource"] for each in rights.values()]


def test_it_runs_behind_endpoints_as_the_service_does() -> None:
    closed = template_of(release_command=COMMAND, network=NewVpc(egress=Endpoints()))
    endpoints = {*closed.find_resources("AWS::EC2::VPCEndpoint")}
    assert endpoints
    assert endpoints <= {*custom_resource(closed)["DependsOn"]}


def test_without_one_there_is_nothing_of_it(template: Template) -> None:
    template.resource_count_is("Custom::ReleaseCommand", 0)
    template.resource_count_is("AWS::ECS::TaskDefinition", 1)
