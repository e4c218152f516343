"""Test that values of secrets reach the tasks, from `.env.local` or `make secret`, and nobody else."""

import io
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest
from boto3.session import Session

from infra.application import build_app
from infra.parameters import SecretsManagerSecret, SecureParameter
from tests.environments import DEV
from tests.local_cloud.bare import bare
from tests.local_cloud.conftest import Dev, command
from tests.wait import wait_for
from tools.local_cloud import cdk, first_values
from tools.local_cloud.errors import LocalCloudError
from tools.local_cloud.state import State
from tools.operate.deployed import Deployed
from tools.operate.secret import secret
from tools.secrets import keep

_ARN = f"arn:aws:secretsmanager:{DEV.region}:123456789012:secret:others/whole-a1B2c3"
_SECRETS = {
    "DRILL_TOKEN": SecureParameter(name="/web/dev/drill-token"),
    "API_KEY": SecretsManagerSecret(name="web/dev/app", json_key="API_KEY"),
    # Its name begins like that of the one above, which is what an ARN without its end looks like.
    "MAIL_KEY": SecretsManagerSecret(name="web/dev/app2", json_key="MAIL_KEY"),
    "WHOLE": SecretsManagerSecret(arn=_ARN),
}
_VALUES = {name: f"hunter2 '{name}' $HOME \\ end" for name in _SECRETS}
_ENVIRONMENT = DEV.model_copy(update={"secrets": _SECRETS})


@pytest.fixture(scope="module")
def dev(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Dev]:
    """Deploy dev with secrets whose values are in `.env.local` alone."""
    state = State(tmp_path_factory.mktemp("secrets") / "state")
    assembly = tmp_path_factory.mktemp("assembly")
    build_app(_ENVIRONMENT, outdir=str(assembly)).synth()
    made = Dev(state)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("tools.environments.ENVIRONMENTS", (_ENVIRONMENT,))
        known = bare(state, DEV.region, runner=True)
        cdk.bootstrap(known.cloud)
        keep(state.values, _VALUES)
        first_values.store(known, state.values)
        assert made.roll_out(assembly) == 0
        yield made
    known.emulator.kill()
    assert command(state, "down").returncode == 0
    assert state.values.exists()  # for the next `make up`


def _seen(dev: Dev) -> dict[str, str]:
    """Return the secrets in the environment of the only task that runs."""
    [task] = dev.tasks
    variables = psutil.Process(task["processes"][0]["pid"]).environ()
    return {name: variables[name] for name in _SECRETS}


@pytest.fixture(scope="module", autouse=True)
def seen_at_first(dev: Dev) -> dict[str, str]:
    """Return what the first task sees: tests run in any order, and one of them stores another value."""
    return _seen(dev)


def test_every_kind_of_secret_reaches_the_task(seen_at_first: dict[str, str]) -> None:
    assert seen_at_first == _VALUES


def test_no_file_of_the_local_cloud_and_no_process_list_has_a_value(dev: Dev) -> None:
    for path in dev.state.folder.rglob("*"):
        if path.is_file():
            assert b"hunter2" not in path.read_bytes(), path
    assert not [found for found in _command_lines() if "hunter2" in found]


def _command_lines() -> list[str]:
    return [" ".join(process.info["cmdline"] or ()) for process in psutil.process_iter(["cmdline"])]


def test_a_new_value_is_stored_rolled_out_and_kept_and_shown_nowhere(
    dev: Dev, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    seen: list[str] = []
    ended = threading.Event()

    def watch() -> None:
        while not ended.is_set():
            seen.extend(_command_lines())

    watcher = threading.Thread(target=watch)
    watcher.start()
    for name, value in dev.running.cloud.variables().items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(sys, "stdin", io.StringIO("rotated hunter3\n"))
    deployed = Deployed("dev", Session(region_name=DEV.region))
    [before] = dev.tasks
    try:
        assert secret(deployed, name="API_KEY", roll=True, kept_in=dev.state.values) == 0
        wait_for(lambda: [task["id"] for task in dev.tasks] not in ([], [before["id"]]), "another task")
        wait_for(lambda: len(dev.tasks) == 1, "the old task to end")
    finally:
        ended.set()
        watcher.join()
    assert _seen(dev)["API_KEY"] == "rotated hunter3"
    assert "API_KEY='rotated hunter3'" in dev.state.values.read_text()
    assert "hunter3" not in "".join(capfd.readouterr())
    assert not [found for found in seen if "hunter3" in found]


def test_without_a_terminal_it_says_which_values_are_missing_and_where_to_put_them(
    dev: Dev, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    more = {**_SECRETS, "NEVER_STORED": SecureParameter(name="/web/dev/never")}
    monkeypatch.setattr("tools.environments.ENVIRONMENTS", (DEV.model_copy(update={"secrets": more}),))
    monkeypatch.setattr(sys, "stdin", io.StringIO())
    with pytest.raises(
        LocalCloudError, match=r"needs values for NEVER_STORED\. Write them into .*\.env\.local"
    ):
        first_values.store(dev.running, tmp_path / ".env.local")
    assert not (tmp_path / ".env.local").exists()


def test_on_a_terminal_it_asks_and_keeps_the_answer(
    dev: Dev, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    asked = {"ASKED": SecureParameter(name="/web/dev/asked")}
    monkeypatch.setattr("tools.environments.ENVIRONMENTS", (DEV.model_copy(update={"secrets": asked}),))
    monkeypatch.setattr(sys, "stdin", Terminal())
    monkeypatch.setattr("getpass.getpass", lambda _: "hunter4")
    for _ in range(2):  # the second time it does not ask
        first_values.store(dev.running, tmp_path / ".env.local")
        monkeypatch.setattr("getpass.getpass", lambda _: pytest.fail("asked again"))
    assert (tmp_path / ".env.local").read_text() == "ASKED='hunter4'\n"
    assert "hunter4" not in "".join(capfd.readouterr())
    answer = dev.client("ssm").get_parameter(Name="/web/dev/asked", WithDecryption=True)
    assert answer["Parameter"]["Value"] == "hunter4"


def test_a_file_that_others_can_read_is_closed_and_what_nobody_reads_is_named(
    dev: Dev, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("tools.environments.ENVIRONMENTS", (DEV,))
    file = tmp_path / ".env.local"
    file.write_text("X=1\n")
    file.chmod(0o644)
    first_values.store(dev.running, file)
    assert file.stat().st_mode & 0o777 == 0o600
    assert "has X, but dev takes no secret of that name" in capfd.readouterr().out
