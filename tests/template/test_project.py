"""A project that copier makes is whole, is a team's, and holds nothing that the kit alone needs."""

import ast
import functools
import json
import re
from collections.abc import Iterator
from pathlib import Path

import copier
import pytest

from tests.checkout import ROOT, files_of_the_checkout
from tests.environments import ENVIRONMENTS, preview
from tests.template.repository import Repository, project_from, python
from tools.app_environment import FOLDER as APP

ANSWERS = {
    "defaults": {},
    "example": {"name": "shop", "domain": "www.example.com"},
    "everything": {
        "name": "orders",
        "region": "us-west-1",
        "domain": "orders.eu.acme.org",
        "hosted_zone_name": "acme.org",
        "hosted_zone_id": "Z0123456789",
        "email": "ops@acme.org",
        "package": "app",
        "proxy": "apache",
        "owners": "@acme/platform @ana",
    },
}
# Of a project, less the team's code. A bound that is passed is looked at: what does a team not need?
MOST_FILES = 760
MOST_LINES = 62_000
LINK = re.compile(r"\]\((?!https?://|#)([^)#\s]+)")
TELL_ENVIRONMENTS = """
import json
from infra.environments import ENVIRONMENTS, preview
print(json.dumps([json.loads(each.model_dump_json()) for each in (*ENVIRONMENTS, preview(7))]))
"""


@pytest.fixture(scope="module", params=ANSWERS)
def answered(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(scope="module")
def project(answered: str, kit: Repository, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("a team") / "my service"
    made = project_from(kit, folder, **ANSWERS[answered])
    assert files(made)
    return made


@pytest.fixture(scope="module")
def environments(project: Path) -> dict[str, dict[str, object]]:
    done = python(project, "-c", TELL_ENVIRONMENTS)
    assert done.returncode == 0, done.stderr
    return {each["name"]: each for each in json.loads(done.stdout)}


@functools.cache
def _all_files(project: Path) -> list[Path]:
    return sorted(path.relative_to(project) for path in project.rglob("*") if path.is_file())


def files(project: Path, ending: str = "") -> list[Path]:
    """Return the project's files as copier wrote them, before a test has run in it."""
    return [path for path in _all_files(project) if path.name.endswith(ending)]


def test_nothing_of_the_templates_language_is_left(project: Path) -> None:
    rendered = [path for path in files(project) if (ROOT / f"{path}.jinja").exists()]
    assert len(rendered) >= 6
    assert not [path for path in rendered if re.search(r"\{\{|\{%", (project / path).read_text())]
    assert not [path for path in files(project) if path.suffix == ".jinja" or "{" in str(path)]


def test_what_the_kits_developers_need_stays_behind(project: Path) -> None:
    names = {path.name for path in project.iterdir()}
    kits = {"copier.yml", "benchmarks", "workshop", "CONTRIBUTING.md", "SECURITY.md", "LICENSE"}
    assert not names & kits
    assert {path.name for path in (project / "tests").iterdir()} == {"app", "project", "conftest.py"}
    for path in (
        "docs/features.md",
        "docs/decisions",
        ".github/workflows/release.yml",
        ".github/dependabot.yml",
    ):
        assert not (project / path).exists(), path


def test_all_else_of_the_kit_is_there_as_it_is(project: Path) -> None:
    folders = ("infra", "tools", ".github/workflows")
    kits = {path for path in files_of_the_checkout() if str(path).startswith(folders)}
    left = {path for path in kits - set(files(project)) if path.suffix != ".jinja"}
    assert left == {Path(".github/workflows/release.yml")}
    rendered = {Path("infra/environments.py")}
    assert not [
        path
        for path in kits & set(files(project)) - rendered
        if (project / path).read_bytes() != (ROOT / path).read_bytes()
    ]


def test_the_license_of_the_kit_comes_along(project: Path) -> None:
    assert (project / "LICENSE.flask-fargate").read_text().endswith((ROOT / "LICENSE").read_text())


def test_the_environments_are_the_answers(answered: str, environments: dict[str, dict[str, object]]) -> None:
    assert list(environments) == ["dev", "staging", "prod", "pr-7"]
    domains = [(each["domain"] or {}).get("name") for each in environments.values()]  # type: ignore[attr-defined]
    places = {(each["region"], *each["availability_zones"]) for each in environments.values()}  # type: ignore[misc]
    proxies = {environments[name]["proxy"] for name in ("staging", "prod")}
    if answered == "everything":
        assert domains == [None, "staging.acme.org", "orders.eu.acme.org", "pr-7.preview.acme.org"]
        # A new account has no zone b in it.
        assert places == {("us-west-1", "us-west-1a", "us-west-1c")}
        assert proxies == {"apache"}
    else:
        assert places == {("eu-west-1", "eu-west-1a", "eu-west-1b")}
        assert proxies == {"nginx"}
        wanted = [None, "staging.example.com", "www.example.com", "pr-7.preview.example.com"]
        assert domains == (wanted if answered == "example" else [None] * 4)


def test_the_mail_address_hears_of_production(
    answered: str, environments: dict[str, dict[str, object]]
) -> None:
    told = {name: each["alarms"]["email"] for name, each in environments.items()}  # type: ignore[index]
    email = ANSWERS[answered].get("email", "ops@example.com")
    assert told == {"dev": None, "staging": None, "prod": email, "pr-7": None}


def test_a_project_begins_with_the_environments_that_the_kit_is_tested_with(
    answered: str, environments: dict[str, dict[str, object]]
) -> None:
    kits = [each.model_dump(mode="json") for each in (*ENVIRONMENTS, preview(7))]
    own = {"region", "availability_zones", "domain", "proxy", "alarms"}
    if answered == "example":
        own = set()
    elif answered == "defaults":
        own = {"domain"}
    for kit, given in zip(kits, environments.values(), strict=True):
        # Without a domain, a preview cannot share the load balancer of staging.
        changed = own | ({"load_balancer"} if answered == "defaults" and kit["name"] == "pr-7" else set())
        assert {name: value for name, value in given.items() if name not in changed} == {
            name: value for name, value in kit.items() if name not in changed
        }


def test_it_compiles(project: Path) -> None:
    done = python(project, "-m", "compileall", "-q", ".", PYTHONPYCACHEPREFIX=str(project.parent / "cache"))
    assert (done.returncode, done.stdout) == (0, "")


def test_no_import_leads_to_a_file_that_stayed_behind(project: Path) -> None:
    assert not [
        f"{path}: {module}"
        for path in files(project, ".py")
        for module in _imported(project / path)
        if module.partition(".")[0] in ("infra", "service", "tools", "tests")
        and not _is_there(project, module)
    ]


def test_no_link_leads_to_a_page_that_stayed_behind(project: Path) -> None:
    pages = files(project, ".md")
    assert len(pages) > 10
    assert not [
        f"{page}: {link}"
        for page in pages
        for link in LINK.findall((project / page).read_text())
        if not (project / page.parent / link).exists()
    ]


def test_it_synthesises(project: Path, tmp_path: Path) -> None:
    done = python(project, "app.py", CDK_OUTDIR=str(tmp_path))
    assert done.returncode == 0, done.stderr
    assert {path.name for path in tmp_path.glob("Web-*.template.json")} == {
        f"Web-{name}.template.json" for name in ("dev", "staging", "prod")
    }


def test_its_tests_pass(project: Path) -> None:
    words = ("-m", "pytest", "-q", "-p", "no:cacheprovider")
    done = python(project, *words, "tests", "--ignore=tests/app")
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
    # As `make test` does: with the app's own packages.
    done = python(project, *words, "tests/app", interpreter=str(APP / "bin" / "python"))
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]


def test_a_package_takes_the_sample_apps_place(answered: str, project: Path) -> None:
    package = ANSWERS[answered].get("package")
    code = {
        path for path in files(project) if str(path).startswith(("service/app", "service/src", "tests/app"))
    }
    names = {"__init__.py", "settings.py"}
    if package:
        assert code == {
            *(Path("service/app", name) for name in names),
            Path("service/src/README.md"),
            Path("service/src", package, "__init__.py"),
            Path("tests/app/conftest.py"),
            Path("tests/app", f"test_{package}.py"),
        }
    else:
        for name in names:
            assert (project / "service/app" / name).read_text() == (ROOT / "service/app" / name).read_text()


def test_owners_are_asked_where_there_are_some(answered: str, project: Path) -> None:
    path, owners = project / ".github" / "CODEOWNERS", ANSWERS[answered].get("owners")
    if not owners:
        assert not path.exists()
        return
    lines = [line.split() for line in path.read_text().splitlines() if not line.startswith("#")]
    owned = {line[0] for line in lines if line[1:] == owners.split()}
    assert {"/infra/", "/tools/", "/.github/", "/Makefile", "/app.py"} <= owned
    assert {line[0] for line in lines if not line[1:]} == {"/service/app/", "/service/src/", "/tests/app/"}


def test_it_is_small(project: Path) -> None:
    team = ("service/app", "service/src", "tests/app")
    kits = [path for path in files(project) if not str(path).startswith(team)]
    lines = sum(len((project / path).read_text().splitlines()) for path in kits if path.suffix == ".py")
    print(f"a project has {len(kits)} files and {lines} lines of Python of the kit")
    assert len(kits) <= MOST_FILES
    assert lines <= MOST_LINES


@pytest.mark.parametrize(
    ("question", "answer", "allowed"),
    [
        ("name", "My Service", "lower-case letters, digits and '-'"),
        ("region", "Ireland", "such as eu-west-1"),
        ("domain", "https://acme.org/", "such as www.example.com"),
        ("hosted_zone_name", "other.org", "such as acme.org"),
        ("hosted_zone_id", "acme.org", "such as Z0123456789"),
        ("email", "@acme/platform", "such as ops@example.com"),
        ("package", "my-app", "such as flaskr"),
        ("package", "service", "rename the package"),
        ("proxy", "caddy", "Invalid choice"),
        ("owners", "acme/platform", "such as @ana or @acme/platform"),
    ],
)
def test_an_answer_that_cannot_be_is_refused_with_those_that_can(
    kit: Repository, tmp_path: Path, question: str, answer: str, allowed: str
) -> None:
    folder = tmp_path / "project"
    with pytest.raises(ValueError, match=re.escape(allowed)) as refused:
        project_from(kit, folder, **{"domain": "www.acme.org", question: answer})
    assert answer in str(refused.value)
    assert not folder.exists()


@pytest.mark.parametrize(
    ("folder", "name"),
    [("My Service!", "my-service"), ("2nd", "nd"), ("123", "my-service"), ("x" * 50, "x" * 40)],
)
def test_the_name_is_the_folders_unless_another_is_given(
    kit: Repository, tmp_path: Path, folder: str, name: str
) -> None:
    worker = copier.run_copy(str(kit.folder), tmp_path / folder, defaults=True, quiet=True, pretend=True)
    assert worker.answers.combined["name"] == name


def _imported(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node.module


def _is_there(project: Path, module: str) -> bool:
    path = project.joinpath(*module.split("."))
    return path.is_dir() or path.with_suffix(".py").is_file()
