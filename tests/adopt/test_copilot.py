"""Ten manifests in the shapes that public repositories have: the environments that adopt makes of them.

`manifests/` are our own texts after those shapes: names, values and comments are made up.
"""

import runpy
import shutil
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from infra.application import build_app, silence
from infra.parameters import Cidrs, Environment, InsideVpc, NatGateways, NewSecret, NewVpc, SecureParameter
from tests.adopt.conftest import Write
from tests.adopt.repositories import APP
from tools.adopt.__main__ import adopt
from tools.adopt.errors import AdoptError
from tools.adopt.report import Report
from tools.adopt.values import read_yaml

MANIFESTS = Path(__file__).parent / "manifests"
NAMES = sorted(path.name for path in MANIFESTS.iterdir())


def adopted(
    name: str, project: Path, repository: Write, **options: str
) -> tuple[dict[str, Environment], Report]:
    """Adopt an app with one of the manifests; return the environments, with a preview, and what was said."""
    folder = repository({"app.py": APP})
    shutil.copytree(MANIFESTS / name, folder, dirs_exist_ok=True)
    report = adopt(project, str(folder), **options)
    written = runpy.run_path(str(project / "infra" / "environments.py"))
    made = {each.name: each for each in written["ENVIRONMENTS"]}
    return {**made, "preview": written["preview"](7)}, report


def value(environment: Environment, path: str) -> Any:
    found: Any = environment
    for part in path.split("."):
        found = found[part] if isinstance(found, dict) else getattr(found, part)
    return found


EXPECTED: dict[str, dict[str, dict[str, Any]]] = {
    "plain": {
        # No environment has a name in Copilot's files: each gets what the manifest says.
        "dev": {"tasks.cpu": 256, "tasks.max": 1, "secrets.SECRET_KEY": NewSecret()},
        "prod": {"tasks.min": 1, "tasks.max": 1, "tasks.memory_mib": 512, "execute_command": True},
    },
    "secrets": {
        "dev": {
            "variables": {"APP_ENV": "dev", "DEBUG": "false", "SEARCH_URL": "http://search.internal"},
            "secrets.SIGN_IN_ID": SecureParameter(name="/copilot/desk/dev/secrets/SIGN_IN_ID"),
            "secrets.SECRET_KEY": SecureParameter(name="/copilot/desk/dev/secrets/SECRET_KEY"),
            "health_check.path": "/healthz",
            "health_check.codes": "200",
            "health_check.interval_s": 35,
            "health_check.timeout_s": 30,
            "health_check.grace_s": 90,
            "tasks.memory_mib": 1024,
            "domain": None,
        },
        "prod": {
            "secrets.SIGN_IN_ID": SecureParameter(name="/copilot/desk/prod/secrets/SIGN_IN_ID"),
            "tasks.max": 10,
        },
        "preview": {"variables.APP_ENV": "dev"},
    },
    "scaled": {
        "test": {
            "tasks.min": 1,
            "tasks.max": 4,
            "tasks.cpu": 1024,
            "tasks.memory_mib": 4096,
            "scaling.cpu_percent": 80,
            "scaling.memory_percent": 80,
            "variables": {"LOG_LEVEL": "info", "STAGE": "nightly"},
            "secrets.TOKEN": SecureParameter(name="/copilot/api/test/secrets/TOKEN"),
            "health_check.path": "/health",
        },
        "prod": {
            "tasks.min": 2,
            "tasks.max": 12,
            "tasks.spot": "above_min",
            "scaling.in_cooldown_s": 120,
            "scaling.out_cooldown_s": 30,
            "scaling.cpu_percent": 65,
            "scaling.requests_per_task_per_minute": 1200,
            "scaling.response_time_s": 0.4,
            "variables": {"LOG_LEVEL": "info", "STAGE": "production"},
        },
        "dev": {"variables": {"LOG_LEVEL": "info"}, "tasks.cpu": 256},
    },
    "certificates": {
        "live": {
            "region": "eu-central-1",
            "availability_zones": ("eu-central-1a", "eu-central-1b"),
            "domain.name": "www.example.com",
            "domain.aliases": ("example.com",),
            "domain.redirect_http": True,
            "domain.certificate_arns": (
                "arn:aws:acm:eu-central-1:123456789012:certificate/0a1b2c3d-0000-0000-0000-123456789012",
            ),
            "network": NewVpc(cidr="10.8.0.0/16", log_days=14),
            "load_balancer.log_days": 90,
            "container_insights": True,
            "routing.sticky_s": 86400,
            "tasks.architecture": "X86_64",
            "tasks.min": 2,
        },
    },
    "sidecar": {
        "dev": {
            "network": NewVpc(egress=NatGateways(count=2)),
            "sidecars.0.name": "nginx",
            "sidecars.1.essential": False,
            "sidecars.1.variables": {"LEVEL": "info"},
            "sidecars.1.command": ("--port", "8125"),
            "tasks.memory_mib": 2048,
        },
    },
    "database": {
        "dev": {
            "release_command": ("flask", "db", "upgrade"),
            "variables": {"DOMAIN": "https://example.com"},
            "tasks.workers": 3,
            "longest_request_s": 90,
            "tasks.spot": "never",
        },
        "prod": {"health_check.path": "/api/health/", "longest_request_s": 90},
    },
    "runner": {
        "test": {
            "tasks.cpu": 1024,
            "tasks.memory_mib": 2048,
            "variables": {"GREETING": "test"},
            "trace_percent": 5.0,
            "tags": {"owner": "front"},
            "secrets.GITHUB_TOKEN": SecureParameter(name="GITHUB_TOKEN"),
            "network": NewVpc(egress=NatGateways(count=2)),
        },
        "staging": {"variables": {"GREETING": "hello"}},
    },
    "backend": {
        "production": {
            "load_balancer.ingress": InsideVpc(),
            "tasks.min": 2,
            "variables": {"LOG_LEVEL": "info"},
        },
        "dev": {
            "secrets.MONGO": SecureParameter(name="/copilot/web/dev/secrets/MONGO"),
            "load_balancer.ingress": InsideVpc(),
        },
    },
    "several": {
        "dev": {
            "variables": {"COLOUR": "dark blue", "STYLE": "plain"},
            "secrets.API_TOKEN": SecureParameter(name="/web/dev/api-token"),
        },
        "prod": {"log_days": 400},
    },
    "imported": {
        "office": {
            "load_balancer.ingress": Cidrs(cidrs=("198.51.100.0/24",)),
            "tasks.spot": "always",
            "tasks.max": 2,
            "tasks.ephemeral_storage_gib": 60,
            "network": NewVpc(),
        },
    },
}


def test_there_are_ten_manifests_with_what_is_expected_of_them() -> None:
    assert sorted(EXPECTED) == NAMES
    assert len(NAMES) == 10


@pytest.mark.parametrize("name", NAMES)
def test_the_environments_have_what_the_manifest_says(name: str, project: Path, repository: Write) -> None:
    environments, _ = adopted(name, project, repository)
    for environment, expected in EXPECTED[name].items():
        for path, wanted in expected.items():
            found: Any = environments[environment]
            for part in path.split("."):
                found = (
                    found[int(part)]
                    if part.isdecimal()
                    else found[part]
                    if isinstance(found, dict)
                    else getattr(found, part)
                )
            assert found == wanted, f"{environment}: {path}"


@pytest.mark.parametrize("name", NAMES)
def test_no_field_is_passed_over(name: str, project: Path, repository: Write) -> None:
    _, report = adopted(name, project, repository)
    said = {row.source.replace(": sidecars.", ".").replace(": ", ".") for row in report.rows}
    said |= {row.source.partition(" ")[0] for row in report.rows}
    for path in sorted((MANIFESTS / name).rglob("manifest.yml")):
        file = str(path.relative_to(MANIFESTS / name))
        if file in {row.source for row in report.rows if "Service" in row.given or "Job" in row.given}:
            continue  # a service beside: left as a whole
        for field in leaves(read_yaml(path, file)):
            words = field.split(".")
            starts = {".".join((file, *words[:n])) for n in range(1, len(words) + 1)}
            overridden = any(each.startswith(f"{file}.{field}.") for each in said)
            assert starts & said or overridden, f"{file}: {field}"


def leaves(data: Mapping[str, Any], above: str = "") -> Iterator[str]:
    """Yield the fields of a manifest; those that override stand where they take effect."""
    for name, each in data.items():
        if name == "environments" and not above:
            for over in each.values():
                yield from leaves(over)
        elif name == "sidecars" and not above:
            yield from leaves(each)
        elif isinstance(each, Mapping):
            yield from leaves(each, f"{above}{name}.")
        elif name == "stages" and not above:
            for stage in each:
                yield from leaves(stage, "stages.")
        else:
            yield f"{above}{name}"


@pytest.mark.parametrize("name", NAMES)
def test_no_value_that_may_be_a_secret_is_written_or_shown(
    name: str, project: Path, repository: Write
) -> None:
    _, report = adopted(name, project, repository)
    written = "".join(path.read_text() for path in project.rglob("*.py")) + str(report.rows)
    assert "do-not-copy" not in written


@pytest.mark.parametrize("name", ["certificates", "scaled", "sidecar"])
def test_the_environments_are_synthesised(
    name: str, project: Path, repository: Write, tmp_path: Path
) -> None:
    environments, _ = adopted(name, project, repository)
    environments.pop("preview")
    assert silence([*environments.values()]) is None
    made = build_app(*environments.values(), outdir=str(tmp_path / "cdk.out")).synth()
    assert {stack.stack_name for stack in made.stacks} >= {f"Web-{each}" for each in environments}


def test_what_stands_beside_the_service_is_told_with_its_way(project: Path, repository: Write) -> None:
    _, report = adopted("several", project, repository)
    said = {row.source: row.here for row in report.rows if row.verdict == "left to you"}
    assert "`workers` (docs/workers.md)" in said["copilot/jobs/manifest.yml"]
    assert "EventBridge Scheduler" in said["copilot/nightly/manifest.yml"]
    assert "docs/pipeline.md" in said["copilot/pipelines/web/manifest.yml: stages.requires_approval"]
    assert "recipe docs/recipes/volumes.py" in said["copilot/web/manifest.yml: storage.volumes"]


def test_a_secret_by_name_asks_for_its_whole_arn(project: Path, repository: Write) -> None:
    environments, report = adopted("runner", project, repository)
    (row,) = (row for row in report.rows if row.source.endswith("secrets.DB_SECRET"))
    assert "describe-secret --secret-id mysql --query ARN" in row.here
    assert all("DB_SECRET" not in each.secrets for each in environments.values())


def test_of_several_services_one_is_asked_for(project: Path, repository: Write) -> None:
    service = "name: {}\ntype: Load Balanced Web Service\nvariables: {{WHO: {}}}\n"
    folder = repository(
        {
            "app.py": APP,
            "copilot/a/manifest.yml": service.format("a", "a"),
            "copilot/b/manifest.yml": service.format("b", "b"),
        }
    )
    with pytest.raises(
        AdoptError, match="several services in copilot: choose one of a, b, such as SERVICE=a"
    ):
        adopt(project, str(folder))
    with pytest.raises(AdoptError, match="there is no service 'c' in copilot: choose one of a, b"):
        adopt(project, str(folder), service="c")
    adopt(project, str(folder), service="b")
    assert runpy.run_path(str(project / "infra" / "environments.py"))["VARIABLES"] == {"WHO": "b"}


@pytest.mark.parametrize(
    ("manifest", "said"),
    [
        ("name: [", "copilot/web/manifest.yml is no YAML"),
        ("- name", "copilot/web/manifest.yml holds a list, but a mapping is needed"),
        ("name: web\ntype: Backend Service\nenvironments: {Prod_1: {}}", "an environment is called 'Prod_1'"),
    ],
)
def test_a_manifest_that_is_wrong_ends_with_a_sentence(
    manifest: str, said: str, project: Path, repository: Write
) -> None:
    with pytest.raises(AdoptError, match=said.replace("[", r"\[")):
        adopt(project, str(repository({"app.py": APP, "copilot/web/manifest.yml": manifest})))
