"""Create the stack that lets GitHub or GitLab deploy: roles, image repository, limits of previews."""

from infra.pipeline.accounts import pipeline_stacks
from infra.pipeline.stack import PipelineStack

__all__ = ["PipelineStack", "pipeline_stacks"]
