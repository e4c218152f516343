"""One stack per environment; the only place that reads what comes from outside."""

import json
import sys
from pathlib import Path

import aws_cdk as cdk
import cdk_nag
from pydantic import ValidationError

from infra.environment import Environment
from infra.environment.image import ImageByDigest
from infra.environment.load_balancer import SharedLoadBalancer
from infra.parameters import explain, place_in_our_code
from infra.policy.plugin import Policy
from infra.service_settings import read_settings
from infra.sharing import owners_first
from infra.stack import WebStack

CDK_JSON = Path(__file__).resolve().parent / "cdk.json"


def empty_app(*, outdir: str | None = None) -> cdk.App:
    """An app under the feature flags of cdk.json, whoever starts it and from wherever."""
    flags = json.loads(CDK_JSON.read_text())["context"]
    # Stack traces hold temporary folders: without them, two synths of one commit are the same bytes.
    no_traces = {"aws:cdk:disable-creation-stack-traces": True}
    return cdk.App(context=flags | no_traces, stack_traces=False, outdir=outdir)


def build_app(*environments: Environment, outdir: str | None = None) -> cdk.App:
    """An app with a stack for each environment, which fails its synth when a rule is broken.

    With `-c image=REPOSITORY@DIGEST` all of them run that image. Raises ValidationError when it is none, and
    SharingError when environments cannot share a load balancer as they say.
    """
    app = empty_app(outdir=outdir)
    cdk.Validations.of(app).add_plugins(cdk_nag.AwsSolutionsChecks(), Policy(read_settings()))
    stacks: dict[str, WebStack] = {}
    given = app.node.try_get_context("image")
    if given:
        image = ImageByDigest.parse(given)
        environments = tuple(each.model_copy(update={"image": image}) for each in environments)
    for environment in owners_first(environments):
        balancer = environment.load_balancer
        stacks[environment.name] = WebStack(
            app,
            f"Web-{environment.name}",
            environment=environment,
            owner=stacks[balancer.owner] if isinstance(balancer, SharedLoadBalancer) else None,
        )
    return app


if __name__ == "__main__":
    try:
        from infra.environments import ENVIRONMENTS

        app = build_app(*ENVIRONMENTS)
    except ValidationError as error:
        sys.exit(explain(error))
    except ValueError as error:
        # Environments that cannot share, or a recipe that refuses how it is called.
        sys.exit(f"{place_in_our_code(error)}{error}")
    app.synth()
