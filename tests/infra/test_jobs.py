"""Test jobs: when they start, as whom, how they end, and who is told."""

from typing import Any

import pytest
from aws_cdk.assertions import Template
from pydantic import ValidationError

from infra.parameters import Environment, Job, Postgres, Tasks, explain
from tests.infra.configured import container, statements, task_definition, template_of

NIGHTLY = Job(
    name="nightly",
    schedule="cron(0 3 * * ? *)",
    time_zone="Europe/Berlin",
    command=("flask", "report"),
    timeout_s=600,
    overlap="allow",
    cpu=256,
    memory_mib=512,
)


@pytest.fixture(scope="module")
def made() -> Template:
    """Return the template of a service with a job and a release command."""
    return template_of(jobs=(NIGHTLY,), release_command=("true",), removal="destroy")


def properties(made: Template, kind: str, name: str) -> dict[str, Any]:
    (found,) = (each for key, each in made.find_resources(kind).items() if key.startswith(name))
    return dict(found["Properties"])


def test_starts_at_its_time_of_day(made: Template) -> None:
    schedule = properties(made, "AWS::Scheduler::Schedule", "JobsNightly")
    assert schedule["ScheduleExpression"] == "cron(0 3 * * ? *)"
    assert schedule["ScheduleExpressionTimezone"] == "Europe/Berlin"
    assert schedule["FlexibleTimeWindow"] == {"Mode": "OFF"}


def test_runs_the_service_s_image_with_its_settings_in_its_network(made: Template) -> None:
    job, web = container(made, "nightly"), container(made, "web")
    for name in ("Image", "Environment", "User", "ReadonlyRootFilesystem"):
        assert job[name] == web[name]
    ecs = properties(made, "AWS::Scheduler::Schedule", "JobsNightly")["Target"]["EcsParameters"]
    service = properties(made, "AWS::ECS::Service", "WebService")["NetworkConfiguration"]
    assert ecs["NetworkConfiguration"] == service
    assert ecs["TaskDefinitionArn"]["Ref"].startswith("TaskJobNightly")
    _, definition = task_definition(made, "nightly")
    assert (definition["Cpu"], definition["Memory"]) == ("256", "512")


def test_the_kit_ends_it_after_its_time(made: Template) -> None:
    words = "python -m service.kit.job --timeout-s 600 --overlap allow nightly flask report"
    assert container(made, "nightly")["Command"] == words.split()


def test_the_scheduler_may_run_these_tasks_in_this_cluster_and_nothing_else(made: Template) -> None:
    run, tag, give, tell = statements(made, "JobsRole")
    assert (run["Action"], "ArnEquals" in run["Condition"]) == ("ecs:RunTask", True)
    assert "TaskJobNightly" in str(run["Resource"])
    assert (tag["Action"], tag["Condition"]) == (
        "ecs:TagResource",
        {"StringEquals": {"ecs:CreateAction": "RunTask"}},
    )
    assert (give["Action"], len(give["Resource"])) == ("iam:PassRole", 2)
    assert "JobsNotStarted" in str(tell["Resource"])


def test_schedules_of_other_accounts_may_not_use_its_role(made: Template) -> None:
    role = properties(made, "AWS::IAM::Role", "JobsRole")
    (trust,) = role["AssumeRolePolicyDocument"]["Statement"]
    assert trust["Condition"] == {"StringEquals": {"aws:SourceAccount": {"Ref": "AWS::AccountId"}}}


def test_starting_is_tried_again_but_not_for_hours(made: Template) -> None:
    target = properties(made, "AWS::Scheduler::Schedule", "JobsNightly")["Target"]
    assert target["RetryPolicy"] == {"MaximumEventAgeInSeconds": 900, "MaximumRetryAttempts": 5}


def test_what_could_not_start_is_kept_and_told(made: Template) -> None:
    target = properties(made, "AWS::Scheduler::Schedule", "JobsNightly")["Target"]
    assert target["DeadLetterConfig"]["Arn"]["Fn::GetAtt"][0].startswith("JobsNotStarted")
    alarm = properties(made, "AWS::CloudWatch::Alarm", "MonitoringJobsNotStarted")
    assert alarm["AlarmActions"][0]["Ref"].startswith("MonitoringTopic")


def test_a_job_that_fails_is_told(made: Template) -> None:
    rule = properties(made, "AWS::Events::Rule", "MonitoringJobFailed")
    detail = rule["EventPattern"]["detail"]
    assert "TaskJobNightly" in str(detail["taskDefinitionArn"])
    assert detail["$or"] == [
        {"stopCode": ["TaskFailedToStart"]},
        {"containers": {"exitCode": [{"anything-but": [0]}]}},
    ]


def test_no_new_version_starts_before_the_release_command_has_ended(made: Template) -> None:
    (schedule,) = made.find_resources("AWS::Scheduler::Schedule").values()
    assert "ReleaseCommand" in str(schedule["DependsOn"])


def refusal(model: Any, **values: Any) -> str:
    with pytest.raises(ValidationError) as caught:
        model(**values)
    return explain(caught.value)


@pytest.mark.parametrize("schedule", ["0 3 * * *", "cron(0 3 * * *)", "rate(0 minutes)", "at(2027-01-01)"])
def test_refuses_a_schedule_that_is_none(schedule: str) -> None:
    assert f"but '{schedule}' was given" in refusal(Job, name="a", command=("b",), schedule=schedule)


def test_refuses_a_lock_without_a_database() -> None:
    skipping = NIGHTLY.model_copy(update={"overlap": "skip"})
    said = refusal(Environment, name="test", jobs=(skipping,))
    assert "overlap of job 'nightly' is 'skip', by a lock in the database" in said
    few = Tasks(max=2, threads=4)
    assert Environment(name="test", jobs=(skipping,), database=Postgres(), tasks=few)
