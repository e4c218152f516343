"""Test that the report of a stranger's run becomes a comment, and that nothing else of the run is used."""

import io
import json
import zipfile
from pathlib import Path
from typing import Any

import pytest

from tests.pipeline.conftest import Hub
from tools.pipeline import __main__ as command
from tools.pipeline.errors import PipelineError
from tools.pipeline.github import GitHub
from tools.pipeline.inline import acceptance
from tools.pipeline.review_comment import comment_on, read

SHA = "0123456789abcdef0123456789abcdef01234567"
EVENT: dict[str, Any] = {
    "workflow_run": {
        "id": 5,
        "event": "pull_request",
        "head_sha": SHA,
        "html_url": "https://github.test/run/5",
    }
}


def archive(**files: str | bytes) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as folder:
        for name, content in files.items():
            folder.writestr(name.replace("_md", ".md"), content)
    return buffer.getvalue()


@pytest.fixture
def reviewed(hub: Hub) -> Hub:
    """Make a pull request whose review left a report."""
    hub.pulls.append({"number": 7, "state": "open", "head": {"sha": SHA}, "base": {"ref": "main"}})
    hub.artifacts.append({"id": 3, "size_in_bytes": 100})
    hub.files["blob"] = archive(number="7\n", review_md="**safe** @octocat")
    return hub


def test_the_report_is_on_the_pull_request(github: GitHub, reviewed: Hub) -> None:
    comment_on(github, EVENT)
    (comment,) = reviewed.comments
    assert comment["issue"] == 7
    assert comment["body"].startswith("<!-- flask-fargate: review -->\nReview of 0123456789ab ")
    assert comment["body"].endswith("**safe** @\u200boctocat")


def test_the_comment_names_the_label_that_accepts_this_commit_and_no_other(
    github: GitHub, reviewed: Hub
) -> None:
    comment_on(github, EVENT)
    label = acceptance(SHA, "main")
    assert f"`{label}`" in reviewed.comments[0]["body"]
    assert len(label) <= 50  # of a label's name on GitHub
    assert len({label, acceptance("f" * 40, "main"), acceptance(SHA, "release")}) == 3


def finding(path: str, line: object, text: str = "a secret is lost", level: str = "dangerous") -> str:
    reason = {"level": level, "text": text, "place": {"path": path, "line": line}}
    return json.dumps({"environments": [{"name": "prod", "reasons": [reason]}]})


PATCH = "@@ -1,2 +1,3 @@\n a\n-b\n+c\n+d\n@@ -9,0 +11,1 @@\n+e"


def test_each_finding_is_at_its_line_once(github: GitHub, reviewed: Hub) -> None:
    reviewed.parts[7, "files"] = [{"filename": "infra/a.py", "patch": PATCH}]
    report = finding("infra/a.py", 11, "lost @octocat ![](https://e.example)")
    reviewed.files["blob"] = archive(number="7", review_md="x", **{"review.json": report})
    for _ in range(2):
        comment_on(github, EVENT)
    (review,) = reviewed.parts[7, "reviews"]
    assert (review["commit_id"], review["event"]) == (SHA, "COMMENT")
    (comment,) = review["comments"]
    assert (comment["path"], comment["line"], comment["side"]) == ("infra/a.py", 11, "RIGHT")
    assert comment["body"] == "- 🔴 prod: lost @\u200boctocat !\\[\\](https:\u200b//e.example)"


@pytest.mark.parametrize(
    "report",
    [
        finding("infra/a.py", 4),
        finding("infra/a.py", "x"),
        finding("../secret", 1),
        finding("infra/a.py", 1, level="safe"),
        "[]",
        "{",
        '{"environments": [[]]}',
        "[" * 100_000,
    ],
)
def test_a_line_that_is_not_changed_and_a_report_that_is_none_get_no_comment(
    github: GitHub, reviewed: Hub, report: str
) -> None:
    reviewed.parts[7, "files"] = [{"filename": "infra/a.py", "patch": PATCH}]
    reviewed.files["blob"] = archive(number="7", review_md="x", **{"review.json": report})
    comment_on(github, EVENT)
    assert (7, "reviews") not in reviewed.parts
    assert len(reviewed.comments) == 1


def test_the_workflow_hands_over_the_event(
    reviewed: Hub, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "event.json").write_text(json.dumps(EVENT))
    monkeypatch.setenv("GITHUB_EVENT_PATH", str(tmp_path / "event.json"))
    monkeypatch.setenv("GITHUB_REPOSITORY", "octo/web")
    monkeypatch.setenv("GITHUB_TOKEN", "token")
    monkeypatch.setenv("GITHUB_API_URL", reviewed.elsewhere)
    assert command.main(["review-comment"]) == 0
    assert len(reviewed.comments) == 1


def test_whoever_stores_the_artifact_does_not_get_the_token(github: GitHub, reviewed: Hub) -> None:
    comment_on(github, EVENT)
    asked = dict(reviewed.tokens)
    assert asked["/blob"] is None
    assert asked["/repos/octo/web/actions/artifacts/3/zip"] == "Bearer token"


@pytest.mark.parametrize("change", [{"state": "closed"}, {"head": {"sha": "f" * 40}}])
def test_a_pull_request_that_is_not_at_the_reviewed_commit_gets_none(
    github: GitHub, reviewed: Hub, change: dict[str, Any]
) -> None:
    reviewed.pulls[0] |= change
    assert "its next run comments" in comment_on(github, EVENT)
    assert reviewed.comments == []


@pytest.mark.parametrize("number", ["", "0", "7 8", "../../issues/1", "7/../8", "-7", "\u0667", "1" * 12])
def test_what_is_no_number_names_no_pull_request(github: GitHub, reviewed: Hub, number: str) -> None:
    reviewed.files["blob"] = archive(number=number, review_md="x")
    with pytest.raises(PipelineError, match="names no pull request"):
        comment_on(github, EVENT)


def test_a_number_of_somebody_elses_pull_request_gets_nothing(github: GitHub, reviewed: Hub) -> None:
    reviewed.pulls.append({"number": 8, "state": "open", "head": {"sha": "f" * 40}})
    reviewed.files["blob"] = archive(number="8", review_md="x")
    comment_on(github, EVENT)
    assert reviewed.comments == []


def test_a_run_of_another_event_gets_nothing(github: GitHub, reviewed: Hub) -> None:
    with pytest.raises(PipelineError, match="'push'"):
        comment_on(github, {"workflow_run": EVENT["workflow_run"] | {"event": "push"}})
    assert reviewed.comments == []


def test_an_artifact_that_is_too_large_is_not_read(github: GitHub, reviewed: Hub) -> None:
    reviewed.artifacts[0]["size_in_bytes"] = 4_000_000
    with pytest.raises(PipelineError, match="4000000 bytes: it is not read"):
        comment_on(github, EVENT)
    assert "/blob" not in dict(reviewed.tokens)


def test_an_artifact_that_is_larger_than_github_said_is_not_read(github: GitHub, reviewed: Hub) -> None:
    reviewed.files["blob"] = b"x" * 3_000_002
    with pytest.raises(PipelineError, match="larger than 3000000 bytes"):
        comment_on(github, EVENT)


def test_an_archive_that_unpacks_to_very_much_is_not_unpacked() -> None:
    bomb = archive(number="7", review_md=b"0" * 50_000_000)
    assert len(bomb) < 100_000
    with pytest.raises(PipelineError, match=r"'review\.md' in the artifact is larger than 500000 bytes"):
        read(bomb)


def test_other_files_of_the_archive_are_never_read(tmp_path: Path) -> None:
    name = str(tmp_path / "out")
    assert set(read(archive(number="7", review_md="x", **{name: "x", "../../out": "x"}))) == {
        "number",
        "review.md",
    }
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("broken", [b"", b"no zip", archive(number="7"), archive(review_md="x")])
def test_what_is_no_such_archive_is_one_sentence(broken: bytes) -> None:
    with pytest.raises(PipelineError, match="the artifact"):
        read(broken)


def test_a_run_that_left_nothing_is_no_failure(github: GitHub, reviewed: Hub) -> None:
    reviewed.artifacts.clear()
    assert "there is nothing to comment" in comment_on(github, EVENT)
