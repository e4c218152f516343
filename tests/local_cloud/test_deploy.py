"""Test the resources that `make up` deploys, as the APIs report them, and what a second deploy changes."""

import json
import subprocess
import urllib.request
from pathlib import Path
from typing import Any

from tests.local_cloud.conftest import Dev, command
from tests.local_cloud.release import CDK, resource, web


def _target_group(dev: Dev) -> dict[str, Any]:
    [group] = dev.client("elbv2").describe_target_groups()["TargetGroups"]
    return dict(group)


def _attributes(dev: Dev) -> dict[str, str]:
    arn = _target_group(dev)["TargetGroupArn"]
    answer = dev.client("elbv2").describe_target_group_attributes(TargetGroupArn=arn)
    return {item["Key"]: item["Value"] for item in answer["Attributes"]}


def _cdk(dev: Dev, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [CDK, *arguments, "--app", str(dev.state.assembly), "--no-notices"]
    environment = dev.running.cloud.environment()
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=False)


def _back_to_the_synthesised_release(dev: Dev) -> None:
    assert dev.roll_out(dev.state.assembly) == 0


def test_the_service_runs_the_deployed_task_definition(dev: Dev) -> None:
    _back_to_the_synthesised_release(dev)
    service = dev.service
    answer = dev.client("ecs").describe_task_definition(taskDefinition=service["taskDefinition"])
    definition = answer["taskDefinition"]
    [container] = (each for each in definition["containerDefinitions"] if each["name"] == "web")
    declared = web(json.loads((dev.state.assembly / "Web-dev.template.json").read_text()))
    assert service["runningCount"] == service["desiredCount"] >= 1
    weights = {item["capacityProvider"]: item["weight"] for item in service["capacityProviderStrategy"]}
    assert weights == {"FARGATE": 0, "FARGATE_SPOT": 1}
    assert service["deploymentConfiguration"]["deploymentCircuitBreaker"] == {
        "enable": True,
        "rollback": True,
    }
    assert container["command"] == ["gunicorn", "--config", "python:service.gunicorn_conf"]
    assert container["environment"] == [
        {"name": item["Name"], "value": item["Value"]} for item in declared["Environment"]
    ]
    assert container["stopTimeout"] == 38
    assert definition["runtimePlatform"]["cpuArchitecture"] == "ARM64"


def test_the_ecs_api_tells_which_tasks_run_and_where(dev: Dev) -> None:
    dev.scaled(2)
    ecs, cluster = dev.client("ecs"), dev.service["clusterArn"]
    arns = ecs.list_tasks(cluster=cluster, desiredStatus="RUNNING")["taskArns"]
    tasks = ecs.describe_tasks(cluster=cluster, tasks=arns)["tasks"]
    assert {arn.rpartition("/")[2] for arn in arns} == {task["id"] for task in dev.tasks}
    assert {task["availabilityZone"] for task in tasks} == {"eu-west-1a", "eu-west-1b"}


def test_the_target_group_checks_health_and_drains_as_declared(dev: Dev) -> None:
    group = _target_group(dev)
    assert (group["HealthCheckPath"], group["Matcher"]["HttpCode"]) == ("/healthz", "200")
    assert (group["HealthCheckIntervalSeconds"], group["HealthCheckTimeoutSeconds"]) == (10, 5)
    assert (group["HealthyThresholdCount"], group["UnhealthyThresholdCount"]) == (2, 3)
    assert _attributes(dev)["deregistration_delay.timeout_seconds"] == "30"


def test_the_listener_forwards_to_the_target_group(dev: Dev) -> None:
    elb = dev.client("elbv2")
    [balancer] = elb.describe_load_balancers()["LoadBalancers"]
    [listener] = elb.describe_listeners(LoadBalancerArn=balancer["LoadBalancerArn"])["Listeners"]
    [rule] = elb.describe_rules(ListenerArn=listener["ListenerArn"])["Rules"]
    assert (listener["Protocol"], listener["Port"]) == ("HTTP", 80)
    assert [action["TargetGroupArn"] for action in rule["Actions"]] == [_target_group(dev)["TargetGroupArn"]]


def test_scaling_and_alarms_exist(dev: Dev) -> None:
    scaling, names = dev.client("application-autoscaling"), dev.service["serviceName"]
    [target] = scaling.describe_scalable_targets(ServiceNamespace="ecs")["ScalableTargets"]
    policies = scaling.describe_scaling_policies(ServiceNamespace="ecs")["ScalingPolicies"]
    alarms = dev.client("cloudwatch").describe_alarms()["MetricAlarms"]
    template = json.loads((dev.state.assembly / "Web-dev.template.json").read_text())
    declared = [item for item in template["Resources"].values() if item["Type"] == "AWS::CloudWatch::Alarm"]
    assert target["ResourceId"].endswith(names)
    assert (target["MinCapacity"], target["MaxCapacity"]) == (1, 2)
    assert {policy["PolicyType"] for policy in policies} == {"TargetTrackingScaling"}
    assert sorted(alarm["Threshold"] for alarm in alarms) == sorted(
        float(item["Properties"]["Threshold"]) for item in declared
    )
    assert len(alarms) >= 3


def test_the_printed_url_answers_through_the_load_balancer(dev: Dev) -> None:
    with urllib.request.urlopen(dev.running.url, timeout=5) as response:
        answer = json.load(response)
    assert answer["environment"] == "dev"
    assert answer["task"] in {task["id"] for task in dev.tasks}
    assert answer["zone"].startswith("eu-west-1")


def test_a_request_that_names_the_load_balancer_reaches_the_same_listener(dev: Dev) -> None:
    [balancer] = dev.client("elbv2").describe_load_balancers()["LoadBalancers"]
    request = urllib.request.Request(dev.running.url, headers={"Host": balancer["DNSName"]})
    with urllib.request.urlopen(request, timeout=5) as response:
        assert json.load(response)["environment"] == "dev"


def test_a_second_deploy_changes_nothing(dev: Dev) -> None:
    _back_to_the_synthesised_release(dev)
    before, tasks = dev.service, dev.tasks
    _back_to_the_synthesised_release(dev)
    assert dev.service["taskDefinition"] == before["taskDefinition"]
    assert dev.service["deployments"] == before["deployments"]
    assert dev.tasks == tasks
    assert _cdk(dev, "diff", "Web-dev", "--fail").returncode == 0
    drift = _cdk(dev, "drift", "Web-dev", "--fail")
    assert drift.returncode == 0, drift.stdout + drift.stderr


def test_a_changed_parameter_updates_exactly_that(dev: Dev, tmp_path: Path) -> None:
    _back_to_the_synthesised_release(dev)
    before, tasks = dev.service, dev.tasks

    def drain_longer(template: dict[str, Any]) -> None:
        attributes = resource(template, "AWS::ElasticLoadBalancingV2::TargetGroup")["TargetGroupAttributes"]
        [delay] = [item for item in attributes if item["Key"] == "deregistration_delay.timeout_seconds"]
        delay["Value"] = "45"

    old = _attributes(dev)
    assert dev.roll_out(dev.make(tmp_path, edit=drain_longer)) == 0
    assert _attributes(dev) == old | {"deregistration_delay.timeout_seconds": "45"}
    assert (dev.service["deployments"], dev.tasks) == (before["deployments"], tasks)
    _back_to_the_synthesised_release(dev)
    assert _attributes(dev) == old


def test_an_up_with_another_environment_is_refused(dev: Dev) -> None:
    refused = command(dev.state, "up", "--environment", "prod")
    assert refused.returncode == 1
    assert "runs 'dev', and you asked for 'prod'" in refused.stderr
    assert "make down" in refused.stderr
