"""Values from stacks: what other CloudFormation stacks export, or keep as parameters, as variables here.

For a queue's URL or a table's name that another team's stack makes. Costs nothing. Not for secrets: those are
`secrets` in infra/environments.py, and not for what never changes: that is `variables`.

    give_variables(prod, exports={"QUEUE_URL": "Orders-QueueUrl"}, parameters={"TABLE": "/orders/table"})
"""

from collections.abc import Mapping

from aws_cdk import Fn
from aws_cdk import aws_ssm as ssm

from infra.parameters import SET_BY_INFRA
from infra.stack import WebStack


def give_variables(
    stack: WebStack, *, exports: Mapping[str, str] | None = None, parameters: Mapping[str, str] | None = None
) -> None:
    """Give the service, and its release command, variables whose values only the deployment knows.

    `exports` are variable names and what CloudFormation calls the exports, `parameters` the same with String
    parameters of Systems Manager. Both are read at each deployment: a value that changes in between waits for
    the next one. While this stack reads an export it cannot be changed; a parameter can. Raises ValueError
    for a name that is taken.
    """
    values = {name: Fn.import_value(export) for name, export in (exports or {}).items()}
    for name, parameter in (parameters or {}).items():
        values[name] = ssm.StringParameter.value_for_string_parameter(stack, parameter)
    given = stack.parameters
    for name, value in values.items():
        if SET_BY_INFRA.fullmatch(name) or name in {*given.variables, *given.secrets}:
            raise ValueError(
                f"{name} is set by infra or by environment '{given.name}' already: remove it here"
            )
        for container in stack.task.app_containers:
            container.add_environment(name, value)
