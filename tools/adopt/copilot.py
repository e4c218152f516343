"""Read the manifests of AWS Copilot: a service, its environments, sidecars, and what stands beside them."""

import copy
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

from infra.parameters import Domain, Sidecar
from tools.adopt.copilot_environment_rules import ENVIRONMENT_RULES, PIPELINE_RULES
from tools.adopt.copilot_rules import SERVICE_RULES, SIDECAR_RULES
from tools.adopt.errors import AdoptError
from tools.adopt.report import Report
from tools.adopt.rules import apply, first_line
from tools.adopt.values import read_text, read_variables, read_yaml
from tools.adopt.variables import take_variable
from tools.adopt.wishes import Wishes

_WEB = ("Load Balanced Web Service", "Request-Driven Web Service", "Backend Service")
_BESIDE = {
    "Worker Service": "a second service of the same image: `workers` (docs/workers.md)",
    "Scheduled Job": "`jobs` (docs/workers.md): EventBridge Scheduler runs a task; by hand: `make run-job`",
    "Static Site": "files without Python: recipe docs/recipes/static_assets.py serves those of the app "
    "from S3",
}


class Manifest(NamedTuple):
    """A manifest: its path in the repository, and what it says."""

    file: str
    data: dict[str, Any]


class Copilot(NamedTuple):
    """Hold what Copilot knows of the app: the service to adopt, the environments, and what else there is."""

    service: Manifest
    environments: dict[str, Manifest | None]
    beside: list[Manifest]
    pipelines: list[Manifest]
    application: str


def find_copilot(root: Path, service: str | None) -> Copilot | None:
    """Return what stands in the folder copilot, None without a web service; raises AdoptError if unclear."""
    manifests = [_read(root, path) for path in sorted(root.glob("copilot/*/manifest.y*ml"))]
    web = [each for each in manifests if each.data.get("type") in _WEB]
    if not web:
        return None
    chosen = [each for each in web if service in (None, _name(each))]
    if len(chosen) != 1:
        names = ", ".join(_name(each) for each in web)
        what = f"there is no service '{service}'" if service else "there are several services"
        raise AdoptError(f"{what} in copilot: choose one of {names}, such as SERVICE={_name(web[0])}")
    environments = {_name(each): each for each in _in(root, "environments")}
    overridden = chosen[0].data.get("environments") or {}
    workspace = root / "copilot" / ".workspace"
    application = (
        read_yaml(workspace, "copilot/.workspace").get("application", "") if workspace.is_file() else ""
    )
    return Copilot(
        service=chosen[0],
        environments={name: environments.get(name) for name in dict.fromkeys([*environments, *overridden])},
        beside=[each for each in manifests if each is not chosen[0]],
        pipelines=_in(root, "pipelines"),
        application=str(application),
    )


def _in(root: Path, folder: str) -> list[Manifest]:
    return [_read(root, path) for path in sorted(root.glob(f"copilot/{folder}/*/manifest.y*ml"))]


def _read(root: Path, path: Path) -> Manifest:
    name = str(path.relative_to(root))
    return Manifest(name, read_yaml(path, name))


def _name(manifest: Manifest) -> str:
    return str(manifest.data.get("name") or Path(manifest.file).parent.name)


def take_service(found: Copilot, root: Path, environment: str, *, known: bool) -> tuple[Wishes, Report]:
    """Return the wishes for one environment; `known` says that Copilot has it, so that overrides count."""
    wishes, report = Wishes(environment), Report()
    data = merged(
        found.service.data,
        (found.service.data.get("environments") or {}).get(environment) or {} if known else {},
    )
    data.pop("environments", None)
    sidecars = data.pop("sidecars", None) or {}
    names = {"COPILOT_ENVIRONMENT_NAME": environment, "COPILOT_APPLICATION_NAME": found.application}
    file = found.service.file
    apply(SERVICE_RULES, _filled(data, names), file=file, wishes=wishes, report=report)
    for source, path in wishes.notes.get("env_files", []):
        _take_env_file(root, source, path, wishes, report)
    made = [_sidecar(str(name), each or {}, file, report) for name, each in _filled(sidecars, names).items()]
    if kept := tuple(each for each in made if each):
        wishes.set("sidecars", kept, f"{file}: sidecars")
    if own := found.environments.get(environment) if known else None:
        apply(ENVIRONMENT_RULES, _filled(own.data, names), file=own.file, wishes=wishes, report=report)
    _take_domain(wishes, report)
    _take_place(wishes, report, file)
    return wishes, report


def take_the_rest(found: Copilot, report: Report) -> None:
    """Report services, jobs and pipelines that are not the service which is adopted."""
    for manifest in found.beside:
        kind = str(manifest.data.get("type"))
        report.yours(
            manifest.file, kind, _BESIDE.get(kind, "another service: adopt it into a project of its own")
        )
    for manifest in found.pipelines:
        rest = dict(manifest.data)
        for stage in rest.pop("stages", None) or []:
            apply(PIPELINE_RULES, {"stages": stage}, file=manifest.file, wishes=Wishes(""), report=report)
        apply(PIPELINE_RULES, rest, file=manifest.file, wishes=Wishes(""), report=report)


def merged(base: Mapping[str, Any], over: Mapping[str, Any]) -> dict[str, Any]:
    """Return a manifest with an environment's values over it: mappings field by field, all else whole."""
    result = copy.deepcopy(dict(base))
    for name, value in over.items():
        both = isinstance(value, Mapping) and isinstance(result.get(name), Mapping)
        result[name] = merged(result[name], value) if both else copy.deepcopy(value)
    return result


def _filled(value: Any, names: Mapping[str, str]) -> Any:
    """Put in the names that Copilot puts into ${COPILOT_...}."""
    if isinstance(value, Mapping):
        return {key: _filled(each, names) for key, each in value.items()}
    if isinstance(value, list):
        return [_filled(each, names) for each in value]
    if isinstance(value, str):
        for name, text in names.items():
            value = value.replace(f"${{{name}}}", text) if text else value
    return value


def _take_env_file(root: Path, source: str, path: str, wishes: Wishes, report: Report) -> None:
    file = (root / path).resolve()
    if not file.is_relative_to(root.resolve()) or not file.is_file():
        report.yours(source, path, "there is no such file in the repository: write its lines to `variables`")
        return
    report.taken(source, path, "its lines are `variables`; what looks like a secret goes to `secrets`")
    for name, value in read_variables(read_text(file, path)).items():
        take_variable(wishes, report, f"{path}: {name}", name, value, wishes.environment)


def _sidecar(name: str, data: Mapping[str, Any], file: str, report: Report) -> Sidecar | None:
    wishes = Wishes("")
    apply(SIDECAR_RULES, data, file=f"{file}: sidecars.{name}", wishes=wishes, report=report)
    fields = {"name": name, **dict(wishes)}
    # Copilot's containers end their task by default; so does what it calls nothing else.
    fields.setdefault("essential", True)
    if "image" not in fields:
        return None
    try:
        return Sidecar(**fields)
    except ValueError as error:
        report.yours(
            f"{file}: sidecars.{name}", "", f"write `sidecars=(Sidecar(...),)` by hand: {first_line(error)}"
        )
        return None


def _take_domain(wishes: Wishes, report: Report) -> None:
    """Make one domain of the service's aliases and the environment's certificates."""
    notes = wishes.notes
    source, names = notes.get("alias", ("", ()))
    certificates = notes.get("certificates", ())
    if not names:
        if certificates:
            report.yours(
                notes["certificates_source"],
                ", ".join(certificates),
                "`domain=Domain(name=..., certificate_arns=...)`: no service has an alias",
            )
        return
    if not certificates:
        zone = notes.get("zone", "...")
        report.yours(
            source,
            ", ".join(names),
            f"`domain=Domain(name='{names[0]}', hosted_zone_id='{zone}', hosted_zone_name=...)`: the name "
            "of the "
            "zone is in no manifest; with it the stack makes the certificate",
        )
        return
    options = {
        key: notes[note]
        for key, note in (("redirect_http", "redirect"), ("tls_policy", "tls_policy"))
        if note in notes
    }
    try:
        domain = (
            Domain(name=names[0], aliases=names[1:], certificate_arns=certificates, **options)
            if names[1:]
            else Domain(name=names[0], certificate_arns=certificates, **options)
        )
    except ValueError as error:
        report.yours(source, ", ".join(names), f"write `domain` by hand: {first_line(error)}")
        return
    wishes.set("domain", domain, source)
    report.taken(
        source,
        ", ".join(names),
        f"`domain=Domain(name='{names[0]}', ...)`; point its DNS name to the load balancer, or add the "
        "hosted zone",
    )
    report.taken(notes["certificates_source"], ", ".join(certificates), "`domain.certificate_arns`")


def _take_place(wishes: Wishes, report: Report, file: str) -> None:
    region = wishes.notes.get("region")
    if region is None:
        report.yours(
            file,
            "",
            "Copilot keeps the region of an environment in AWS, not in a file: see `region` and "
            "`availability_zones` in infra/environments.py",
        )
        return
    zones = wishes.notes.get("zones", ())
    zones = zones if len(zones) >= 2 else (f"{region}a", f"{region}b")
    wishes.set("region", region, file)
    wishes.set("availability_zones", zones, file)
    report.taken(
        file,
        region,
        f"`region='{region}'`, `availability_zones={zones!r}`, as certificates and zones name it",
    )
