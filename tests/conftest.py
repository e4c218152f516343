"""Set up every test run: its environment, the tests that run side by side, and a summary at the end."""

import os
import signal
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

import pytest
from xdist.remote import Producer
from xdist.scheduler import LoadScopeScheduling

# The CDK's Node process reads this variable when it starts, in whichever test that is.
# CDK's built-in validation takes seconds; only test_synth.py runs it.
os.environ["CDK_VALIDATION"] = "false"

# Shells make background commands ignore these signals, and processes started here would inherit that.
signal.signal(signal.SIGINT, signal.default_int_handler)
signal.signal(signal.SIGQUIT, signal.SIG_DFL)

# The tests in each of these folders share something slow, such as a deployment, so one process runs them.
_WHOLE = ("local_cloud", "image", "review", "recipes", "project", "contract", "proxies")
# These files of tests/local_cloud share no deployment with the others.
_ALONE = ("environments", "load_balancer", "proxy", "release_command")
_LONGEST = (
    "local_cloud",
    "test_app_package",
    "image",
    "test_update",
    "test_project",
    "review",
    "recipes",
    "test_synth",
    "project",
)
_REPORT = pytest.StashKey[list[str]]()


def _shares(nodeid: str) -> str:
    """Return the name that a test has in common with those that must run in the same process."""
    *folders, file = nodeid.partition("::")[0].removesuffix(".py").split("/")
    alone = file.removeprefix("test_") in _ALONE
    return next((each for each in folders if each in _WHOLE and not alone), file)


class Files(LoadScopeScheduling):
    """A scheduler that gives each process whole files, or whole folders."""

    def _split_scope(self, nodeid: str) -> str:
        return _shares(nodeid)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> Files:
    """Make the scheduler that pytest-xdist asks for when tests run side by side."""
    return Files(config, log)


@pytest.hookimpl(wrapper=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> Iterator[None]:
    """Start the slowest folders first, after the order of all tests is shuffled."""
    yield
    last = len(_LONGEST)
    items.sort(
        key=lambda item: _LONGEST.index(shared) if (shared := _shares(item.nodeid)) in _LONGEST else last
    )


@pytest.fixture(scope="session")
def report(pytestconfig: pytest.Config) -> list[str]:
    """Return the list of lines to print after the tests; a test appends the figures it has measured."""
    return pytestconfig.stash.setdefault(_REPORT, [])


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any) -> None:
    """Take over the report lines of a process that ran some of the tests."""
    node.config.stash.setdefault(_REPORT, []).extend(node.workeroutput.get("report", []))


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Hand the report lines to the process that started this one."""
    if output := getattr(session.config, "workeroutput", None):
        output["report"] = session.config.stash.get(_REPORT, [])


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """Print the figures that the tests have measured."""
    if lines := config.stash.get(_REPORT, []):
        terminalreporter.section("measured")
        for line in lines:
            terminalreporter.line(line)


def pytest_unconfigure(config: pytest.Config) -> None:
    """End the local clouds of test processes that Ctrl-C stopped before they could do so themselves."""
    if hasattr(config, "workerinput"):
        return
    folder = config._tmp_path_factory.getbasetemp()  # type: ignore[attr-defined] # elsewhere it is a fixture
    if not (clouds := list(folder.glob("popen-*/**/cloud.json"))):
        return
    # Here, because the app's own environment, in which tests/app run, has no packages of the tools.
    from tools.local_cloud import running  # noqa: PLC0415
    from tools.local_cloud.errors import LocalCloudError  # noqa: PLC0415
    from tools.local_cloud.state import State  # noqa: PLC0415

    for cloud in clouds:
        with suppress(KeyError, LocalCloudError):  # a test may have written an unreadable file on purpose
            running.end_leftovers(State(cloud.parent))
