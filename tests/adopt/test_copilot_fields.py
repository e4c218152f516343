"""Every field of Copilot's documentation is taken over, set otherwise, or left with a sentence: none is passed over."""

from collections.abc import Sequence

import infra.parameters
import pytest

from tests.adopt.fields import ENVIRONMENT, OTHER_SERVICES, PIPELINE, SERVICE, SIDECAR, Field, fields
from tools.adopt.copilot_environment_rules import ENVIRONMENT_RULES, PIPELINE_RULES
from tools.adopt.copilot_rules import SERVICE_RULES, SIDECAR_RULES
from tools.adopt.report import VERDICTS, Report
from tools.adopt.rules import Rule, apply
from tools.adopt.wishes import Wishes


def label(field: Field) -> str:
    return f"{field.path}={field.value}"


def applied(rules: Sequence[Rule], field: Field) -> tuple[Wishes, Report]:
    wishes, report = Wishes("prod"), Report()
    apply(rules, field.manifest(), file="manifest.yml", wishes=wishes, report=report)
    return wishes, report


def check(rules: Sequence[Rule], field: Field) -> None:
    wishes, report = applied(rules, field)
    for row in report.rows:
        assert len(row.here) > 10, row
        assert row.source.startswith("manifest.yml: ")
    if field.verdict in VERDICTS:
        assert {row.verdict for row in report.rows} == {field.verdict}
        assert report.rows
    for name, code in field.sets.items():
        assert wishes.get(name) == eval(code, vars(infra.parameters))


@pytest.mark.parametrize("field", [*fields(SERVICE), *fields(OTHER_SERVICES)], ids=label)
def test_a_field_of_a_service(field: Field) -> None:
    check(SERVICE_RULES, field)


@pytest.mark.parametrize("field", fields(ENVIRONMENT), ids=label)
def test_a_field_of_an_environment(field: Field) -> None:
    check(ENVIRONMENT_RULES, field)


@pytest.mark.parametrize("field", fields(PIPELINE), ids=label)
def test_a_field_of_a_pipeline(field: Field) -> None:
    check(PIPELINE_RULES, field)


@pytest.mark.parametrize("field", fields(SIDECAR), ids=label)
def test_a_field_of_a_sidecar(field: Field) -> None:
    check(SIDECAR_RULES, field)


@pytest.mark.parametrize(
    ("table", "rules"),
    [
        (SERVICE + OTHER_SERVICES, SERVICE_RULES),
        (ENVIRONMENT, ENVIRONMENT_RULES),
        (PIPELINE, PIPELINE_RULES),
        (SIDECAR, SIDECAR_RULES),
    ],
    ids=["service", "environment", "pipeline", "sidecar"],
)
def test_every_rule_is_of_a_field_that_copilot_has(table: str, rules: Sequence[Rule]) -> None:
    known = {field.path for field in fields(table)}
    groups = {".".join(path.split(".")[:n]) for path in known for n in range(1, 6)}
    patterns = {
        path.replace("COLOUR", "*").replace("QUEUE", "*").replace("TOKEN", "*") for path in known | groups
    }
    beside = {
        "count.memory_percentage.value",
        "count.requests.value",
        "count.requests.cooldown",
        "count.cpu_percentage.cooldown",
    }
    beside |= {"count.response_time.value", "count.response_time.cooldown", "variables.*"}
    assert {rule.field for rule in rules} - patterns - beside == set()


def test_a_field_that_copilot_does_not_have_is_left_to_a_person() -> None:
    _, report = applied(SERVICE_RULES, Field("htpp.path", "/", "left to you", {}))
    assert [row.verdict for row in report.rows] == ["left to you"]
    assert "adopt knows no such field" in report.rows[0].here


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("cpu", "much"),
        ("http.healthcheck.interval", "often"),
        ("count.range", "a-b"),
        ("exec", "perhaps"),
        ("count", [1]),
    ],
)
def test_a_value_that_cannot_be_is_left_with_its_reason(path: str, value: object) -> None:
    _, report = applied(SERVICE_RULES, Field(path, value, "", {}))
    assert [(row.verdict, row.here.partition(":")[0]) for row in report.rows] == [
        ("left to you", "not understood, set it by hand")
    ]


def test_no_value_of_a_secret_is_shown_or_set() -> None:
    for value in ("hunter2", "postgres://web:hunter2@db/web"):
        wishes, report = applied(SERVICE_RULES, Field("variables.DATABASE_PASSWORD", value, "", {}))
        assert "hunter2" not in str(report.rows) + str(wishes.get("variables")) + str(wishes.get("secrets"))
        assert "DATABASE_PASSWORD" in wishes.get("secrets")
