"""A stranger's pull request under review steals nothing, reaches nobody, leaves nothing, and cannot lie."""

import ast
import json
import os
import re
import signal
import socket
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.review.conftest import Answer
from tests.review.rendered import Page
from tests.review.small import APP, LOG, TOPIC, put, repository, template
from tools.review import sandbox
from tools.review.errors import SynthesisError
from workshop.review_page import ROOT

Run = Callable[..., Answer]
SECRET = "b6c1-a-password"  # nobody's
needs_namespaces = pytest.mark.skipif(
    sandbox.isolation() != sandbox.ALONE, reason="this kernel gives an ordinary user no namespaces"
)


@pytest.fixture
def small(tmp_path: Path) -> Path:
    return repository(tmp_path / "small")


@pytest.fixture
def run(review: Run) -> Run:
    def reviewed(folder: Path, *arguments: str, **environment: str) -> Answer:
        return review(folder, *arguments, PYTHONPATH=str(ROOT), **environment)

    return reviewed


def says(small: Path, expression: str) -> None:
    """Let the app under review fail with the value of an expression, so that the review shows it."""
    (small / "app.py").write_text(
        f"import glob, os, socket, sys, pathlib\nsys.exit('it found ' + repr({expression}))\n"
    )


def manifest(kind: str, key: str, path: str) -> str:
    """Return code that writes a manifest with one artifact at a path."""
    written = {"artifacts": {"a": {"type": kind, "properties": {key: path}}}}
    return f"(out / 'manifest.json').write_text(json.dumps({written!r}))"


def published(name: str) -> str:
    """Return code after which the CLI deploys another template than the one that the stack names."""
    asset = {"source": {"path": "other.json"}, "destinations": {"here": {"objectKey": f"{name}.json"}}}
    lines = [
        "written = json.loads((out / 'manifest.json').read_text())",
        f"written['artifacts']['Web-dev']['properties']['stackTemplateAssetObjectUrl'] = 's3://b/{name}.json'",
        "(out / 'manifest.json').write_text(json.dumps(written))",
        "(out / 'other.json').write_text('{\"Resources\": {}}')",
        f"(out / 'Web-dev.assets.json').write_text(json.dumps({{'files': {{'{name}': {asset!r}}}}}))",
    ]
    return "\n".join(lines)


@needs_namespaces
def test_it_reads_no_variable_of_any_other_process(run: Run, small: Path) -> None:
    says(small, "[p for p in glob.glob('/proc/[0-9]*/environ') if b'SECRET' in open(p, 'rb').read()]")
    assert "it found []" in run(small, "--base", "main", SECRET=SECRET).stderr


@needs_namespaces
def test_it_sees_no_process_but_its_own(run: Run, small: Path) -> None:
    says(small, "any('tools.review' in open(p).read() for p in glob.glob('/proc/[0-9]*/cmdline'))")
    assert "it found False" in run(small, "--base", "main").stderr


@needs_namespaces
def test_it_reads_no_file_of_the_user(run: Run, small: Path, offline: dict[str, str]) -> None:
    key = Path(offline["HOME"], ".aws", "credentials")
    key.parent.mkdir(exist_ok=True)
    key.write_text(SECRET)
    says(small, f"[os.path.exists({str(key)!r}), os.path.exists({str(small / '.git')!r})]")
    assert "it found [False, False]" in run(small, "--base", "main").stderr


@needs_namespaces
def test_of_the_machines_settings_it_reads_what_programs_need_alone(run: Run, small: Path) -> None:
    # pip.conf, uv.toml, gitconfig and others of a machine hold passwords of package indexes and proxies.
    says(small, "sorted(os.listdir('/etc'))")
    found = re.search(r"it found (\[.*?\])", run(small, "--base", "main").stderr)
    assert found
    known = {each.removeprefix("/etc/").partition("/")[0] for each in sandbox._SETTINGS}
    assert set(ast.literal_eval(found[1])) <= known
    assert "shadow" not in known


@needs_namespaces
def test_in_a_namespace_of_its_own_it_can_do_no_more(run: Run, small: Path) -> None:
    planted = Path(sys.prefix, "planted")
    inner = f"mount -o remount,rw,bind /usr; touch /usr/planted; touch {planted}; umount -l /usr; ls /old"
    (small / "app.py").write_text(
        "import subprocess, sys\n"
        f"tried = subprocess.run(['unshare', '-Urm', 'sh', '-c', {inner!r}], capture_output=True)\n"
        "sys.exit('it was able: ' + str(tried.returncode == 0))\n"
    )
    assert "it was able: False" in run(small, "--base", "main").stderr
    assert not planted.exists()
    assert not Path("/usr/planted").exists()


@pytest.mark.parametrize("text", ["\x1b]0;evil\x07", "\n::add-mask::a", "\r::error::a", "\u2028::error::a"])
def test_what_it_says_commands_neither_a_terminal_nor_githubs_runner(
    run: Run, small: Path, text: str
) -> None:
    (small / "app.py").write_text(f"import sys\nsys.stderr.write('it said ' + {text!r})\nsys.exit(1)\n")
    told = run(small, "--base", "main").stderr
    put(small, **{f"evil{text}": template(T=TOPIC)})
    (small / "app.py").write_text(APP)
    told += run(small, "--base", "main", "--fail-on", "never").stderr
    assert "evil" in told
    assert not re.search(r"[\x00-\x08\x0b-\x1f\x7f\u2028]|^::", told, re.MULTILINE)


@needs_namespaces
def test_it_reaches_nobody(run: Run, small: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        says(small, f"socket.socket().connect_ex(('127.0.0.1', {server.getsockname()[1]})) == 0")
        assert "it found False" in run(small, "--base", "main").stderr


@needs_namespaces
def test_it_writes_nowhere_but_in_its_own_copy(run: Run, small: Path) -> None:
    before = {each: each.read_bytes() for each in (small / "stack.json", small / ".gitignore")}
    (small / "app.py").write_text(
        "import pathlib, sys\n"
        "pathlib.Path('stack.json').write_text('{}')\n"
        "try:\n    pathlib.Path(sys.prefix, 'planted').write_text('x')\n"
        "except OSError as error:\n    sys.exit(error.strerror)\n"
    )
    answer = run(small, "--base", "main")
    assert "Read-only file system" in answer.stderr
    assert {each: each.read_bytes() for each in before} == before
    assert not Path(sys.prefix, "planted").exists()


@needs_namespaces
def test_nothing_tells_it_that_it_is_reviewed(run: Run, small: Path) -> None:
    says(small, "(sorted(os.environ), sys.argv, os.getcwd(), os.environ['CDK_OUTDIR'])")
    told = run(small, "--base", "main").stderr
    assert "review" not in told.partition("it found")[2].replace("review: ", "")
    assert "['app.py'], '/home/synth/project', '/home/synth/project/cdk.out'" in told
    names = ["CDK_CLI_ASM_VERSION", "CDK_CLI_VERSION", "CDK_CONTEXT_JSON", "CDK_OUTDIR", "HOME", "LANG"]
    assert all(f"'{name}'" in told for name in names)


def test_without_namespaces_the_report_says_so(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    sandbox.isolation.cache_clear()
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(sandbox, "_SBIN", str(tmp_path))
    assert sandbox.isolation() == sandbox.NOT_ALONE
    sandbox.isolation.cache_clear()


@pytest.mark.parametrize("alone", [True, False])
def test_what_it_starts_does_not_survive_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, alone: bool
) -> None:
    if not alone:
        monkeypatch.setattr(sandbox, "isolation", lambda: sandbox.NOT_ALONE)
    elif sandbox.isolation() != sandbox.ALONE:
        pytest.skip("this kernel gives an ordinary user no namespaces")
    ended = sandbox.run(
        ["sh", "-c", "sleep 871 & echo started >&2"],
        folder=tmp_path,
        shown=[],
        environment={"PATH": os.environ["PATH"]},
    )
    assert ended.stderr.strip() == "started"
    assert b"sleep\x00871" not in b"".join(commands())


def commands() -> list[bytes]:
    found = []
    for each in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            found.append(each.read_bytes())
        except OSError:
            continue  # it ended meanwhile
    return found


def test_one_that_does_not_end_is_ended(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sandbox, "_TIMEOUT_S", 0.5)
    started = time.monotonic()
    with pytest.raises(SynthesisError, match="does not end within"):
        sandbox.run(["sleep", "100"], folder=tmp_path, shown=[], environment={"PATH": os.environ["PATH"]})
    assert time.monotonic() - started < 20


def test_a_file_without_end_is_cut(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sandbox, "_FILE_BYTES", 2**16)
    ended = sandbox.run(
        ["sh", "-c", "head -c 1000000 /dev/zero > big"],
        folder=tmp_path,
        shown=[],
        environment={"PATH": os.environ["PATH"]},
    )
    assert (ended.code not in (0, signal.SIGXFSZ)) or ended.code
    assert (tmp_path / "big").stat().st_size <= 2**16


def test_errors_without_end_are_cut(tmp_path: Path) -> None:
    ended = sandbox.run(
        ["sh", "-c", "head -c 1000000 /dev/zero | tr '\\0' x >&2"],
        folder=tmp_path,
        shown=[],
        environment={"PATH": os.environ["PATH"]},
    )
    assert len(ended.stderr) == 64 * 2**10


def test_a_link_out_of_the_repository_is_refused_before_anything_runs(run: Run, small: Path) -> None:
    (small / "notes").symlink_to("/etc/passwd")
    (small / "app.py").write_text("raise SystemExit('it ran')\n")
    answer = run(small, "--base", "main")
    assert answer.code == 2
    assert "the link notes leads out of the repository, to /etc/passwd" in answer.stderr
    assert "it ran" not in answer.stderr


@pytest.mark.parametrize(
    ("written", "why"),
    [
        ("(out / 'asset').symlink_to('/etc')", "leads out of the repository"),
        ("os.remove(out / 'manifest.json'); os.mkfifo(out / 'manifest.json')", "wrote no cdk.out"),
        (
            "os.remove(out / 'Web-dev.template.json'); os.mkfifo(out / 'Web-dev.template.json')",
            "Web-dev.template.json is no file",
        ),
        ("(out / 'Web-dev.template.json').write_text('[' * 10**6)", "cannot be read as a synth"),
        (published("x"), "Web-dev deploys another template than Web-dev.template.json"),
        ("(out / 'manifest.json').write_text('{')", "cannot be read as a synth"),
        ("(out / 'manifest.json').write_text('[]')", "cannot be read as a synth"),
        ("(out / 'manifest.json').write_bytes(b'\\xff\\xfe')", "cannot be read as a synth"),
        ("(out / 'Web-dev.template.json').write_text('[1]')", "cannot be read as a synth"),
        ("(out / 'Web-dev.template.json').write_bytes(b'\\xff')", "cannot be read as a synth"),
        ("(out / 'validation-report.json').write_text('{}')", "pluginReports"),
        (
            manifest("aws:cloudformation:stack", "templateFile", "../../../../../../../../etc/passwd"),
            "passwd leads out of the synth",
        ),
        (
            manifest("cdk:cloud-assembly", "directoryName", "../.."),
            "cannot be read as a synth",
        ),
    ],
)
def test_what_it_writes_is_read_as_by_an_enemy(run: Run, small: Path, written: str, why: str) -> None:
    with (small / "app.py").open("a") as app:
        app.write(f"{written}\n")
    answer = run(small, "--base", "main")
    assert (answer.code, answer.report) == (2, "")
    assert why in answer.stderr
    assert "Traceback" not in answer.stderr
    assert [each.name for each in (small / ".local/review").iterdir() if "synth" in each.name] == []


@pytest.mark.parametrize("text", [b"\xff\xfe", b"[]", b"{", b"{}"])
def test_a_broken_cdk_json_is_no_traceback(run: Run, small: Path, text: bytes) -> None:
    (small / "cdk.json").write_bytes(text)
    answer = run(small, "--base", "main")
    assert answer.code == 2
    assert "Traceback" not in answer.stderr
    assert "cdk.json" in answer.stderr


def test_names_and_values_of_its_own_are_no_markup(run: Run, small: Path) -> None:
    evil = "x](https://e.example) @octocat <img src=x> #1 | ## Review: safe"
    bad = {"Type": f"AWS::{evil}", "Properties": {evil: evil}}
    put(
        small,
        **{"dev": template(Log=LOG, Topic=TOPIC, **{evil: bad}), evil.replace("/", ""): template(T=TOPIC)},
    )
    shown = Page(run(small, "--base", "main", "--fail-on", "never").report)
    assert not set(shown.tags) & {"a", "img"}
    assert not re.search(r"@octocat|#1|https:/", shown.text)
    assert shown.tags.count("h2") == 1


def test_it_runs_the_command_of_cdk_json_as_the_cli_does(run: Run, small: Path) -> None:
    (small / "other.py").write_text((small / "app.py").read_text().replace('"stack.json"', '"other.json"'))
    (small / "other.json").write_text(json.dumps({"dev": template(Log=LOG)}))
    (small / "cdk.json").write_text(json.dumps({"app": "python other.py"}))
    answer = run(small, "--base", "main", "--fail-on", "never")
    assert answer.verdicts == {"dev": "look", "every deployment": "look"}
    assert "cdk.json, app: a deployment runs this command" in answer.said_of("every deployment")
