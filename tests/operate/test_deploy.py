"""Test that `deploy` judges first, stops at what is dangerous, and ends with the way back."""

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.environments import DEV
from tests.operate.answers import service, stacks, well
from tests.operate.failures import FAILURES
from tests.operate.recorded import Recorded, Refusal
from tools.operate import consent, deploy, releases, ship
from tools.operate.deploy import Deploy
from tools.operate.errors import NeedsPersonError, OperateError, UsageError

_COMMIT = "d4e5f6a7" * 5
_GONE = Refusal("ValidationError", "Stack with id Web-dev does not exist")


def _table(billing: str) -> dict[str, Any]:
    properties = {
        "TableName": "guests",
        "BillingMode": billing,
        "KeySchema": [{"AttributeName": "id", "KeyType": "HASH"}],
        "AttributeDefinitions": [{"AttributeName": "id", "AttributeType": "S"}],
    }
    return {"Resources": {"Guests": {"Type": "AWS::DynamoDB::Table", "Properties": properties}}}


class Aws:
    """A recorded AWS, and a CDK CLI that ends at once; `after` are AWS's answers from then on."""

    def __init__(
        self, folder: Path, *, new: dict[str, Any] | None = None, ends: int = 0, **after: Any
    ) -> None:
        self.ends, self.after = ends, after
        self.called: list[list[str]] = []
        self.environment: dict[str, str] = {}
        old = _table("PAY_PER_REQUEST")
        self.answers: dict[str, Any] = {
            **well(),
            "GetTemplate": {"TemplateBody": json.dumps(old)},
            "ListServiceDeployments": {"serviceDeployments": []},
            "GetCallerIdentity": {
                "Account": "123456789012",
                "Arn": "arn:aws:sts::123456789012:assumed-role/Deployer/ada",
            },
            "TagResource": {},
        }
        (folder / "Web-dev.template.json").write_text(json.dumps(new or old))
        (folder / "Web-dev.assets.json").write_text('{"dockerImages": {"1": {}}}')
        self.assembly = folder
        self.recorded = Recorded(self.answers)
        self.deployed = self.recorded.deployed()

    def popen(self, command: list[str], *, env: dict[str, str], **_: Any) -> "Aws":
        self.called.append(command)
        self.environment = env
        self.answers |= self.after
        return self

    @property
    def returncode(self) -> int:
        return self.ends

    def poll(self) -> int:
        return self.ends

    def deploy(self, *, accept: bool = False, fast: bool = False) -> int:
        return deploy.deploy(self.deployed, assembly=self.assembly, accept=accept, fast=fast)


@pytest.fixture
def aws(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Return a function that makes an Aws, beside which docker is installed and a commit is checked out."""

    def made(**choices: Any) -> Aws:
        found = Aws(tmp_path, **choices)
        monkeypatch.setattr(ship, "Popen", found.popen)
        return found

    said = {"rev-parse": _COMMIT, "status": "", "log": "Greet guests (Ada)"}
    monkeypatch.setattr(ship, "git", lambda command, *_: said[command])
    monkeypatch.setattr(ship, "_CDK", Path(__file__))
    monkeypatch.setattr(deploy, "_LOG", tmp_path / "deploy.log")
    monkeypatch.setattr(ship, "which", lambda name: f"/bin/{name}" if name == "docker" else None)
    monkeypatch.delenv("CDK_DOCKER", raising=False)
    return made


def test_it_ends_with_the_url_the_version_and_the_way_back(
    aws: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    made = aws()
    assert made.deploy() == 0
    told = capsys.readouterr().out
    assert "Review   no change" in told
    assert "Release  version-2 → d4e5f6a7d Greet guests (Ada)" in told
    assert "tasks    version-2: 1 of 1 run" in told
    assert told.splitlines()[-1].startswith("✓ https://www.example.com serves version-2, after")
    assert told.splitlines()[-1].endswith("Back: make rollback ENV=dev")
    [command] = made.called
    assert command[1:3] == ["deploy", "Web-dev"]
    assert made.deployed.answer["outcome"] == "deployed"


def test_it_notes_commit_author_and_deployer_at_the_release(aws: Any) -> None:
    made = aws()
    made.deploy()
    [asked] = made.recorded.parameters("TagResource")
    noted = {tag["key"]: tag["value"] for tag in asked["tags"]}
    assert noted[releases.COMMIT] == _COMMIT
    assert noted[releases.BY] == "assumed-role/Deployer/ada"
    # https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_Tag.html has what a value may hold.
    assert noted[releases.AUTHOR] == "Greet guests _Ada_"


def test_a_release_that_cannot_be_noted_serves_nevertheless(
    aws: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    made = aws(TagResource=Refusal("AccessDeniedException", "no"))
    assert made.deploy() == 0
    assert "Whoever deploys needs ecs:TagResource" in capsys.readouterr().err


def test_what_is_dangerous_is_stopped_before_anything_is_changed(
    aws: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    made = aws(new={"Resources": {}})
    with pytest.raises(OperateError, match="Stopped before anything was changed"):
        made.deploy()
    assert made.called == []
    assert "Review   dangerous\n  ✗ " in capsys.readouterr().out
    assert made.deployed.answer["outcome"] == "stopped"


def test_a_person_may_accept_it_and_a_program_may_not(aws: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    made = aws(new={"Resources": {}})
    monkeypatch.setattr(consent, "a_person_is_here", lambda: False)
    with pytest.raises(NeedsPersonError, match=r"make deploy ENV=dev ACCEPT=1 TOKEN="):
        made.deploy(accept=True)
    assert made.called == []
    monkeypatch.setattr(consent, "a_person_is_here", lambda: True)
    assert made.deploy(accept=True) == 0


def test_a_failed_one_ends_with_the_cause_that_why_knows(
    aws: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    made = aws(ends=1, **FAILURES["package-missing"].answers())
    assert made.deploy() == 1
    told = capsys.readouterr()
    assert "Cause  The image lacks a Python package" in told.out
    assert "CDK's own words:" in told.err
    assert made.deployed.answer["outcome"] == "failed"


def test_a_first_deploy_needs_no_stack_to_compare_with(aws: Any, capsys: pytest.CaptureFixture[str]) -> None:
    there = {"DescribeStacks": stacks(), "DescribeServices": service()}
    made = aws(**there)
    made.answers |= {"DescribeStacks": _GONE, "GetTemplate": _GONE}
    assert made.deploy() == 0
    told = capsys.readouterr().out
    assert "Web-dev is not there yet: a first deploy" in told
    assert "Release  nothing → d4e5f6a7d" in told


@pytest.mark.parametrize("there", ["docker", "podman", "finch"])
def test_whatever_builds_images_here_is_used_and_said(
    aws: Any, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], there: str
) -> None:
    monkeypatch.setattr(ship, "which", lambda name: f"/bin/{name}" if name == there else None)
    made = aws()
    made.deploy()
    assert made.environment["CDK_DOCKER"] == there
    assert f"Builds with {there} (CDK_DOCKER={there})" in capsys.readouterr().out


def test_without_a_builder_it_says_what_to_do(aws: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ship, "which", lambda _: None)
    made = aws()
    with pytest.raises(OperateError, match=r"docker, podman, finch was looked for\. Install one"):
        made.deploy()
    assert made.called == []


def test_an_image_that_is_there_needs_no_builder(aws: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ship, "which", lambda _: None)
    made = aws()
    (made.assembly / "Web-dev.assets.json").write_text('{"dockerImages": {}}')
    assert made.deploy() == 0
    assert "CDK_DOCKER" not in made.environment


def test_cdks_own_words_are_in_a_file(aws: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program = tmp_path / "cdk"
    program.write_text("#!/bin/sh\necho words of the CLI\n")
    program.chmod(0o700)
    made = aws()
    monkeypatch.setattr(ship, "_CDK", program)
    monkeypatch.setattr(ship, "Popen", subprocess.Popen)
    assert made.deploy() == 0
    assert (tmp_path / "deploy.log").read_text() == "words of the CLI\n"


def test_its_answer_has_all_that_the_schema_wants(aws: Any) -> None:
    made = aws()
    made.deploy()
    assert made.deployed.answer.keys() == Deploy.__annotations__.keys()


def test_it_says_what_a_month_costs_now_and_before(aws: Any, capsys: pytest.CaptureFixture[str]) -> None:
    old = _table("PAY_PER_REQUEST")["Resources"]
    aws(new={"Resources": old | {"Key": {"Type": "AWS::KMS::Key", "Properties": {}}}}).deploy()
    assert "Costs    1-1 USD a month at list prices, 0-0 before" in capsys.readouterr().out


def _removed(monkeypatch: pytest.MonkeyPatch, removal: str) -> None:
    dev = DEV.model_copy(update={"removal": removal})
    monkeypatch.setattr("tools.environments.ENVIRONMENTS", (dev,))


def test_a_fast_one_goes_past_cloudformation_and_says_that_drift_remains(
    aws: Any, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    _removed(monkeypatch, "destroy")
    made = aws()
    assert made.deploy(fast=True) == 0
    assert "--hotswap-fallback" in made.called[0]
    assert "Drift    CloudFormation may still hold the release before" in capsys.readouterr().out


def test_a_fast_one_is_refused_where_the_environment_is_to_stay(
    aws: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    _removed(monkeypatch, "retain")
    made = aws()
    with pytest.raises(UsageError, match="deploy it without FAST=1"):
        made.deploy(fast=True)
    assert made.called == []


def test_one_that_is_not_fast_goes_by_cloudformation(aws: Any) -> None:
    made = aws()
    made.deploy()
    assert "--hotswap-fallback" not in made.called[0]
