"""Test the policy's rule on settings: each required one is given, and each given one is read."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from infra.application import build_app
from infra.contract import ServiceSettings, read_settings, settings_problems
from infra.parameters import Environment, NewSecret
from infra.policy import Policy
from infra.policy.findings import violations_in
from tests.environments import DEV
from tests.infra.configured import template_of

SOURCE = """
from typing import Annotated, ClassVar
from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings

ELSEWHERE: int = 1


def _number(low: int, high: int, **more): ...


class Settings(BaseSettings):
    model_config = {}
    kind: ClassVar[str] = "no setting"
    bare: str
    described: str = Field(description="what for")
    dotted: Annotated[str, pydantic.Field(min_length=1)]
    dots: str = Field(..., description="what for")
    number: int = _number(1, 5)
    secret: SecretStr
    optional: SecretStr | None = None
    named: int = Field(default=5)
    made: list[int] = Field(default_factory=list)
    positional: str = Field("x")
    defaulted: int = _number(1, 5, default=2)


class ServerSettings(Settings):
    port: int = 8000
"""
KIT = Path(__file__).resolve().parents[2] / "service" / "kit" / "settings.py"
REQUIRED = {"BARE", "DESCRIBED", "DOTTED", "DOTS", "NUMBER", "SECRET"}


@pytest.fixture
def settings(tmp_path: Path) -> ServiceSettings:
    """Return the settings that the policy finds in SOURCE."""
    (tmp_path / "settings.py").write_text(SOURCE)
    known = read_settings(tmp_path / "settings.py")
    assert known
    return known


def test_fields_of_every_class_are_settings_and_nothing_else_is(settings: ServiceSettings) -> None:
    optional = {"OPTIONAL", "NAMED", "MADE", "POSITIONAL", "DEFAULTED", "PORT"}
    assert {*settings.settings} == REQUIRED | optional


def test_a_field_without_a_default_is_required(settings: ServiceSettings) -> None:
    assert {name for name, each in settings.settings.items() if each.required} == REQUIRED


def test_types_tell_which_are_secrets(settings: ServiceSettings) -> None:
    assert {name for name, each in settings.settings.items() if each.secret} == {"SECRET", "OPTIONAL"}


def problems(settings: ServiceSettings, *variables: str, secrets: tuple[str, ...] = ("SECRET",)) -> list[str]:
    given = dict.fromkeys([*(REQUIRED - {"SECRET", *secrets}), *variables], "")
    return list(settings_problems(settings, environment="dev", variables=given, secrets=secrets))


def test_what_is_required_and_given_is_no_problem(settings: ServiceSettings) -> None:
    assert problems(settings) == []


def test_a_missing_setting_is_named_with_its_place_and_what_to_add(settings: ServiceSettings) -> None:
    given = dict.fromkeys(REQUIRED - {"BARE", "SECRET"}, "")
    bare, secret = settings_problems(settings, environment="dev", variables=given, secrets=())
    assert bare == (
        "the service requires BARE (settings.py, line 15), and nothing gives it: the environment in "
        'infra/environments.py needs it, for example variables={"BARE": "..."}'
    )
    assert secret.endswith('for example secrets={"SECRET": NewSecret()}')


def test_no_random_value_is_proposed_for_the_address_of_a_database(tmp_path: Path) -> None:
    fields = "class Settings(BaseSettings):\n    database_url: SecretStr\n"
    (tmp_path / "settings.py").write_text(f"from pydantic import SecretStr\n{fields}")
    known = read_settings(tmp_path / "settings.py")
    assert known
    (told,) = settings_problems(known, environment="prod", variables={}, secrets=())
    assert told.endswith(
        'for example secrets={"DATABASE_URL": SecureParameter(name="/web/prod/database-url")}, '
        "and store the value: make secret NAME=DATABASE_URL ENV=prod"
    )


def test_a_secret_setting_in_plain_text_is_refused(settings: ServiceSettings) -> None:
    (told,) = problems(settings, "OPTIONAL")
    assert told.startswith("OPTIONAL is a secret to the service (settings.py, line 21), but in variables")


@pytest.mark.parametrize("kind", ["variables", "secrets"])
def test_a_typing_error_is_refused_with_the_name_that_was_meant(settings: ServiceSettings, kind: str) -> None:
    told = (
        problems(settings, "DEFAULTD")
        if kind == "variables"
        else problems(settings, secrets=("SECRET", "DEFAULTD"))
    )
    (sentence,) = told
    assert sentence == (
        "the service does not read DEFAULTD: did you mean DEFAULTED? If your app reads DEFAULTD, make it a "
        "field of Settings in service/app/settings.py"
    )


def test_other_names_are_the_apps_own(settings: ServiceSettings) -> None:
    assert problems(settings, "TZ", "OTEL_SERVICE_NAME", "QUEUE_URL") == []


def test_without_a_settings_file_nothing_is_told(tmp_path: Path) -> None:
    assert read_settings(tmp_path / "settings.py") is None


def test_only_the_container_of_the_service_is_looked_at(settings: ServiceSettings) -> None:
    sidecar = {
        "Type": "AWS::ECS::TaskDefinition",
        "Properties": {"ContainerDefinitions": [{"Name": "agent"}]},
    }
    assert list(violations_in({"Resources": {"Task": sidecar}}, settings)) == []
    sidecar["Properties"] = {"ContainerDefinitions": [{"Name": "web"}]}
    assert {rule for rule, _, _ in violations_in({"Resources": {"Task": sidecar}}, settings)} == {"settings"}


def test_the_policy_knows_the_settings_of_the_kit() -> None:
    def rules(**parameters: Any) -> list[str]:
        found = violations_in(dict(template_of(**parameters).to_json()), read_settings(KIT))
        return [f"{rule}: {sentence}" for rule, _, sentence in found]

    assert rules(variables={"LOG_LEVEL": "debug"}, secrets={"DRILL_TOKEN": NewSecret()}) == []
    (told,) = rules(variables={"LOG_LEVLE": "debug"})
    assert told.startswith("settings: the service does not read LOG_LEVLE: did you mean LOG_LEVEL?")


def test_a_name_that_nobody_reads_fails_the_synth() -> None:
    app = build_app(DEV.model_copy(update={"variables": {"LOG_LEVLE": "debug"}}), settings=read_settings(KIT))
    with pytest.raises(RuntimeError, match="did you mean LOG_LEVEL"):
        app.synth()
    assert "settings" in Policy().rule_ids


def test_a_name_that_the_teams_code_has_is_its_own(settings: ServiceSettings, tmp_path: Path) -> None:
    code = tmp_path / "src" / "shop"
    code.mkdir(parents=True)
    (code / "config.py").write_text('LEVEL = os.environ["DEFAULTD"]\nother = "DEFAULTED_2"\n')
    ours = replace(settings, team_code=(tmp_path / "src", tmp_path / "not there"))
    assert problems(ours, "DEFAULTD") == []
    assert problems(settings, "DEFAULTD")
    assert problems(ours, "DEFAULTED_"), "a part of a word is no reading"


WRONG = {
    "LOG_LEVEL": ["verbose", "warn", "20"],
    "LOG_FORMAT": ["yaml", "JSON"],
    "TRUSTED_HOSTS": ["https://a.org", "a.org:443", "a.org,,b.org", "A.org"],
    "RATE_LIMIT": ["often", "100", "5/fortnight"],
    "WEB_CONCURRENCY": ["4"],
    "CSP": ["on", "Enforce", "1"],
    "CONTENT_SECURITY_POLICY": ["default-src 'self'; report-uri /x", "default-src\n'self'"],
}
RIGHT = {
    "LOG_LEVEL": ["debug", "INFO", "Warning"],
    "LOG_FORMAT": ["json", "text"],
    "TRUSTED_HOSTS": ["a.org", ".a.org, b.org"],
    "RATE_LIMIT": ["100 per minute", "5/second", "5 PER HOUR"],
    "RATE_LIMIT_STORAGE_URI": ["anything"],
    "CSP": ["report", "enforce", "off"],
    "CONTENT_SECURITY_POLICY": ["default-src 'self'; img-src data:"],
}


@pytest.mark.parametrize(("name", "value"), [(name, value) for name in WRONG for value in WRONG[name]])
def test_a_value_that_the_service_refuses_fails_the_synth(name: str, value: str) -> None:
    kit = read_settings(KIT)
    assert kit
    given = {each.variable: "" for each in kit.settings.values() if each.required} | {name: value}
    (told,) = settings_problems(kit, environment="dev", variables=given, secrets=())
    allowed = kit.settings[name].allowed
    assert allowed
    assert told == (
        f"{name}={value!r} in infra/environments.py is refused by the service at its start (allowed: "
        f"{allowed.description})"
    )


@pytest.mark.parametrize(("name", "value"), [(name, value) for name in RIGHT for value in RIGHT[name]])
def test_a_value_that_the_service_takes_does_not(name: str, value: str) -> None:
    kit = read_settings(KIT)
    assert kit
    given = {each.variable: "" for each in kit.settings.values() if each.required} | {name: value}
    assert list(settings_problems(kit, environment="dev", variables=given, secrets=())) == []


@pytest.mark.parametrize("variables", [{"LOG_LEVLE": "debug"}, {"LOG_LEVEL": "verbose"}])
def test_a_preview_is_checked_before_there_is_a_pull_request(variables: dict[str, str]) -> None:
    def preview(number: int) -> Environment:
        return Environment(name=f"pr-{number}", variables=variables)

    with pytest.raises(ValueError, match=r"^preview\(\) in infra/environments.py: .*LOG_LEV"):
        build_app(DEV, preview=preview, settings=read_settings(KIT))


def test_a_preview_needs_what_the_team_requires(tmp_path: Path) -> None:
    (tmp_path / "settings.py").write_text("class Settings:\n    orders_url: str\n")
    known = read_settings(KIT, tmp_path / "settings.py")
    with pytest.raises(ValueError, match="the service requires ORDERS_URL"):
        build_app(DEV, preview=lambda _: Environment(name="pr-1"), settings=known)
