"""Read what resources of Terraform's Google provider take, from bindings made of the provider's schema.

The bindings of CDK Terrain are generated from `terraform providers schema`, and keep its names; only their
source is read. Nothing of them is run, and nothing they need is installed.
"""

import ast
import re
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

# The resources of an external load balancer, each with the arguments that are written.
USED = {
    "compute_region_network_endpoint_group": ("name", "region", "network_endpoint_type", "cloud_run"),
    "compute_security_policy": ("name", "rule"),
    "compute_backend_service": (
        "name",
        "load_balancing_scheme",
        "backend",
        "security_policy",
        "log_config",
    ),
    "compute_url_map": ("name", "default_service", "default_url_redirect"),
    "compute_managed_ssl_certificate": ("name", "managed"),
    "compute_ssl_policy": ("name", "profile", "min_tls_version"),
    "compute_target_https_proxy": ("name", "url_map", "ssl_certificates", "ssl_policy"),
    "compute_target_http_proxy": ("name", "url_map"),
    "compute_global_address": ("name",),
    "compute_global_forwarding_rule": (
        "name",
        "load_balancing_scheme",
        "target",
        "ip_address",
        "port_range",
    ),
}
_SIMPLE = {"builtins.str": "string", "builtins.bool": "boolean", "jsii.Number": "number"}
# What may be said of every resource, whatever it is. https://developer.hashicorp.com/terraform/language/meta-arguments
_LIFECYCLE = {
    "type": "object",
    "properties": {"create_before_destroy": {"type": "boolean"}},
    "additionalProperties": False,
}


def google_resources(wheel: Path) -> tuple[str, dict[str, Any]]:
    """Return the version of Google's provider, and a closed schema for each resource."""
    with zipfile.ZipFile(wheel) as files:
        sources = {
            name: files.read(f"cdktn_provider_google/{name}/__init__.py").decode("utf-8") for name in USED
        }
    (version,) = {
        found for text in sources.values() for found in re.findall(r"hashicorp/google/([0-9.]+)/", text)
    }
    return version, {f"google_{name}": _resource(text, USED[name]) for name, text in sources.items()}


def _resource(text: str, used: tuple[str, ...]) -> dict[str, Any]:
    structs = {
        each.name: each for each in ast.parse(text).body if isinstance(each, ast.ClassDef) and _plain(each)
    }
    (config,) = (
        each
        for each in structs.values()
        if any("TerraformMetaArguments" in ast.unparse(base) for base in each.bases)
    )
    made = _struct(config, structs, used)
    made["properties"]["lifecycle"] = _LIFECYCLE
    return made


def _plain(node: ast.ClassDef) -> bool:
    """Return whether a class is of data, which is what a block of Terraform becomes."""
    return any(ast.unparse(each).startswith("jsii.data_type(") for each in node.decorator_list)


def _struct(
    node: ast.ClassDef, structs: dict[str, ast.ClassDef], used: tuple[str, ...] | None = None
) -> dict[str, Any]:
    (begin,) = (each for each in node.body if isinstance(each, ast.FunctionDef) and each.name == "__init__")
    pairs = list(zip(begin.args.kwonlyargs, begin.args.kw_defaults, strict=True))
    wanted = [(each, default) for each, default in pairs if used is None or each.arg in used]
    if used is not None and len(wanted) != len(used):
        raise SystemExit(f"{node.name} has no longer all of {', '.join(used)}")
    return {
        "type": "object",
        "properties": {each.arg: _type(each.annotation, structs) for each, _ in wanted},
        "required": sorted(each.arg for each, default in wanted if default is None),
        "additionalProperties": False,
    }


def _type(node: ast.expr | None, structs: dict[str, ast.ClassDef]) -> dict[str, Any]:
    if isinstance(node, ast.Constant):
        return _struct(structs[str(node.value)], structs)
    if isinstance(node, ast.Attribute):
        return {"type": _SIMPLE[ast.unparse(node)]}
    if not isinstance(node, ast.Subscript):
        raise TypeError(f"there is no such type: {node and ast.unparse(node)}")
    outer, inner = ast.unparse(node.value), node.slice
    if outer == "typing.Union":
        # Beside a value, each takes one that is known later, and beside a struct, a dictionary.
        (chosen,) = (
            each for each in _items(inner) if not re.search("IResolvable'$|^typing.Dict", ast.unparse(each))
        )
        return _type(chosen, structs)
    if outer == "typing.Sequence":
        return {"type": "array", "items": _type(inner, structs)}
    if outer == "typing.Mapping":
        return {"type": "object", "additionalProperties": _type(list(_items(inner))[1], structs)}
    if outer != "typing.Optional":
        raise TypeError(f"there is no such type: {outer}")
    return _type(inner, structs)


def _items(node: ast.expr) -> Iterator[ast.expr]:
    yield from node.elts if isinstance(node, ast.Tuple) else [node]
