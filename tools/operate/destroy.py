"""Run `cdk destroy` unless something protects the environment, and say what stays (`make destroy`)."""

import os
import subprocess
from pathlib import Path

from tools.environments import find
from tools.operate.consent import agreed
from tools.operate.deployed import Deployed
from tools.operate.errors import NotDeployedError, OperateError
from tools.show import console
from tools.stack_resources import held, retained

_REPOSITORY = Path(__file__).resolve().parents[2]
_CDK = _REPOSITORY / "node_modules" / ".bin" / "cdk"
_BALANCER = "AWS::ElasticLoadBalancingV2::LoadBalancer"
# No deploy can go on from a first one that failed; the CDK CLI deletes what it left, unless it is protected.
# https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cfn-console-create-stack.html
NEVER_COMPLETE = ("ROLLBACK_COMPLETE", "ROLLBACK_FAILED", "CREATE_FAILED", "REVIEW_IN_PROGRESS")


def destroy(deployed: Deployed, *, assembly: Path | None, token: str = "") -> int:
    """Destroy the stack; the exit code is 0 when it is gone."""
    cloudformation = deployed.client("cloudformation")
    resources = held(cloudformation, deployed.stack)
    protected = list(_protections(deployed, resources))
    never_complete = deployed.description["StackStatus"] in NEVER_COMPLETE
    if protected and not never_complete:
        raise OperateError(
            f"{deployed.stack} is protected: {' and '.join(protected)}. To give that up, set"
            ' removal="destroy" for it in infra/environments.py and deploy; its log groups and buckets are'
            " then deleted with it. To keep them, switch off the protection alone, by hand."
        )
    kept = retained(cloudformation, deployed.stack) & resources.keys()
    # Retained only for the case that a first deployment fails; a stack that may go takes it along.
    logs = deployed.log_groups() if find(deployed.environment).removal == "destroy" else []
    names = {str(group["logGroupName"]) for group in logs}
    kept = {name for name in kept if resources[name][1] not in names}
    staying = [f"{kind} {physical}" for name, (kind, physical) in sorted(resources.items()) if name in kept]
    console.print(
        f"{deployed.stack} has {len(resources)} resources; {len(resources) - len(kept)} will be deleted."
    )
    if never_complete:
        console.print(
            f"Its first deploy failed ({deployed.description['StackStatus']}), so nothing of it ever served."
        )
    _tell(staying, "These stay, and go on to cost:")
    going = f"{len(resources) - len(kept)} of its {len(resources)} resources"
    plan = [f"{deployed.stack} is destroyed, with {going}."]
    plan += [f"{each} stays." for each in staying]
    given = [f"ARGS=--app {assembly}"] if assembly else []
    if not agreed(
        deployed,
        "destroy",
        plan,
        question="This cannot be undone.",
        word=deployed.environment,
        token=token,
        given=given,
    ):
        console.print("Nothing was destroyed.")
        return 1
    if never_complete:
        _give_up_protections(deployed, resources)
    if not _CDK.exists():
        raise OperateError(f"{_CDK} is missing: `make setup` installs it.")
    # Validating the templates of a stack that is to be destroyed would only take time.
    environment = {**os.environ, "CDK_VALIDATION": "false"}
    command = [str(_CDK), "destroy", deployed.stack, "--force", "--no-notices"]
    command += ["--app", str(assembly)] if assembly else []
    done = subprocess.run(command, cwd=_REPOSITORY, env=environment, check=False)  # noqa: S603 (our own CLI)
    if done.returncode or _is_there(deployed):
        raise OperateError(
            f"{deployed.stack} was not destroyed; the lines above say why. `make why"
            f" ENV={deployed.environment}` looks further. Running this again goes on from here."
        )
    for name in sorted(names):
        deployed.client("logs").delete_log_group(logGroupName=name)
    _tell(staying, f"{deployed.stack} is gone. What stays, to be deleted by hand when nobody needs it:")
    if not staying:
        console.print(f"{deployed.stack} is gone, and nothing of it stays.")
    console.print(
        "Its images stay in the bootstrap repository, which all stacks share: `npx cdk gc` tidies it."
    )
    return 0


def _protections(deployed: Deployed, resources: dict[str, tuple[str, str]]) -> list[str]:
    found = []
    if deployed.description.get("EnableTerminationProtection"):
        found.append("the stack has termination protection")
    for kind, arn in resources.values():
        if kind == _BALANCER and _undeletable(deployed, arn):
            found.append("its load balancer has deletion protection")
    return found


def _give_up_protections(deployed: Deployed, resources: dict[str, tuple[str, str]]) -> None:
    """Switch off what protects a stack that was never complete, and so never served anybody."""
    cloudformation = deployed.client("cloudformation")
    cloudformation.update_termination_protection(StackName=deployed.stack, EnableTerminationProtection=False)
    for kind, arn in resources.values():
        if kind == _BALANCER and arn and _undeletable(deployed, arn):
            off = [{"Key": "deletion_protection.enabled", "Value": "false"}]
            deployed.client("elbv2").modify_load_balancer_attributes(LoadBalancerArn=arn, Attributes=off)


def _undeletable(deployed: Deployed, arn: str) -> bool:
    answer = deployed.client("elbv2").describe_load_balancer_attributes(LoadBalancerArn=arn)["Attributes"]
    return {"Key": "deletion_protection.enabled", "Value": "true"} in answer


def _tell(staying: list[str], title: str) -> None:
    if staying:
        console.print(title, *staying, sep="\n  ", markup=False)


def _is_there(deployed: Deployed) -> bool:
    try:
        return bool(Deployed(deployed.environment, deployed.session).description)
    except NotDeployedError:
        return False
