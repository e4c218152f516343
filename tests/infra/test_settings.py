"""Test the policy's rule on settings: each required one is given, and each given one is read."""

from pathlib import Path
from typing import Any

import pytest

from infra.application import build_app
from infra.contract import ServiceSettings, read_settings, settings_problems
from infra.parameters import NewSecret
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
    given = [*(REQUIRED - {"SECRET", *secrets}), *variables]
    return list(settings_problems(settings, environment="dev", variables=given, secrets=secrets))


def test_what_is_required_and_given_is_no_problem(settings: ServiceSettings) -> None:
    assert problems(settings) == []


def test_a_missing_setting_is_named_with_its_place_and_what_to_add(settings: ServiceSettings) -> None:
    given = REQUIRED - {"BARE", "SECRET"}
    bare, secret = settings_problems(settings, environment="dev", variables=given, secrets=())
    assert bare == (
        "the service requires BARE (settings.py, line 15), and nothing gives it: the environment in "
        'infra/environments.py needs it, for example variables={"BARE": "..."}'
    )
    assert secret.endswith('for example secrets={"SECRET": NewSecret()}')


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
