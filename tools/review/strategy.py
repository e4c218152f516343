"""Tell where a change takes more deploys than one: of the deployment strategy, or of TLS to the tasks.

https://docs.aws.amazon.com/AmazonECS/latest/developerguide/update-rolling-to-bluegreen.html
"""

from collections.abc import Iterator

from tools.assembly import Properties, Template, as_list
from tools.review.idle import served
from tools.review.reasons import Reason

_TARGETS = "AWS::ElasticLoadBalancingV2::TargetGroup"
_TLS = 'deploy Rolling(tls_change="prepare") first (docs/operations.md, "TLS to the tasks, and back")'
_HOW = 'deploy deployment=Rolling(alternate=True) first (docs/operations.md, "From rolling to blue/green")'


def reasons(old: Template, new: Template) -> Iterator[Reason]:
    """Yield a reason for each service whose strategy and target groups change at once, or whose protocol."""
    for name, resource in new["Resources"].items():
        before = old["Resources"].get(name, {})
        if resource["Type"] == _TARGETS == before.get("Type") and name in served(new):
            was, becomes = (each["Properties"].get("Protocol") for each in (before, resource))
            if was != becomes:
                text = f"{name} changes from {was} to {becomes} in one deploy, which users notice: {_TLS}"
                yield Reason("dangerous", text, "", (name,))
        if resource["Type"] != "AWS::ECS::Service" or before.get("Type") != resource["Type"]:
            continue
        was, becomes = before["Properties"], resource["Properties"]
        if _strategy(was) == _strategy(becomes) or _prepared(was) == _prepared(becomes):
            continue
        yield Reason(
            "dangerous",
            f"{name} changes from {_strategy(was)} to {_strategy(becomes)} and gets or loses its second "
            f"target group in one deploy, which ECS refuses or which loses requests: {_HOW}",
        )


def _strategy(service: Properties) -> str:
    return str(service.get("DeploymentConfiguration", {}).get("Strategy", "ROLLING"))


def _prepared(service: Properties) -> bool:
    return any("AdvancedConfiguration" in each for each in as_list(service.get("LoadBalancers", [])))
