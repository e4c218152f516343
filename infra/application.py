"""Build the CDK app, one stack for each environment; only this module reads context from outside."""

import json
import re
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

import aws_cdk as cdk
import cdk_nag

from infra.borrowed import borrowed
from infra.contract import ServiceSettings, read_settings, settings_problems
from infra.data_stack import DataStack
from infra.mistakes import end_with_a_sentence
from infra.parameters import (
    Environment,
    ImageByDigest,
    Pipeline,
    SharedLoadBalancer,
    needs,
    owners_first,
    taken_twice,
)
from infra.pipeline import pipeline_stacks
from infra.policy import Accepted, Policy, accept_at_synth
from infra.stack import WebStack

CDK_JSON = Path(__file__).resolve().parent.parent / "cdk.json"


def empty_app(*, outdir: str | None = None, context: dict[str, str] | None = None) -> cdk.App:
    """Return an app with the feature flags of cdk.json, also when the CDK CLI does not start it."""
    flags = json.loads(CDK_JSON.read_text())["context"]
    # Stack traces name temporary folders. Without them, two synths of one commit give the same bytes.
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
    """Return an app with a stack for each environment; its synth fails when a rule is broken.

    With `-c image=REPOSITORY@DIGEST` every environment runs that image. With `-c preview=NUMBER` the app also
    has the environment that `preview` returns for the number. The policy compares the variables of the
    service with its `settings`, if given. `context` replaces the `-c` options in tests. Raises
    ValidationError if the image is not REPOSITORY@DIGEST, ValueError if the number is not one, and
    SharingError if an environment cannot share the load balancer that it names.
    """
    app = empty_app(outdir=outdir, context=context)
    cdk.Validations.of(app).add_plugins(cdk_nag.AwsSolutionsChecks(), Policy(settings))
    stacks: dict[str, WebStack] = {}
    web = list(environments)
    number = app.node.try_get_context("preview")
    _refuse_what_is_of_others(environments, preview)
    if preview and number is not None:
        web.append(preview(pull_request_number(number)))
    elif preview and settings:
        check_preview(preview(1), settings)
    given = app.node.try_get_context("image")
    if given:
        image = ImageByDigest.parse(given)
        web = [each.model_copy(update={"image": image}) for each in web]
    for environment in owners_first(web):
        balancer = environment.load_balancer
        stacks[environment.name] = WebStack(
            app,
            environment.stack_name,
            environment=environment,
            owner=stacks[balancer.owner] if isinstance(balancer, SharedLoadBalancer) else None,
            data=DataStack(app, environment.data_stack_name, environment=environment)
            if environment.keeps_data
            else None,
        )
        if add:
            add(stacks[environment.name])
        accept_at_synth(stacks[environment.name], environment.name, accepted)
    for each in environments:
        for sentence in borrowed(each, environments):
            cdk.Annotations.of(stacks[each.name]).add_warning_v2("flask-fargate:borrowed-secret", sentence)
    _warn_of_quotas(web, stacks)
    if pipeline:
        pipeline_stacks(app, pipeline, environments, preview(1) if preview else None)
    return app


def _refuse_what_is_of_others(
    environments: Sequence[Environment], preview: Callable[[int], Environment] | None
) -> None:
    """Raise ValueError for a secret or a channel that another environment has."""
    if preview and (sentence := next(borrowed(preview(1), environments), None)):
        raise ValueError(f"preview() in infra/environments.py: {sentence}")
    if taken := taken_twice(environments):
        raise ValueError(f"infra/environments.py: {taken}")


def silence(environments: Sequence[Environment]) -> str | None:
    """Return a sentence about the first environment that is to stay and tells nobody of its alarms."""
    for each in environments:
        if each.removal == "retain" and each.alarms.email is None:
            return (
                f"infra/environments.py: {each.name}: removal is 'retain' and alarms.email is not set, so "
                "that nobody would hear of alarms and failed deployments of what is to stay: set "
                "alarms=Alarms(email=...), or removal='destroy'"
            )
    return None


def check_preview(preview: Environment, settings: ServiceSettings) -> None:
    """Raise ValueError if the service would not start as a preview: now, not when there is a pull request."""
    # What the kit's own settings require, every stack gives; recipes may give the team's.
    given = {name: "" for name, each in settings.settings.items() if each.required and not each.of_the_team}
    problems = settings_problems(
        settings,
        environment=preview.name,
        variables={**given, **preview.variables},
        secrets=preview.secrets,
    )
    if sentence := next(problems, None):
        raise ValueError(f"preview() in infra/environments.py: {sentence}")


def _warn_of_quotas(environments: Sequence[Environment], stacks: dict[str, WebStack]) -> None:
    for need in needs(environments):
        if sentence := need.exceeds(need.quota.default, whose="an account that never asked for more"):
            most = max(need.by.keys() & stacks.keys(), key=lambda name: need.by[name])
            cdk.Annotations.of(stacks[most]).add_warning_v2(
                f"flask-fargate:quota-{need.quota.code}", f"{sentence}. `make doctor` asks what yours has."
            )


def pull_request_number(given: str) -> int:
    """Return the number of a pull request; raises ValueError for anything else."""
    if not re.fullmatch(r"[1-9]\d{0,8}", given):
        raise ValueError(f"preview is '{given}': give the number of a pull request, such as -c preview=123")
    return int(given)


def main() -> None:
    """Synthesise the team's environments; a mistake in its files ends with one line and exit code 1."""
    with end_with_a_sentence():
        # Imported here, because the team's files themselves may be wrong.
        from infra.accepted import ACCEPTED  # noqa: PLC0415
        from infra.additions import add  # noqa: PLC0415
        from infra.environments import ENVIRONMENTS, PIPELINE, preview  # noqa: PLC0415

        if nobody_told := silence(ENVIRONMENTS):
            sys.exit(nobody_told)
        app = build_app(
            *ENVIRONMENTS,
            preview=preview,
            pipeline=PIPELINE,
            add=add,
            accepted=ACCEPTED,
            settings=read_settings(),
        )
    app.synth()
