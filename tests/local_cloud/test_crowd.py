"""Test that a crowd makes tasks appear: deployed policies, what the service reports, and real tasks."""

from pathlib import Path
from typing import Any

from tests.local_cloud.conftest import Dev, command
from tests.wait import wait_for
from tools.local_cloud.runner.autoscaling import MOST_SPEED


def _aim_low(template: dict[str, Any]) -> None:
    """Let little CPU be above the target, so that the test needs no more load than a busy machine carries."""
    for policy in template["Resources"].values():
        if policy["Type"] == "AWS::ApplicationAutoScaling::ScalingPolicy":
            policy["Properties"]["TargetTrackingScalingPolicyConfiguration"]["TargetValue"] = 2


def test_a_crowd_makes_a_second_task_appear_and_loses_nothing_but_what_is_shed(
    dev: Dev, tmp_path: Path, report: list[str]
) -> None:
    assert dev.roll_out(dev.make(tmp_path, edit=_aim_low)) == 0
    dev.scaled(1)
    dev.state.write("speed", MOST_SPEED)
    try:
        with dev.load() as load:
            wait_for(lambda: len(dev.tasks) == 2, "a second task", within_s=180)
            wait_for(lambda: len(load.tasks) == 2, "answers of both tasks")
            shown = command(dev.state, "status").stdout
        client = dev.client("application-autoscaling")
        [activity, *_] = client.describe_scaling_activities(ServiceNamespace="ecs")["ScalingActivities"]
    finally:
        dev.state.write("speed", 0)
    report.append(f"a crowd: 1 to 2 tasks because of {activity['Cause']}; {len(load.failed)} shed")
    assert [each for each in load.failed if not each.startswith("503")] == []
    assert activity["StatusMessage"] == "Successfully set desired count to 2."
    assert f"{MOST_SPEED} times as fast as in AWS" in shown
    assert "from 1 to 2 tasks" in shown
