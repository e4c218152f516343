"""Build the CDK app: one stack for each environment. Values from outside come in only here."""

import json
import re
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

import aws_cdk as cdk
import cdk_nag
from pydantic import ValidationError

from infra.contract import ServiceSettings, read_settings
from infra.parameters import (
    Environment,
    ImageByDigest,
    Pipeline,
    SharedLoadBalancer,
    explain,
    owners_first,
    place_in_our_code,
)
from infra.pipeline import pipeline_stacks
from infra.policy import Accepted, Policy, accept_at_synth
from infra.stack import WebStack

CDK_JSON = Path(__file__).resolve().parent.parent / "cdk.json"


def empty_app(*, outdir: str | None = None, context: dict[str, str] | None = None) -> cdk.App:
    """An app under the feature flags of cdk.json, whoever starts it and from wherever."""
    flags = json.loads(CDK_JSON.read_text())["context"]
    # Stack traces hold temporary folders: without them, two synths of one commit are the same bytes.
    no_traces = {"aws:cdk:disable-creation-stack-traces": True}
    return cdk.App(context=flags | no_traces | (context or {}), stack_traces=False, outdir=outdir)


def build_app(
    *environments: Environment,
    preview: Callable[[int], Environment] | None = None,
    pipeline: Pipeline | None = None,
    add: Callable[[WebStack], None] | None = None,
    accepted: Sequence[Accepted] = (),
    settings: ServiceSettings | None = None,
    outdir: str | None = None,
    context: dict[str, str] | None = None,
) -> cdk.App:
    """An app with a stack for each environment, which fails its synth when a rule is broken.

    With `-c image=REPOSITORY@DIGEST` all of them run that image; with `-c preview=NUMBER` there is also what
    `preview` makes of the number. With the `settings` of the service, its variables are compared with them.
    `context` is what the CLI hands over otherwise. Raises ValidationError when the image is none, ValueError
    when the number is none, and SharingError when environments cannot share a load balancer as they say.
    """
    app = empty_app(outdir=outdir, context=context)
    cdk.Validations.of(app).add_plugins(cdk_nag.AwsSolutionsChecks(), Policy(settings))
    stacks: dict[str, WebStack] = {}
    web = list(environments)
    number = app.node.try_get_context("preview")
    if preview and number is not None:
        web.append(preview(pull_request_number(number)))
    given = app.node.try_get_context("image")
    if given:
        image = ImageByDigest.parse(given)
        web = [each.model_copy(update={"image": image}) for each in web]
    for environment in owners_first(web):
        balancer = environment.load_balancer
        stacks[environment.name] = WebStack(
            app,
            f"Web-{environment.name}",
            environment=environment,
            owner=stacks[balancer.owner] if isinstance(balancer, SharedLoadBalancer) else None,
        )
        if add:
            add(stacks[environment.name])
        accept_at_synth(stacks[environment.name], environment.name, accepted)
    if pipeline:
        pipeline_stacks(app, pipeline, environments, preview(1) if preview else None)
    return app


def pull_request_number(given: str) -> int:
    """The number of a pull request; raises ValueError for anything else."""
    if not re.fullmatch(r"[1-9]\d{0,8}", given):
        raise ValueError(f"preview is '{given}': give the number of a pull request, such as -c preview=123")
    return int(given)


def main() -> None:
    """Synthesise the team's environments; a wrong one ends the synth with one line and exit code 1."""
    try:
        # Imported here, because the team's file itself may raise what is explained below.
        from infra.accepted import ACCEPTED  # noqa: PLC0415
        from infra.additions import add  # noqa: PLC0415
        from infra.environments import ENVIRONMENTS, PIPELINE, preview  # noqa: PLC0415

        app = build_app(
            *ENVIRONMENTS,
            preview=preview,
            pipeline=PIPELINE,
            add=add,
            accepted=ACCEPTED,
            settings=read_settings(),
        )
    except ValidationError as error:
        sys.exit(explain(error))
    except ValueError as error:
        # Environments that cannot share, or a recipe that refuses how it is called.
        sys.exit(f"{place_in_our_code(error)}{error}")
    app.synth()
