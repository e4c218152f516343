"""Run the commands that need AWS or the environments, and so more than Python."""

import argparse
import os
from collections.abc import Callable
from functools import wraps
from typing import Any

from boto3.session import Session
from botocore.exceptions import BotoCoreError, ClientError

from tools.environments import ENVIRONMENTS, FLEETS, UnknownEnvironmentError, find
from tools.operate.deployed import Deployed
from tools.operate.errors import OperateError, in_one_line
from tools.operate.rollback import rollback
from tools.pipeline import change_set as change_sets
from tools.pipeline import image as images
from tools.pipeline import previews
from tools.pipeline import settings as pipeline_settings
from tools.pipeline.errors import PipelineError
from tools.pipeline.github import GitHub

Command = Callable[[argparse.Namespace], int]


def _in_one_line(command: Command) -> Command:
    @wraps(command)
    def told(given: argparse.Namespace) -> int:
        try:
            return command(given)
        except (BotoCoreError, ClientError) as error:
            raise PipelineError(in_one_line(error)) from None
        except (OperateError, UnknownEnvironmentError) as error:
            raise PipelineError(str(error)) from None

    return told


@_in_one_line
def settings(given: argparse.Namespace) -> int:
    """Print the variable PIPELINE."""
    print(pipeline_settings.merged(given.outputs, pipeline_settings.of_fleets(ENVIRONMENTS, FLEETS)))
    return 0


@_in_one_line
def image(_: argparse.Namespace) -> int:
    """Print how the image is built."""
    images.same_for_all(ENVIRONMENTS)
    print(f"platforms={images.platforms(ENVIRONMENTS)}")
    print(f"runner={images.runner(ENVIRONMENTS)}")
    print(f"requirements={images.requirements(ENVIRONMENTS)}")
    # With a comma on each side, so that ",dev," is in it and not in that of "dev-2".
    print(f"data=,{''.join(f'{each.name},' for each in ENVIRONMENTS if each.keeps_data)}")
    return 0


@_in_one_line
def change_set(given: argparse.Namespace) -> int:
    """Print ARN and kind of a change set, and add what it does to a summary."""
    environment = find(given.environment)
    stack = environment.data_stack_name if given.data else environment.stack_name
    cloudformation = _cloudformation(environment.region)
    found = change_sets.prepared(cloudformation, stack=stack, name=given.name)
    with given.summary.open("a") as file:
        file.write(change_sets.summary(stack, found, image=given.image))
    if given.data:
        change_sets.refuse_losses(cloudformation, stack, found)
    print(f"change_set={found.arn}")
    print(f"release={'true' if found.is_release else 'false'}")
    return 0


@_in_one_line
def url(given: argparse.Namespace) -> int:
    """Print where an environment answers."""
    environment = find(given.environment)
    print(Deployed(environment.name, Session(region_name=environment.region)).output("Url"))
    return 0


@_in_one_line
def roll_back(given: argparse.Namespace) -> int:
    """Bring the release before back, after the smoke test of the pipeline's own deployment has failed."""
    # Elsewhere a person decides: `make rollback`. Whoever let the pipeline deploy has decided here.
    if not {"GITHUB_ACTIONS", "GITLAB_CI"} & os.environ.keys():
        raise PipelineError("roll-back is for a job of the pipeline; a person runs `make rollback`")
    environment = find(given.environment)
    return rollback(Deployed(environment.name, Session(region_name=environment.region)), to="", sure=True)


@_in_one_line
def sweep(given: argparse.Namespace) -> int:
    """Remove previews, and say which and why."""
    cloudformation = _cloudformation(find(f"pr-{given.pull_request or 1}").region)
    there = list(previews.deployed(cloudformation))
    if given.pull_request:
        wanted = [(each, "as asked") for each in there if each.number == given.pull_request]
    else:
        open_ones = {int(pull["number"]) for pull in GitHub.of_this_run().listed("/pulls?state=open")}
        wanted = list(previews.due(there, open_pull_requests=open_ones, now=previews.now()))
    for each, reason in wanted:
        print(f"removing {each.stack}: {reason}", flush=True)
    previews.remove(cloudformation, [each.stack for each, _ in wanted])
    print(f"{len(wanted)} of {len(there)} previews removed.")
    return 0


def _cloudformation(region: str) -> Any:
    return Session(region_name=region).client("cloudformation")
