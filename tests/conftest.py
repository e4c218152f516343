"""What holds for every test: the environment, what runs side by side, and lines for the end of the output."""

import os
import signal
from pathlib import Path
from typing import Any

import pytest

# Read by the CDK's Node process when it starts, whichever test starts it.
# The built-in validation takes seconds: test_synth.py runs it.
os.environ["CDK_VALIDATION"] = "false"

# Shells ignore these for what they put into the background, and processes started here would inherit that.
signal.signal(signal.SIGINT, signal.default_int_handler)
signal.signal(signal.SIGQUIT, signal.SIG_DFL)

_TESTS = Path(__file__).parent
_REPORT = pytest.StashKey[list[str]]()


def _together(item: pytest.Item) -> str:
    """Tests of one name share what takes long to make: a deployment, or the templates of infra."""
    folder, _, file = item.path.relative_to(_TESTS).as_posix().partition("/")
    if folder != "local_cloud":
        return folder
    return "dev" if "dev" in getattr(item, "fixturenames", ()) else file


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Keep together what shares something, with what takes longest first."""
    for item in items:
        item.add_marker(pytest.mark.xdist_group(_together(item)))
    items.sort(key=lambda item: _together(item) != "dev")


@pytest.fixture(scope="session")
def report(pytestconfig: pytest.Config) -> list[str]:
    """Lines for the end of the test output."""
    return pytestconfig.stash.setdefault(_REPORT, [])


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any) -> None:
    """Take over the lines of a process that ran some of the tests."""
    node.config.stash.setdefault(_REPORT, []).extend(node.workeroutput.get("report", []))


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Hand the lines to the process that started this one."""
    if output := getattr(session.config, "workeroutput", None):
        output["report"] = session.config.stash.get(_REPORT, [])


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """Print what the tests have measured."""
    if lines := config.stash.get(_REPORT, []):
        terminalreporter.section("measured")
        for line in lines:
            terminalreporter.line(line)
