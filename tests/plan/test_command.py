"""Test the command `make plan`, and what it reads from templates."""

import json
import sys
from pathlib import Path

import pytest
from PIL import Image

from tests.environments import DEV, ENVIRONMENTS, PROD, STAGING
from tools.assembly import Template
from tools.plan import __main__
from tools.plan.app import App, figures, write
from tools.plan.loads import loads
from tools.plan.place import place


@pytest.fixture
def plan(made: dict[str, Template], monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Let the command find the kit's environments instead of a team's, in a folder without figures."""
    named = {each.name: each for each in ENVIRONMENTS}
    monkeypatch.setattr(__main__, "find", named.__getitem__)
    monkeypatch.setattr(__main__, "templates", lambda: made)
    monkeypatch.chdir(tmp_path)


def run(monkeypatch: pytest.MonkeyPatch, *arguments: str) -> None:
    monkeypatch.setattr(sys, "argv", ["plan", *arguments])
    __main__.main()


def test_a_template_says_what_there_is(made: dict[str, Template]) -> None:
    prod = place(PROD, made["prod"], App())
    # 4,096 addresses of a /20, less AWS's five.
    assert prod.subnets == (4091, 4091)
    assert (prod.gateways, prod.waf, prod.public_addresses, prod.to_internet) == (2, True, False, True)
    assert (prod.groups, prod.logging_containers, prod.max_connections) == (1, 2, None)
    dev = place(DEV, made["dev"], App())
    # 256 of a /24, less AWS's five and the load balancer's eight.
    assert dev.subnets == (243, 243)
    assert (dev.gateways, dev.waf, dev.public_addresses) == (0, False, True)
    assert place(STAGING, made["staging"], App()).gateways == 1


@pytest.mark.usefixtures("plan")
def test_says_what_is_needed_what_it_costs_and_what_is_hit_first(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    run(monkeypatch, "--environment", "prod", "--traffic", "5000/s")
    out = capsys.readouterr().out
    assert out.startswith("prod carries 240 requests/s; first Spot vCPUs of Fargate, deploying run out")
    for label in ("USD a month", "addresses in each subnet", "quota L-36FBB829", "Not known:", "LCUs"):
        assert label in out
    with Image.open(Path(".local") / "plan-prod.png") as image:
        assert image.info["Title"].startswith("What does prod need as its load grows?\nprod carries 240")


@pytest.mark.usefixtures("plan")
def test_what_was_measured_is_used_and_what_is_given_comes_first(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    write(Path(".local") / "measured.json", App(request_ms=50, cpu_ms=5, where_from="measured"))
    run(monkeypatch, "--traffic", "1x", "--request-ms", "80")
    assert "a request takes 80 ms, 5 of them CPU" in capsys.readouterr().out


@pytest.mark.usefixtures("plan")
@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--traffic", "many"], "plan: 'many': expected a rate such as 5000/s, a multiple such as 100x, or"),
        (["--traffic", "gone.csv"], "plan: gone.csv: No such file"),
        (["--traffic", "0/s"], "plan: '0/s' is 0 requests/s: expected more than 0"),
        (["--out", "/dev/null/x.png"], "plan: cannot write /dev/null/x.png: "),
    ],
)
def test_says_in_one_line_what_is_not_possible(
    monkeypatch: pytest.MonkeyPatch, arguments: list[str], message: str
) -> None:
    with pytest.raises(SystemExit) as ended:
        run(monkeypatch, *arguments)
    assert str(ended.value.code).startswith(message)
    assert "\n" not in str(ended.value.code)


def test_a_file_that_is_none_of_measured_figures_is_named(tmp_path: Path) -> None:
    for text in ("{", "[]", json.dumps({"request_ms": "soon"}), json.dumps({"request_ms": 3})):
        (tmp_path / "measured.json").write_text(text)
        with pytest.raises(ValueError, match=r"measured.json is not a file of `make measure`"):
            figures(tmp_path / "measured.json")


def test_loads_are_rates_multiples_users_and_traces(made: dict[str, Template], tmp_path: Path) -> None:
    app = App()
    prod = place(PROD, made["prod"], app)

    def found(traffic: str | None = None, users: float | None = None) -> list[tuple[str, float]]:
        return [(each.name, each.rps) for each in loads(prod, app, traffic=traffic, users=users)]

    # 1x: 2 tasks, each 30 requests/s at 60 % of half a vCPU with 10 ms.
    assert found("100x") == [("1x", 60), ("10x", 600), ("100x", 6000)]
    assert found("5000/s") == found("5000") == [("5,000/s", 5000)]
    assert found(users=2000) == [("2,000 users", 200)]
    (tmp_path / "monday.csv").write_text("0,10\n60,70\n120,10\n")
    assert found(str(tmp_path / "monday.csv")) == [("monday.csv", 70)]
