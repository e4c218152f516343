"""Create one stack of the pipeline for each AWS account of the environments."""

import re
from collections.abc import Sequence

import aws_cdk as cdk

from infra.parameters import Environment, Pipeline
from infra.pipeline.stack import PipelineStack


def pipeline_stacks(
    app: cdk.App, pipeline: Pipeline, environments: Sequence[Environment], preview: Environment | None
) -> list[PipelineStack]:
    """Create the stack `Pipeline` with the images and, for each further account, `Pipeline-<account>`.

    Raises ValueError for environments whose names the policies of another one would cover.
    """
    _refuse_names([environment.name for environment in environments], previews=preview is not None)
    accounts = dict.fromkeys([pipeline.account, *(environment.account for environment in environments)])
    stacks = []
    for account in accounts:
        here = [environment for environment in environments if environment.account == account]
        holds_images = account == pipeline.account
        stacks.append(
            PipelineStack(
                app,
                "Pipeline" if holds_images else f"Pipeline-{account or 'default'}",
                pipeline=pipeline,
                account=account,
                region=pipeline.region if holds_images else here[0].region,
                environments=here,
                preview=preview if preview and preview.account == account else None,
                readers=[each for each in accounts if each and each != pipeline.account],
                holds_images=holds_images,
            )
        )
    return stacks


def _refuse_names(names: Sequence[str], *, previews: bool) -> None:
    # The rights of previews are on names that begin with `Web-pr-` and `Webpr` with a digit.
    taken = [name for name in names if re.match(r"pr(-|\d|$)", name)]
    if previews and taken:
        raise ValueError(
            f"an environment is called '{taken[0]}', but 'pr' and names that begin with 'pr-' or "
            "'pr' and a digit are those of previews, whose rights would cover it: give it another name"
        )
    # The CDK names task definitions after the stack, without its hyphens.
    plain: dict[str, str] = {}
    for name in names:
        other = plain.setdefault(name.replace("-", ""), name)
        if other != name:
            raise ValueError(
                f"the environments '{other}' and '{name}' differ by hyphens alone, so that each one's Deploy "
                "role would cover the other's task definitions: give one of them another name"
            )
