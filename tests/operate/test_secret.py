"""Test that secrets are stored where the environment declares them, and that no output shows a value."""

import io
from pathlib import Path
from typing import Any

import pytest

from infra.parameters import Environment, NewSecret, SecretsManagerSecret, SecureParameter
from tests.operate.answers import GROUP, stacks, well, with_a_worker
from tests.operate.recorded import Recorded, Refusal
from tools.operate.errors import OperateError, UsageError
from tools.operate.secret import keep_for_later, secret
from tools.operate.secrets import compare, secrets

_DEV = Environment(
    name="dev",
    variables={"LOG_LEVEL": "info"},
    secrets={
        "DATABASE_URL": SecureParameter(name="/web/dev/database-url"),
        "SECRET_KEY": NewSecret(),
        "MAIL_PASSWORD": SecretsManagerSecret(name="web/dev/app", json_key="MAIL_PASSWORD"),
    },
)
_VALUE = "postgresql://web:hunter2@db/web"
_ABSENT = Refusal("ParameterNotFound", "no")
_NO_STACK = Refusal("ValidationError", "Stack with id Web-dev does not exist")
_BEFORE: dict[str, Any] = {
    "DescribeStacks": _NO_STACK,
    "GetCallerIdentity": {"Account": "123456789012"},
    "GetParameter": _ABSENT,
    "PutParameter": {},
    "GetSecretValue": Refusal("ResourceNotFoundException", "no"),
    "CreateSecret": {},
    "DescribeSecret": Refusal("ResourceNotFoundException", "no"),
}


@pytest.fixture(autouse=True)
def dev(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let dev be an environment with secrets."""
    monkeypatch.setattr("tools.environments.ENVIRONMENTS", (_DEV,))


@pytest.fixture
def typed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Give the value on standard input, as `echo` would."""
    monkeypatch.setattr("sys.stdin", io.StringIO(f"{_VALUE}\n"))


def _secret(recorded: Recorded, name: str = "DATABASE_URL", *, roll: bool = False) -> int:
    return secret(recorded.deployed(), name=name, roll=roll, kept_in=None)


@pytest.mark.usefixtures("typed")
def test_a_value_is_stored_before_there_is_a_stack(capsys: pytest.CaptureFixture[str]) -> None:
    recorded = Recorded(_BEFORE)
    assert _secret(recorded) == 0
    [put] = recorded.parameters("PutParameter")
    assert (put["Name"], put["Value"], put["Type"]) == ("/web/dev/database-url", _VALUE, "SecureString")
    told = capsys.readouterr().out
    assert "DATABASE_URL is stored: parameter /web/dev/database-url." in told
    assert "no service yet: its first deployment takes the value" in told
    assert "hunter2" not in told


@pytest.mark.usefixtures("typed")
def test_every_service_that_has_the_old_value_is_named_with_the_command(
    capsys: pytest.CaptureFixture[str],
) -> None:
    answers = {**with_a_worker(), **_BEFORE, "DescribeStacks": stacks()}
    answers["GetParameter"] = {"Parameter": {"Value": "old"}}
    assert _secret(Recorded(answers)) == 0
    told = capsys.readouterr().out
    for service in ("the-service", "the-worker"):
        assert f"service {service} uses the old value until it is rolled" in told
        assert f"--force-new-deployment --cluster the-cluster --service {service}" in told


@pytest.mark.usefixtures("typed")
def test_roll_rolls_them() -> None:
    recorded = Recorded({**well(), **_BEFORE, "DescribeStacks": stacks(), "UpdateService": {}})
    assert _secret(recorded, roll=True) == 0
    [asked] = recorded.parameters("UpdateService")
    assert asked == {"cluster": "the-cluster", "service": "the-service", "forceNewDeployment": True}


@pytest.mark.usefixtures("typed")
def test_a_value_that_is_there_already_rolls_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    recorded = Recorded({**_BEFORE, "GetParameter": {"Parameter": {"Value": _VALUE}}})
    assert _secret(recorded, roll=True) == 0
    assert "had this value already" in capsys.readouterr().out
    assert not recorded.parameters("PutParameter")


@pytest.mark.usefixtures("typed")
def test_a_random_secret_of_the_stack_gets_a_value_once_the_stack_is_there() -> None:
    arn = "arn:aws:secretsmanager:eu-west-1:123456789012:secret:SecretKey-a1B2c3"
    deployed = stacks()
    deployed["Stacks"][0]["Outputs"].append({"OutputKey": "SecretSecretKey", "OutputValue": arn})
    answers = {**well(), **_BEFORE, "DescribeStacks": deployed}
    recorded = Recorded({**answers, "GetSecretValue": {"SecretString": "random"}, "PutSecretValue": {}})
    assert _secret(recorded, "SECRET_KEY") == 0
    [put] = recorded.parameters("PutSecretValue")
    assert (put["SecretId"], put["SecretString"]) == (arn, _VALUE)


def test_before_that_it_says_what_to_declare() -> None:
    with pytest.raises(UsageError, match=r"deploy first, or declare it as SecureParameter\(name="):
        _secret(Recorded(_BEFORE), "SECRET_KEY")


@pytest.mark.parametrize("name", ["STRIPE_API_KEY", ""])
def test_what_is_not_declared_is_refused_with_those_that_are_and_what_to_write(name: str) -> None:
    with pytest.raises(UsageError) as error:
        _secret(Recorded(_BEFORE), name)
    assert "It declares: DATABASE_URL, SECRET_KEY, MAIL_PASSWORD." in str(error.value)
    assert "SecureParameter(name=" in str(error.value)


@pytest.mark.parametrize("given", ["", "\n", "with a \0 byte"])
def test_what_is_no_value_is_refused(monkeypatch: pytest.MonkeyPatch, given: str) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO(given))
    with pytest.raises(UsageError, match=r"no value|zero byte"):
        _secret(Recorded(_BEFORE))


def test_a_prompt_hides_what_is_typed(monkeypatch: pytest.MonkeyPatch) -> None:
    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    monkeypatch.setattr("sys.stdin", Terminal())
    monkeypatch.setattr("getpass.getpass", lambda _: _VALUE)
    recorded = Recorded(_BEFORE)
    assert _secret(recorded) == 0
    assert recorded.parameters("PutParameter")[0]["Value"] == _VALUE


@pytest.mark.usefixtures("typed")
def test_without_a_local_cloud_the_value_waits_for_it(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert keep_for_later("dev", "DATABASE_URL", tmp_path / ".env.local") == 0
    assert (tmp_path / ".env.local").read_text() == f"DATABASE_URL='{_VALUE}'\n"
    assert "the next `make up` takes it" in capsys.readouterr().out


def _secrets(recorded: Recorded, source: Path | None, kind: str = "json") -> int:
    return secrets(recorded.deployed(), source=source, kind=kind, roll=False, kept_in=None)


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Write a file that has a name of every kind, and an app that reads some of them."""
    code = 'os.environ["STRIPE_API_KEY"]; app.config.from_prefixed_env()'
    monkeypatch.setattr("tools.operate.secrets._code", lambda: code)
    file = tmp_path / ".env"
    names = ("DATABASE_URL", "SECRET_KEY", "LOG_LEVEL", "PORT", "STRIPE_API_KEY", "FLASK_X", "OLD_NAME")
    file.write_text("".join(f"{name}=hunter2-{name}\n" for name in names))
    return file


def test_a_file_is_compared_name_by_name_and_no_value_is_shown(
    file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    recorded = Recorded(_BEFORE)
    assert _secrets(recorded, file) == 1
    told = capsys.readouterr().out
    for name, done in {
        "DATABASE_URL": "created: parameter /web/dev/database-url",
        "SECRET_KEY": "not stored: a NewSecret() gets a random value",
        "LOG_LEVEL": "not stored: no secret, belongs into variables",
        "PORT": "not stored: the kit sets it",
        "STRIPE_API_KEY": "created: key STRIPE_API_KEY of secret web/dev/app",
        "FLASK_X": "created: key FLASK_X of secret web/dev/app",
        "OLD_NAME": "not stored: nothing in service/app and service/src reads it",
    }.items():
        [line] = [line for line in told.splitlines() if f" {name} " in line and "│" in line]
        assert done in line
    assert "No value yet: MAIL_PASSWORD" in told
    assert "hunter2" not in told
    [made] = recorded.parameters("CreateSecret")
    assert made["Name"] == "web/dev/app"


def test_what_it_proposes_to_declare_is_python_that_works(
    file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for kind in ("json", "parameters"):
        _secrets(Recorded(_BEFORE), file, kind)
        told = capsys.readouterr().out
        written = told[told.index("secrets={") + len("secrets=") : told.index("\n}") + 2]
        declared = eval(written)
        assert list(declared) == ["STRIPE_API_KEY", "FLASK_X"]
        assert Environment(name="dev", secrets=declared).secrets == declared


def test_a_hundred_values_become_one_secret_in_one_call(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    names = [f"KEY_{number}" for number in range(120)]
    monkeypatch.setattr("tools.operate.secrets._code", lambda: " ".join(names))
    (tmp_path / ".env").write_text("".join(f"{name}=x\n" for name in names))
    recorded = Recorded(_BEFORE)
    _secrets(recorded, tmp_path / ".env")
    assert len(recorded.parameters("CreateSecret")) == 1


def test_a_value_that_is_made_of_another_is_refused_and_nothing_is_stored(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("DATABASE_URL=postgresql://${DB_USER}:hunter2@db\n")
    recorded = Recorded(_BEFORE)
    with pytest.raises(UsageError, match=r"DATABASE_URL in .* is made of another variable") as error:
        _secrets(recorded, tmp_path / ".env")
    assert "hunter2" not in str(error.value)
    assert not recorded.parameters("PutParameter")


def test_a_file_that_is_not_there_is_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(OperateError, match="There is no file"):
        _secrets(Recorded(_BEFORE), tmp_path / "nowhere")


def test_without_a_file_it_shows_what_has_a_value(capsys: pytest.CaptureFixture[str]) -> None:
    assert _secrets(Recorded(_BEFORE | {"GetParameter": {"Parameter": {}}}), None) == 1
    told = capsys.readouterr().out
    rows = {line.split("│")[1].strip(): line for line in told.splitlines() if line.startswith("│")}
    assert "stored" in rows["DATABASE_URL"]
    assert "made by the stack" in rows["SECRET_KEY"]
    assert "MISSING" in rows["MAIL_PASSWORD"]
    assert "make secret NAME=MAIL_PASSWORD ENV=dev" in told


def test_a_name_within_a_longer_one_is_not_read() -> None:
    found = compare({"KEY": "x"}, _DEV, None, code='os.environ["OTHER_KEY"]')
    assert found.unread == ["KEY"]


def test_after_a_rolled_back_first_deployment_why_finds_the_missing_secret(
    capsys: pytest.CaptureFixture[str],
) -> None:
    from tests.operate.failures import FAILURES  # noqa: PLC0415
    from tools.operate.why import why  # noqa: PLC0415

    answers = FAILURES["circuit-breaker"].answers()
    [stack] = answers["DescribeStacks"]["Stacks"]
    answers |= {
        **{name: _BEFORE[name] for name in ("GetParameter", "GetSecretValue")},
        "DescribeStacks": {"Stacks": [{**stack, "StackStatus": "ROLLBACK_COMPLETE", "Outputs": []}]},
        "DescribeLogGroups": {"logGroups": []},
    }
    assert why(Recorded(answers).deployed()) == 1
    told = capsys.readouterr().out
    assert told.startswith("Cause  A secret or parameter that the task definition names does not exist")
    assert "DATABASE_URL has no value: there is no parameter /web/dev/database-url" in told
    assert GROUP not in told
