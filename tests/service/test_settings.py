"""Test that a wrong variable stops the start with one line that names the allowed values."""

import pytest
from pydantic import SecretStr, ValidationError
from pydantic_settings import BaseSettings

from service.kit import ServerSettings, Settings, load

REQUIRED = {name.upper() for name, field in ServerSettings.model_fields.items() if field.is_required()}


@pytest.fixture(autouse=True)
def environment(variables: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ServerSettings.model_fields:
        monkeypatch.delenv(name.upper(), raising=False)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)


def refusal(capsys: pytest.CaptureFixture[str]) -> str:
    with pytest.raises(SystemExit) as stopped:
        load(ServerSettings)
    assert isinstance(stopped.value.code, str), "a string is printed on stderr and gives exit code 1"
    assert "\n" not in stopped.value.code
    assert capsys.readouterr().out == ""
    return stopped.value.code


def test_loads_every_required_variable(variables: dict[str, str]) -> None:
    loaded = load(ServerSettings)
    assert variables.keys() == REQUIRED
    assert {name: str(getattr(loaded, name.lower())) for name in variables} == variables


@pytest.mark.parametrize("name", sorted(REQUIRED))
def test_names_a_missing_variable(
    name: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv(name)
    assert f"{name} is not set (allowed: " in refusal(capsys)


@pytest.mark.parametrize("name", sorted(REQUIRED))
def test_takes_an_empty_variable_for_a_missing_one(
    name: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv(name, "")
    assert f"{name} is not set (allowed: " in refusal(capsys)


@pytest.mark.parametrize(
    ("name", "value", "allowed"),
    [
        ("PORT", "http", "a whole number from 1 to 65535"),
        ("PORT", "70000", "a whole number from 1 to 65535"),
        ("PROXY_HOPS", "-1", "a whole number from 0 to 5"),
        ("PROXY_HOPS", "6", "a whole number from 0 to 5"),
        ("GUNICORN_WORKERS", "0", "a whole number from 1 to 64"),
        ("GUNICORN_THREADS", "2.5", "a whole number from 1 to 256"),
        ("GUNICORN_TIMEOUT_S", "0", "a whole number from 1 to 4000"),
        ("GUNICORN_GRACEFUL_TIMEOUT_S", "30s", "a whole number from 1 to 4000"),
        ("GUNICORN_QUEUE_S", "0", "a number above 0, up to 60"),
        ("MAX_CONTENT_LENGTH_BYTES", "10MB", "a whole number from 1 to 1073741824"),
        ("HEALTH_PATH", "up", "a path that begins with /"),
        ("HEALTH_PATH", "/up?full", "a path that begins with /"),
        ("LOG_LEVEL", "loud", "debug, info, warning, error or critical"),
        ("HOST", "everywhere", "an IP address of this machine"),
        ("TRUSTED_HOSTS", "https://example.com", "lower-case host names without scheme or port"),
        ("TRUSTED_HOSTS", "example.com,", "lower-case host names without scheme or port"),
        ("ECS_CONTAINER_METADATA_URI_V4", "nowhere", "a URL, set by ECS itself"),
        ("WEB_CONCURRENCY", "4", "unset, GUNICORN_WORKERS decides"),
        ("GUNICORN_CMD_ARGS", "--workers 9", "unset, service/gunicorn_conf.py decides"),
    ],
)
def test_names_a_wrong_variable_its_value_and_what_is_allowed(
    name: str, value: str, allowed: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv(name, value)
    assert f"{name}={value!r} (allowed: {allowed}" in refusal(capsys)


def test_names_all_wrong_variables_at_once(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv("ENVIRONMENT")
    monkeypatch.setenv("PORT", "x")
    line = refusal(capsys)
    assert "ENVIRONMENT is not set" in line
    assert "PORT='x'" in line


def test_does_not_show_a_secret() -> None:
    class WithSecret(BaseSettings):
        database_password: SecretStr | None = None

        def __init__(self) -> None:
            super().__init__()
            raise ValidationError.from_exception_data(
                "WithSecret", [{"type": "string_type", "loc": ("database_password",), "input": "hunter2"}]
            )

    with pytest.raises(SystemExit) as stopped:
        load(WithSecret)
    assert "DATABASE_PASSWORD is wrong, its value is a secret" in str(stopped.value.code)
    assert "hunter2" not in str(stopped.value.code)


def test_listens_on_loopback_unless_told_otherwise() -> None:
    assert str(load(ServerSettings).host) == "127.0.0.1"


def test_splits_trusted_hosts_at_commas(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TRUSTED_HOSTS", "example.com, .example.org")
    assert load(Settings).trusted_hosts == ("example.com", ".example.org")


def test_settings_cannot_be_changed() -> None:
    with pytest.raises(ValidationError, match="frozen"):
        load(Settings).version = "other"  # type: ignore[misc] # frozen
