"""Values from stacks: read exports of other CloudFormation stacks, or SSM parameters, into variables.

For a queue's URL or a table's name that another team's stack makes. Free. Not for secrets: use `secrets` in
infra/environments.py. Not for values that never change: use `variables` there.

    if stack.parameters.name == "prod":
        give_variables(stack, exports={"QUEUE_URL": "Orders-QueueUrl"}, parameters={"TABLE": "/orders/table"})
"""

from collections.abc import Mapping

from aws_cdk import Fn
from aws_cdk import aws_ssm as ssm

from infra.stack import WebStack


def give_variables(
    stack: WebStack, *, exports: Mapping[str, str] | None = None, parameters: Mapping[str, str] | None = None
) -> None:
    """Give the service and its release command variables whose values are read at each deployment.

    `exports` maps names of variables to names of CloudFormation exports, `parameters` to names of String
    parameters of Systems Manager. A value that changes between deployments is read at the next one.
    CloudFormation refuses to change an export while this stack reads it; a parameter can be changed at any
    time. Raises ValueError for a name that is set already.
    """
    values = {name: Fn.import_value(export) for name, export in (exports or {}).items()}
    for name, parameter in (parameters or {}).items():
        values[name] = ssm.StringParameter.value_for_string_parameter(stack, parameter)
    for name, value in values.items():
        stack.task.add_variable(name, value)
