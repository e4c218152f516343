"""Test the real command on real commits, without an AWS variable and without a network."""

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.review.conftest import Answer, tag
from tests.review.seeds import SEEDS
from workshop.review_page import PAGE, git, page

Seeded = Callable[[str], Answer]


@pytest.mark.parametrize("name", SEEDS)
def test_each_environment_gets_the_verdict_it_should(seeded: Seeded, name: str) -> None:
    answer = seeded(name)
    assert answer.code in (0, 1), answer.stderr
    assert answer.verdicts == SEEDS[name].verdicts


def test_nothing_of_aws_is_in_the_environment(offline: dict[str, str]) -> None:
    assert [name for name in offline if name.startswith("AWS_")] == []


@pytest.mark.parametrize("name", ["comment only", "test only"])
def test_what_deploys_the_same_is_no_change(seeded: Seeded, name: str) -> None:
    answer = seeded(name)
    assert answer.json["verdict"] == "no change"
    assert [each["reasons"] for each in answer.json["environments"]] == [[], [], []]


def test_a_gate_ends_with_1_and_all_else_with_0(seeded: Seeded) -> None:
    codes = {name: (seeded(name).code, seeded(name).json["verdict"]) for name in SEEDS}
    assert {name: code for name, (code, _) in codes.items()} == {
        name: int(verdict == "dangerous") for name, (_, verdict) in codes.items()
    }


def test_a_renamed_load_balancer_is_called_a_move(seeded: Seeded) -> None:
    said = seeded("load balancer renamed").said_of("prod")
    assert "dangerous: ElasticLoadBalancingV2::LoadBalancer FrontDoorLoadBalancer is removed" in said
    assert "the same as FrontDoorBalancer under another id" in said
    assert "anyone on the internet" not in said


def test_going_private_replaces_the_load_balancer_and_opens_nothing(seeded: Seeded) -> None:
    staging = seeded("public to private, longest request, a shell").environment("staging")
    replaced = [each["logical_id"] for each in staging["resources"] if each["effect"] == "replaced"]
    assert any(each.startswith("FrontDoorLoadBalancer") for each in replaced)
    assert staging["destructive"]
    assert not staging["widening"]
    assert {"name": "load_balancer.ingress", "old": "Internet", "new": "InsideVpc"} in staging["parameters"]


def test_timeouts_are_told_as_they_are_derived(seeded: Seeded) -> None:
    answer = seeded("public to private, longest request, a shell")
    numbers = {each["name"]: (each["old"], each["new"]) for each in answer.environment("prod")["numbers"]}
    assert numbers["drain, s"] == ("30", "45")
    assert numbers["stop timeout of web, s"] == ("38", "53")
    forecast = answer.environment("prod")["forecast"]
    assert forecast["new"]["done_s"] - forecast["old"]["done_s"] == 30


def test_more_memory_costs_more_and_is_deployed_without_interruption(seeded: Seeded) -> None:
    dev = seeded("memory, min tasks, log retention").environment("dev")
    assert {each["effect"] for each in dev["resources"]} == {"updated"}
    assert dev["cost"]["new"]["at_min"] > dev["cost"]["old"]["at_min"]
    assert dev["cost"]["new"]["fixed"] == dev["cost"]["old"]["fixed"]


def test_a_shorter_retention_names_what_is_deleted(seeded: Seeded) -> None:
    said = seeded("memory, min tasks, log retention").said_of("prod")
    assert "look: older lines are deleted earlier: " in said
    assert "Logs::LogGroup TaskLog RetentionInDays 30 → 14" in said


def test_fewer_tasks_are_to_be_looked_at(seeded: Seeded) -> None:
    said = seeded("memory, min tasks, log retention").said_of("staging")
    assert "look: fewer tasks at least: " in said
    assert "MinCapacity 2 → 1" in said


def test_a_change_of_the_app_names_the_files_and_the_image(seeded: Seeded) -> None:
    prod = seeded("route added to the app").environment("prod")
    assert [(each["container"], each["files"]) for each in prod["images"]] == [("web", ["app/api.py"])]


def test_what_gets_wider_is_told_in_words(seeded: Seeded) -> None:
    prod = seeded("security group and role widened").environment("prod")
    texts = [each["text"] for each in prod["wider"]]
    assert "anyone on the internet can now reach tasks on port 22" in texts
    assert any(each.endswith("now has AWS's policy AdministratorAccess") for each in texts)
    assert prod["widening"]


def test_a_finding_that_the_base_had_not_is_told_although_the_head_fails_its_synth(seeded: Seeded) -> None:
    new = seeded("security group and role widened").environment("prod")["findings"]["new"]
    assert "AwsSolutions-EC23" in {each["rule"] for each in new}
    assert all(each["serious"] for each in new if each["rule"].startswith("AwsSolutions"))


def test_a_new_environment_tells_what_it_costs_and_who_reaches_it(seeded: Seeded) -> None:
    said = seeded("new environment").said_of("demo")
    assert "a new environment" in said
    assert "anyone on the internet can reach its load balancer on port 80" in said


def test_renamed_and_removed_environments_are_told_apart(seeded: Seeded) -> None:
    answer = seeded("renamed and removed environment")
    assert "renamed from staging: CloudFormation cannot rename a stack" in answer.said_of("qa")
    assert "renamed to qa" in answer.said_of("staging")
    assert "no longer described: its stack Web-dev stays in AWS" in answer.said_of("dev")


def test_a_bump_names_the_versions(seeded: Seeded) -> None:
    notes = "\n".join(seeded("dependency of the service").json["notes"])
    assert "service/requirements.txt: flask 3.1.3 → 2.1.3" in notes


def test_packages_that_cannot_be_had_are_said_to_be_missing(seeded: Seeded) -> None:
    answer = seeded("dependency of the synth")
    assert "A synth uses aws-cdk-lib 2.275.0 → 2.274.0." in "\n".join(answer.json["notes"])
    assert "both sides are synthesised with those installed" in answer.said_of("prod")


def test_no_half_made_folder_and_no_worktree_is_left(project: Path, seeded: Seeded) -> None:
    for name in SEEDS:
        seeded(name)
    assert [each.name for each in (project / ".local/review").iterdir() if each.name.startswith(".")] == []
    assert len(git(project, "worktree", "list").splitlines()) == 1
    assert git(project, "status", "--porcelain") == ""


def test_the_sample_in_the_docs_is_what_the_command_writes_now(seeded: Seeded) -> None:
    answer = seeded("public to private, longest request, a shell")
    report = answer.report
    told = report.replace("**Stopped** by the gate `dangerous`: change it, or have it accepted.\n\n", "")
    assert PAGE.read_text() == page(PAGE.read_text(), told, answer.json), (
        "docs/review.md is old: run `make docs`"
    )


def test_a_second_review_of_the_same_says_the_same_and_how_long_it_took(
    project: Path, seeded: Seeded, review: Callable[..., Answer], report: list[str]
) -> None:
    name = "public to private, longest request, a shell"
    first, second = seeded(name), review(project, "--base", "base", "--head", tag(name))
    assert second.report == first.report
    took = [answer.stderr.splitlines()[-1].rpartition("(")[2].rstrip(")") for answer in (first, second)]
    report.append(f"review of three environments: {took[0]} with its synths, {took[1]} from the cache")
