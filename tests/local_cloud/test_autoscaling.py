"""Test the runner's autoscaler with a clock of the test's own: nothing runs, and no second is waited for."""

import itertools
import json
import os
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from types import SimpleNamespace
from typing import Any, cast

import boto3
import pytest
from botocore.exceptions import ClientError
from botocore.stub import ANY, Stubber

from tests.local_cloud.test_scheduling import SERVICE
from tests.rehearsal.parts import policies, service
from tools.local_cloud.runner.autoscaling import Autoscaling
from tools.local_cloud.runner.deployed import Service
from tools.local_cloud.runner.measures import LAG_S, Measures
from tools.local_cloud.runner.rollout import Rollout
from tools.local_cloud.runner.scaling_policies import scalable
from tools.local_cloud.runner.step_policies import Queues, stepped
from tools.rehearsal.fleet import Fleet
from tools.rehearsal.policies import TargetTracking
from tools.rehearsal.simulation import simulate
from tools.rehearsal.task import Task
from tools.rehearsal.traffic import shape

_BEGAN = 1_700_000_000
_LINE_EVERY_S = 10
_RESOURCE = "service/cluster/web"
_IDENTITY = {"ServiceNamespace": "ecs", "ScalableDimension": "ecs:service:DesiredCount"}


def _target(least: int = 1, most: int = 100) -> dict[str, Any]:
    return {
        **_IDENTITY,
        "ResourceId": _RESOURCE,
        "MinCapacity": least,
        "MaxCapacity": most,
        "RoleARN": "arn:aws:iam::123456789012:role/autoscaling",
        "CreationTime": 0.0,
    }


def _policy(name: str, configuration: dict[str, Any], kind: str = "TargetTracking") -> dict[str, Any]:
    return {
        **_IDENTITY,
        "ResourceId": _RESOURCE,
        "PolicyName": name,
        "PolicyARN": f"arn:aws:autoscaling:eu-west-1:123456789012:scalingPolicy:{name}",
        "PolicyType": f"{kind}Scaling",
        f"{kind}ScalingPolicyConfiguration": configuration,
        "CreationTime": 0.0,
    }


_SATURATION = {
    "CustomizedMetricSpecification": {
        "MetricName": "Saturation",
        "Namespace": "FlaskFargate",
        "Statistic": "Average",
    },
    "TargetValue": 70.0,
    "ScaleOutCooldown": 60,
    "ScaleInCooldown": 300,
}


def _api(targets: list[dict[str, Any]], found: list[dict[str, Any]]) -> Any:
    """Return a client that answers so; botocore checks the answers against AWS's own model of the API."""
    client = boto3.client(
        "application-autoscaling", region_name="eu-west-1", aws_access_key_id="0", aws_secret_access_key="0"
    )
    stubber = Stubber(client)
    asked = {"ServiceNamespace": "ecs"}
    stubber.add_response("describe_scalable_targets", {"ScalableTargets": targets}, asked)
    stubber.add_response("describe_scaling_policies", {"ScalingPolicies": found}, asked)
    stubber.activate()
    return client


def _constant(least: int, most: int) -> Any:
    """Return a client that has the same answers as often as it is asked."""
    return SimpleNamespace(
        describe_scalable_targets=lambda **_: {"ScalableTargets": [_target(least, most)]},
        describe_scaling_policies=lambda **_: {"ScalingPolicies": [_policy("busy", _SATURATION)]},
    )


def test_policies_are_those_that_are_deployed() -> None:
    cpu = {
        "PredefinedMetricSpecification": {"PredefinedMetricType": "ECSServiceAverageCPUUtilization"},
        "TargetValue": 60.0,
    }
    memory = {
        "PredefinedMetricSpecification": {"PredefinedMetricType": "ECSServiceAverageMemoryUtilization"},
        "TargetValue": 80.0,
    }
    found = [_policy("busy", _SATURATION), _policy("cpu", cpu), _policy("memory", memory)]
    of = scalable(_api([_target(2, 10)], found), [], lag_s=12)[_RESOURCE]
    assert [(each.metric, each.target, each.period_s) for each in of.policies.tracked] == [
        ("saturation", 70.0, 60),
        ("cpu", 60.0, 60),
    ]
    assert (of.policies.min_tasks, of.policies.max_tasks) == (2, 10)
    # A policy without cooldowns has AWS's own, 300 s.
    assert (of.policies.out_cooldown_s, of.policies.in_cooldown_s) == (300, 300)
    assert of.not_played == ("memory",)


def test_a_datapoint_acts_as_late_as_in_the_rehearsal_though_ours_comes_late_itself() -> None:
    of = scalable(_api([_target()], [_policy("busy", _SATURATION)]), [], lag_s=12)[_RESOURCE]
    assert of.policies.tracked[0].delay_s + 12 == TargetTracking(metric="saturation", target=70).delay_s


def _line(at: int, busy: list[float], requests: int = 0) -> str:
    return json.dumps({"_aws": {"Timestamp": 1000 * at}, "Saturation": busy, "Requests": requests})


def test_each_value_of_a_line_of_metrics_belongs_to_its_own_second() -> None:
    measures = Measures()
    measures.hear("a", _line(100, [10.0, 20.0, 30.0]))
    assert [measures.of("saturation", ["a"], second) for second in (97, 98, 99, 100, 101)] == [
        None,
        10.0,
        20.0,
        30.0,
        None,
    ]


def test_the_busy_slots_of_a_service_are_the_mean_of_all_workers_of_all_tasks() -> None:
    measures = Measures()
    for task, busy in (("a", 10.0), ("a", 30.0), ("b", 100.0), ("b", 60.0), ("of another service", 0.0)):
        measures.hear(task, _line(100, [busy]))
    assert measures.of("saturation", ["a", "b"], 100) == 50.0


def test_requests_per_target_are_those_of_a_minute() -> None:
    measures = Measures()
    # Two workers of one of two tasks, 20 requests in ten seconds each: 4 a second, 240 a minute, 120 a task.
    for _ in range(2):
        measures.hear("a", _line(100, [0.0] * 10, requests=20))
    assert measures.of("requests", ["a", "b"], 95) == pytest.approx(120)


@pytest.mark.parametrize("line", ["no JSON with _aws", '{"_aws": 1}', '{"_aws": {"Timestamp": "x"}}'])
def test_other_lines_are_no_metrics(line: str) -> None:
    measures = Measures()
    measures.hear("a", f'{line} "_aws"')
    measures.hear("a", line)
    assert measures.of("saturation", ["a"], 100) is None


def test_the_cpu_of_a_task_is_that_of_its_processes_and_at_most_all_it_has() -> None:
    measures, mine = Measures(), os.getsid(0)
    measures.sample(100.0, {"a": [mine]}, {"a": 1e-9})
    # Something to measure: the CPU of a process has steps of a hundredth of a second.
    began = os.times().user
    while os.times().user - began < 0.05:
        sum(range(1000))
    measures.sample(102.0, {"a": [mine]}, {"a": 1e-9})
    assert measures.of("cpu", ["a"], 101) == 100.0
    assert measures.of("cpu", ["a"], 102) == 100.0


@dataclass
class _Played:
    """A service whose tasks write what the rehearsal's do, second by second."""

    service: Service
    fleet: Fleet
    task: Task
    said: list[str] = field(default_factory=list)
    launcher: Any = field(default_factory=lambda: SimpleNamespace(vcpu=lambda _: 0.5))
    breaker: Any = field(default_factory=lambda: SimpleNamespace(state="COMPLETED"))

    @property
    def tasks(self) -> list[Any]:
        return [
            SimpleNamespace(id=str(number), status="RUNNING", definition="", started={})
            for number in range(self.fleet.serving)
        ]

    def say(self, message: str) -> None:
        self.said.append(message)

    def rescaled(self, desired: int) -> None:
        self.service = replace(self.service, desired=desired)


def _autoscaling(
    api: Any, ecs: Any, *, alarms: Sequence[dict[str, Any]] = (), sqs: Any = None
) -> Autoscaling:
    cloudwatch = SimpleNamespace(describe_alarms=lambda **_: {"MetricAlarms": list(alarms)})
    clients = {"application-autoscaling": api, "ecs": ecs, "cloudwatch": cloudwatch, "sqs": sqs}
    return Autoscaling(clients.__getitem__)


class _Ecs:
    def __init__(self) -> None:
        self.asked: list[dict[str, Any]] = []

    def update_service(self, **asked: Any) -> None:
        self.asked.append(asked)


def _played(trace: list[float], *, least: int, most: int, speed: int = 1) -> tuple[list[int], _Played, _Ecs]:
    """Play a trace against the runner's autoscaler; return the desired count of each second."""
    of = service(policies(least=least, most=most))
    played = _Played(
        replace(SERVICE, desired=least, cluster="arn:aws:ecs:eu-west-1:1:cluster/cluster"),
        Fleet(serving=least, start_s=60, drain_s=30),
        of.task,
    )
    ecs = _Ecs()
    autoscaling, desired, busy = _autoscaling(_constant(least, most), ecs), [], []
    # The first second that is played is 2 * LAG_S before the first step: the trace begins with its minute.
    first = _BEGAN - 2 * LAG_S + 60
    for now in range(_BEGAN, first + len(trace)):
        rps = trace[max(0, now - first)]
        played.fleet.follow(played.service.desired, now)
        busy.append(played.task.saturation_percent(rps / played.fleet.serving))
        if now % _LINE_EVERY_S == 0:
            for each in played.tasks:
                autoscaling.measures.hear(each.id, _line(now, busy))
            busy = []
        autoscaling.step(cast("list[Rollout]", [played]), now=float(now), speed=speed)
        if now >= first:
            desired.append(played.service.desired)
    return desired, played, ecs


def test_a_flash_crowd_makes_as_many_tasks_as_the_rehearsal_foretells_at_the_same_seconds() -> None:
    tracked = TargetTracking(metric="saturation", target=70)
    of = service(policies(tracked, least=2, most=10, out_s=60, in_s=300))
    trace = shape("flash-crowd", quiet_rps=of.quiet_rps)
    foretold = [moment.desired for moment in simulate(of, trace)]
    desired, played, ecs = _played(trace, least=2, most=10)
    assert max(foretold) == 10
    assert [each["desiredCount"] for each in ecs.asked] == _changes(foretold)
    late = [abs(mine - theirs) for mine, theirs in zip(_when(desired), _when(foretold), strict=True)]
    # A line holds ten seconds of one number of tasks; the rehearsal's metric changes with the task itself.
    assert max(late) <= 60
    assert "was set from 2 to" in played.said[0]
    assert "saturation" in played.said[0]


def _changes(counts: list[int]) -> list[int]:
    return [after for before, after in itertools.pairwise(counts) if before != after]


def _when(counts: list[int]) -> list[int]:
    return [second for second in range(1, len(counts)) if counts[second] != counts[second - 1]]


def test_with_another_speed_the_same_comes_in_a_tenth_of_the_time() -> None:
    crowd = [1.0] * 10 + [200.0] * 110
    # Half a minute, three datapoints of one, and 153 s until the third acts: 363 s are 36 of ours.
    desired, _, _ = _played(crowd, least=1, most=4, speed=10)
    assert 26 < _when(desired)[0] - 10 < 46


def test_nothing_scales_at_speed_0() -> None:
    desired, _, ecs = _played([200.0] * 600, least=1, most=4, speed=0)
    assert ({*desired}, ecs.asked) == ({1}, [])


@pytest.mark.parametrize("missing", ["ComparisonOperator", "Threshold", "EvaluationPeriods"])
def test_an_alarm_of_another_kind_is_named_and_not_played(missing: str) -> None:
    alarm = {key: value for key, value in _BACKLOG.items() if key != missing}
    [of] = scalable(_api([_target()], [_policy("upper", _UPPER, "Step")]), [alarm], lag_s=12).values()
    assert (of.steps, of.not_played) == ((), ("upper",))


def test_a_queue_that_is_gone_has_no_backlog() -> None:
    def gone(**_: Any) -> None:
        raise ClientError({"Error": {"Code": "QueueDoesNotExist"}}, "GetQueueUrl")

    found = stepped(_policy("upper", _UPPER, "Step"), [_BACKLOG])
    assert found
    assert Queues(SimpleNamespace(get_queue_url=gone)).value(found, running=2) is None


def test_what_nobody_plays_is_not_kept() -> None:
    autoscaling = _autoscaling(None, None)
    autoscaling.measures.hear("a", _line(_BEGAN, [50.0]))
    autoscaling.step([], now=float(_BEGAN + 1), speed=0)
    assert autoscaling.measures.of("saturation", ["a"], _BEGAN) is None


def test_a_service_that_sleeps_is_left_alone() -> None:
    _, played, ecs = _played([200.0] * 10, least=1, most=4)
    played.rescaled(0)
    autoscaling = _autoscaling(_constant(1, 4), ecs)
    for second in range(600):
        autoscaling.measures.hear("0", _line(_BEGAN + second, [100.0]))
        autoscaling.step(cast("list[Rollout]", [played]), now=float(_BEGAN + second), speed=1)
    assert ecs.asked == []


def test_botocore_refuses_an_answer_that_aws_never_gives() -> None:
    # Or the tests above would prove nothing of the API's shape.
    stubber = Stubber(_api([], []))
    with pytest.raises(Exception, match="Missing required parameter"):
        stubber.add_response(
            "describe_scaling_policies", {"ScalingPolicies": [{}]}, {"ServiceNamespace": ANY}
        )


_BACKLOG = {
    "AlarmName": "upper",
    "AlarmActions": ["arn:aws:autoscaling:eu-west-1:123456789012:scalingPolicy:upper"],
    "ComparisonOperator": "GreaterThanOrEqualToThreshold",
    "EvaluationPeriods": 1,
    "Threshold": 10.0,
    "Metrics": [
        {"Id": "backlog", "Expression": "(waiting + working) / FILL(tasks, 1)", "ReturnData": True},
        *(
            {
                "Id": name,
                "MetricStat": {
                    "Metric": {
                        "Namespace": "AWS/SQS",
                        "MetricName": f"ApproximateNumberOfMessages{kind}",
                        "Dimensions": [{"Name": "QueueName", "Value": "mail"}],
                    },
                    "Period": 60,
                    "Stat": "Maximum",
                },
                "ReturnData": False,
            }
            for name, kind in (("waiting", "Visible"), ("working", "NotVisible"))
        ),
        {
            "Id": "tasks",
            "MetricStat": {
                "Metric": {"Namespace": "AWS/ECS", "MetricName": "CPUUtilization", "Dimensions": []},
                "Period": 60,
                "Stat": "SampleCount",
            },
            "ReturnData": False,
        },
    ],
}
_UPPER = {
    "AdjustmentType": "PercentChangeInCapacity",
    "MinAdjustmentMagnitude": 1,
    "Cooldown": 120,
    "StepAdjustments": [
        {"MetricIntervalLowerBound": 0.0, "MetricIntervalUpperBound": 10.0, "ScalingAdjustment": 50},
        {"MetricIntervalLowerBound": 10.0, "ScalingAdjustment": 100},
    ],
}


def _queue(**attributes: int) -> Any:
    return SimpleNamespace(
        get_queue_url=lambda QueueName: {"QueueUrl": QueueName},  # noqa: N803 (SQS's own name)
        get_queue_attributes=lambda QueueUrl, AttributeNames: {  # noqa: N803, ARG005
            "Attributes": {name: str(attributes[name]) for name in AttributeNames}
        },
    )


@pytest.mark.parametrize(("waiting", "wanted"), [(13, [2]), (14, [2, 3]), (40, [2, 4])])
def test_a_queues_backlog_adds_workers_by_steps(waiting: int, wanted: list[int]) -> None:
    # With 6 in work and 2 tasks: 9.5 messages a task are below 10; 10 are 50 % more; 23 are 100 % more.
    [stubbed] = scalable(_api([_target()], [_policy("upper", _UPPER, "Step")]), [_BACKLOG], lag_s=12).values()
    assert stubbed.steps
    api = SimpleNamespace(
        describe_scalable_targets=lambda **_: {"ScalableTargets": [_target()]},
        describe_scaling_policies=lambda **_: {"ScalingPolicies": [_policy("upper", _UPPER, "Step")]},
    )
    queue = _queue(ApproximateNumberOfMessages=waiting, ApproximateNumberOfMessagesNotVisible=6)
    ecs = _Ecs()
    autoscaling = _autoscaling(api, ecs, alarms=[_BACKLOG], sqs=queue)
    cluster = "arn:aws:ecs:eu-west-1:1:cluster/cluster"
    worker = _Played(
        replace(SERVICE, desired=2, cluster=cluster),
        Fleet(serving=2, start_s=60, drain_s=30),
        service(policies()).task,
    )
    for now in range(_BEGAN, _BEGAN + 90):
        autoscaling.step(cast("list[Rollout]", [worker]), now=float(now), speed=1)
    assert [2, *(each["desiredCount"] for each in ecs.asked)] == wanted
