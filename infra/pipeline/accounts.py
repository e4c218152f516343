"""Create one stack of the pipeline for each AWS account of the environments."""

from collections.abc import Sequence

import aws_cdk as cdk

from infra.parameters import Environment, Pipeline
from infra.pipeline.stack import PipelineStack


def pipeline_stacks(
    app: cdk.App, pipeline: Pipeline, environments: Sequence[Environment], preview: Environment | None
) -> list[PipelineStack]:
    """Create the stack `Pipeline` with the images and, for each further account, `Pipeline-<account>`."""
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
