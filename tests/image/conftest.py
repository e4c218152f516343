"""Build the real images once, and share each run of the preflight command among the tests that read it."""

import platform
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Literal

import pytest

from infra.application import build_app
from infra.parameters import Environment, HealthCheck, Tasks
from tests.environments import DEV, PROD
from tests.image.machine import ROOT, Machine, NoEngineError, leave, this_machine
from tests.image.runs import Run, preflights

Architecture = Literal["ARM64", "X86_64"]
HERE: Architecture = "ARM64" if platform.machine() in {"aarch64", "arm64"} else "X86_64"
ELSEWHERE: Architecture = "X86_64" if HERE == "ARM64" else "ARM64"

WEB, BAD = "localhost/flask-fargate-web:test", "localhost/flask-fargate-bad:test"
PROXIES = {kind: f"localhost/flask-fargate-{kind}:test" for kind in ("nginx", "apache")}
GOOD = ("dev", "prod", "apache")
# The service as Cloud Run would run it; once with what its probes and its ten seconds do not allow.
CLOUD_RUN = {
    "google": ("--environment", "portable"),
    "hidden": ("--environment", "portable", "--variable", "HOST=127.0.0.1", "--variable", "LAME_DUCK_S=30"),
}


def _on(environment: Environment, architecture: Architecture, **changes: object) -> Environment:
    tasks = environment.tasks.model_copy(update={"architecture": architecture})
    return environment.model_copy(update={"tasks": tasks, **changes})


@pytest.fixture(scope="session")
def machine(request: pytest.FixtureRequest) -> Iterator[Machine]:
    """Return an engine that can run the images; skip the tests that need it where there is none."""
    with ThreadPoolExecutor() as pool:
        preparing = pool.submit(this_machine)
        request.getfixturevalue("assembly")  # synthesise while the engine is prepared
        try:
            found = preparing.result()
        except NoEngineError as error:
            pytest.skip(str(error))
    yield found
    leave(found)


@pytest.fixture(scope="session")
def assembly(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Synthesise dev, prod, prod with Apache, and `hurried`, for this machine's architecture."""
    folder = tmp_path_factory.mktemp("assembly")
    hurried = Tasks(min=1, max=2, architecture=ELSEWHERE)
    build_app(
        _on(DEV, HERE),
        _on(PROD, HERE),
        _on(PROD, HERE, name="apache", proxy="apache"),
        # `hurried` has little time to start and stop, so that a slow image is found soon.
        DEV.model_copy(
            update={
                "name": "hurried",
                "tasks": hurried,
                "longest_request_s": 5,
                "health_check": HealthCheck(grace_s=15),
            }
        ),
        outdir=str(folder),
    ).synth()
    return folder


@pytest.fixture(scope="session")
def images(machine: Machine) -> dict[str, str]:
    """Build the repository's Dockerfiles as they are, and the bad image from its own."""
    with ThreadPoolExecutor() as pool:
        web = pool.submit(machine.build, ROOT / "service", WEB)
        for kind, tag in PROXIES.items():
            machine.build(ROOT / "infra" / "task" / "proxies" / kind, tag)
        web.result()
    bad = Path(__file__).parent / "bad"
    machine.build(bad, BAD, "--build-arg", f"WEB={WEB}")
    return {"web": WEB, "bad": BAD, **PROXIES}


@pytest.fixture(scope="session")
def sbom(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the path of the package list (SBOM) that the run of dev writes."""
    return tmp_path_factory.mktemp("sbom") / "sbom.spdx.json"


@pytest.fixture(scope="session")
def runs(
    machine: Machine, images: dict[str, str], assembly: Path, sbom: Path, report: list[str]
) -> dict[str, Run]:
    """Run the service's image in three environments, and the bad image with several faults."""

    def words(image: str, environment: str, *more: str, proxy: str = "nginx") -> list[str]:
        given = [
            "--environment",
            environment,
            "--assembly",
            str(assembly),
            "--image",
            f"proxy={images[proxy]}",
        ]
        return [image, *given, *more]

    def there(images: dict[str, str], *more: str) -> list[str]:
        return [images["web"], "--place", "google", "--image", f"proxy={images['nginx']}", *more]

    done = preflights(
        machine,
        {
            "bad": words(images["bad"], "hurried", "--stream-path", "/collected"),
            "prod": words(images["web"], "prod"),
            "apache": words(images["web"], "apache", proxy="apache"),
            "dev": words(images["web"], "dev", "--sbom", str(sbom)),
            "hoarder": words(images["bad"], "hurried", "--variable", "LEAK_MIB=40"),
            "late": words(images["bad"], "hurried", "--variable", "SLOW_START_S=60"),
            "ends": words(images["bad"], "hurried", "--variable", "ENDS=1"),
            **{name: there(images, *more) for name, more in CLOUD_RUN.items()},
        },
    )
    for name in GOOD:
        report += [line.strip() for line in done[name].out.splitlines() if line.startswith("      ")]
        report.append(done[name].out.strip().splitlines()[-1])
    passed = sum(sum(done[name].checks.values()) for name in GOOD)
    report.append(
        f"{passed} image checks passed; faults named in the bad image: "
        f"{sum(not ok for ok in done['bad'].checks.values())}"
    )
    return done


@pytest.fixture
def containers(machine: Machine) -> Callable[[], set[str]]:
    """Return a function that lists our containers and volumes in the engine now."""

    def now() -> set[str]:
        names = machine.call("ps", "--all", "--format", "{{.Names}}").stdout.split()
        volumes = machine.call("volume", "ls", "--format", "{{.Name}}").stdout.split()
        return {name for name in names + volumes if name.startswith("preflight-")}

    return now
