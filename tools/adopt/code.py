"""Choose which files of a repository are its app, and where each goes below service/src."""

import ast
import re
import shutil
import subprocess
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from tools.adopt.detect import Entry, module_file, parse
from tools.adopt.errors import AdoptError
from tools.adopt.report import Report

SRC = Path("service", "src")
# Names that the kit or its libraries have on Python's path.
RESERVED = {"service", "infra", "tools", "tests", "flask"}
_LARGEST_FILE_MIB, _LARGEST_REPOSITORY_MIB = 50, 500
_MIB = 1024**2
# What no image of the app needs, from the root of the repository on. A file that the code names stays.
_FOLDERS_LEFT = frozenset(
    [
        "tests",
        "test",
        "docs",
        "doc",
        "copilot",
        "node_modules",
        "deploy",
        "deployment",
        "k8s",
        "kubernetes",
        "helm",
        "charts",
        "terraform",
        "ansible",
        "infrastructure",
        "requirements",
        "examples",
        "venv",
        "env",
        "build",
        "dist",
        "htmlcov",
    ]
)
_FILES_LEFT = re.compile(
    r"(Dockerfile|docker-compose|compose|Procfile|Makefile|Vagrantfile|Jenkinsfile|Pipfile|LICEN[CS]E|NOTICE|AUTHORS|CONTRIBUTORS"
    r"|CHANGELOG|CHANGES|README|CONTRIBUTING|SECURITY|MANIFEST\.in|PKG-INFO|requirements)[\w.-]*"
    r"|(app|now|vercel|package|package-lock|tsconfig|renovate|cdk)\.json|(fly|netlify|pyproject|ruff|uv)\.toml"
    r"|(render|apprunner|heroku|env|mkdocs|codecov|cloudbuild|buildspec|skaffold|appspec)\.ya?ml|(poetry|uv|yarn)\.lock|runtime\.txt"
    r"|(tox|pytest|mypy|setup)\.(ini|cfg)|(setup|conftest|noxfile|fabfile|gunicorn[\w.]*|hatch_build|tests?|test_\w+|\w+_test)\.py|\w+\.(md|rst|sh|bash|bat|lock|log)"
)
_TESTS_ANYWHERE = re.compile(r"(test_\w+|\w+_test|conftest)\.py")


def project_folder(top: Path, entry: Entry) -> Path:
    """Return the folder of the app in a repository of several: that of its imports, or above its src."""
    folder = entry.root.parent if entry.root.name == "src" and entry.root != top else entry.root
    return folder if folder.is_relative_to(top) else top


def app_files(project: Path, entry: Entry, report: Report) -> dict[Path, Path]:
    """Return the files to copy by the path that they get; raises AdoptError for what cannot be copied."""
    listed = [path for path in _listed(project, report) if not _is_left(path)]
    named = _named_in_code(project, [path for path in listed if path.suffix == ".py"])
    every = {path for path in _listed(project, Report()) if len(path.parts) == 1 and path.name in named}
    chosen: dict[Path, Path] = {}
    prefix = entry.root.relative_to(project)
    used = imported_names(entry)
    for path in sorted({*listed, *every}):
        inside = path.relative_to(prefix) if path.is_relative_to(prefix) else path
        top = inside.parts[0].removesuffix(".py") if len(inside.parts) == 1 else inside.parts[0]
        if top in RESERVED:
            if top in used:
                raise AdoptError(
                    f"the app imports {top}, but the kit has a package of that name, and Python finds only "
                    "one: rename "
                    f"the app's {path.parts[0]} (its imports too), then adopt again"
                )
            report.yours(
                path.parts[0],
                "",
                f"not copied: the kit has a {top} of its own, and the app does not import this one",
            )
            continue
        if inside in chosen:
            raise AdoptError(
                f"{path} and {chosen[inside].relative_to(project)} would both be service/src/{inside}: "
                "rename one"
            )
        if file := _copyable(project, path, report):
            chosen[inside] = file
    size_mib = sum(path.stat().st_size for path in chosen.values()) / _MIB
    if size_mib > _LARGEST_REPOSITORY_MIB:
        raise AdoptError(
            f"the app has {size_mib:.0f} MiB of files, more than {_LARGEST_REPOSITORY_MIB}: name what it "
            "does not need in .dockerignore"
        )
    return {SRC / path: file for path, file in chosen.items()}


def _is_left(path: Path) -> bool:
    if any(
        part.startswith(".") or part == "__pycache__" or part.endswith((".egg-info", ".dist-info"))
        for part in path.parts
    ):
        return True
    if len(path.parts) > 1 and path.parts[0] in _FOLDERS_LEFT:
        return True
    if any(part in ("tests", "test") for part in path.parts[:-1]) and path.suffix == ".py":
        return True
    return bool(
        _FILES_LEFT.fullmatch(path.name) if len(path.parts) == 1 else _TESTS_ANYWHERE.fullmatch(path.name)
    )


def _copyable(project: Path, path: Path, report: Report) -> Path | None:
    file = project / path
    if file.is_symlink():
        target = file.resolve()
        if not target.is_relative_to(project.resolve()):
            raise AdoptError(
                f"{path} is a link to {target}, outside of the repository: put the file itself there, or "
                "remove the link"
            )
    if not file.is_file():
        report.yours(
            str(path),
            "",
            "not copied: a submodule, a link to a folder, or no file; put its files there if the app needs "
            "them",
        )
        return None
    size_mib = file.stat().st_size / _MIB
    if size_mib > _LARGEST_FILE_MIB:
        report.yours(
            str(path),
            f"{size_mib:.0f} MiB",
            "not copied: every task would load it with its image; keep it in S3, or mount it: recipe "
            "docs/recipes/volumes.py",
        )
        return None
    return file


def _listed(project: Path, report: Report) -> list[Path]:
    """Return the files that neither .gitignore nor .dockerignore leaves out, from the project on."""
    if not shutil.which("git"):
        raise AdoptError("git was not found, and .gitignore says what belongs to the app: install git")
    with tempfile.TemporaryDirectory() as folder:
        # An empty repository: so that the rules count for a folder without git too.
        _git(project, "init", "--quiet", "--bare", folder)
        empty = (f"--git-dir={folder}", "-c", "core.bare=false", f"--work-tree={project}")
        others = ("ls-files", "-z", "--others")
        inside = _try_git(project, "rev-parse", "--is-inside-work-tree").stdout.strip() == "true"
        if inside:
            known = _git(project, "ls-files", "-z", "--cached", "--others", "--exclude-standard")
        else:
            known = _git(project, *empty, *others, "--exclude-standard")
        paths = {Path(name) for name in known.split("\0") if name}
        ignore = project / ".dockerignore"
        if ignore.is_file():
            rules = Path(folder) / "dockerignore"
            rules.write_text(
                "".join(f"{line}\n" for line in _as_gitignore(ignore.read_text(errors="replace")))
            )
            kept = _git(project, *empty, *others, f"--exclude-from={rules}")
            left = paths - {Path(name) for name in kept.split("\0") if name}
            # What the image did not get. Migrations may run elsewhere: then they come along all the same.
            paths = {path for path in paths if path not in left or "migrations" in path.parts}
            if left:
                report.otherwise(
                    ".dockerignore", f"{len(left)} files", "not copied, as they were not in the image"
                )
    return sorted(path for path in paths if (project / path).is_symlink() or (project / path).exists())


def _as_gitignore(text: str) -> Iterator[str]:
    """Yield Docker's patterns, which begin at the root, as those of git."""
    for line in text.splitlines():
        pattern = line.strip()
        if pattern and not pattern.startswith("#"):
            kept = "!" if pattern.startswith("!") else ""
            pattern = pattern.removeprefix("!").removeprefix("./").lstrip("/")
            yield f"{kept}/{pattern}" if not pattern.startswith("**") else f"{kept}{pattern}"


def _git(folder: Path, *words: str) -> str:
    done = _try_git(folder, *words)
    if done.returncode:
        raise AdoptError(f"git could not list the files of {folder}: {done.stderr.strip()}")
    return done.stdout


def _try_git(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    command = ["git", "-c", "safe.directory=*", *words]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)  # noqa: S603


def _named_in_code(project: Path, files: Sequence[Path]) -> set[str]:
    """Return the strings of the code that could be names of files."""
    names: set[str] = set()
    for path in files:
        tree = parse(project / path) if (project / path).is_file() else None
        for node in ast.walk(tree) if tree else ():
            if isinstance(node, ast.Constant) and isinstance(node.value, str) and len(node.value) < 100:
                names.add(node.value.rpartition("/")[2])
    return names


def python_files(top: Path) -> list[Path]:
    """Return the Python files of a repository, as far as git and Docker do not ignore them."""
    paths = [path for path in _listed(top, Report()) if path.suffix == ".py"]
    return [top / path for path in paths if (top / path).is_file()]


def imported_names(entry: Entry) -> set[str]:
    """Return the first names of the app's own modules that it imports, from its entry on."""
    seen: set[str] = set()
    waiting = [entry.module]
    files: set[Path] = set()
    while waiting:
        module = waiting.pop()
        path = module_file(entry.root, module)
        if path is None or path in files:
            continue
        files.add(path)
        seen.add(module.partition(".")[0])
        waiting += _imports(path, module)
    return seen


def names_imported(files: Mapping[Path, Path]) -> set[str]:
    """Return the first names of all that the files import, by their paths below service/src."""
    return {
        name.partition(".")[0]
        for place, file in files.items()
        if file.suffix == ".py"
        for name in _imports(file, ".".join(place.relative_to(SRC).with_suffix("").parts))
    }


def _imports(path: Path, module: str) -> Iterator[str]:
    tree = parse(path)
    package = module if path.name == "__init__.py" else module.rpartition(".")[0]
    for node in ast.walk(tree) if tree else ():
        if isinstance(node, ast.Import):
            yield from (each.name for each in node.names)
        elif isinstance(node, ast.ImportFrom):
            words = package.split(".")
            above = ".".join(words[: len(words) - node.level + 1]) if node.level else ""
            base = ".".join(each for each in (above, node.module or "") if each)
            yield base
            yield from (f"{base}.{each.name}" for each in node.names)
