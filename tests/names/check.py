"""Find the names in a text that lead nowhere."""

import ast
import contextlib
import itertools
import re
import textwrap
from collections.abc import Iterator
from pathlib import Path

from infra.parameters import Environment
from tests.names import code, outside
from tests.names.parameters import is_parameter, models
from tests.names.texts import ROOT, Text

_OURS = r"(?:infra|service|tools|workshop|tests|docs|benchmarks|\.github|\.ci)/"
_FILE = re.compile(r"[\w.*/-]+\.(?:py|md|mk|yml|json|js|css|svg|png|conf|in|txt|toml)|Makefile|Dockerfile")
_FOLDERS = re.compile(r"[\w.*-]+(?:/[\w.*-]*)+")
_DOTTED = re.compile(r"[A-Za-z_]\w*(?:\.\w+)+")


def problems(text: Text) -> Iterator[str]:
    """Tell each name of a text that leads nowhere, in a line that says where it stands."""
    for problem in dict.fromkeys(_problems(text)):
        yield f"{text.name}: {problem}"


def _problems(text: Text) -> Iterator[str]:
    yield from _links(text)
    blocks = re.findall(r"^ *```(\w*)\n(.*?)^ *```", text.words, re.DOTALL | re.MULTILINE)
    prose = re.sub(r"^ *```.*?^ *```", "", text.words, flags=re.DOTALL | re.MULTILINE)
    spans = [" ".join(span.split()) for span in re.findall(r"`([^`]+)`", prose)]
    consoles = [line for kind, block in blocks if kind == "console" for line in block.splitlines()]
    for line in [*consoles, *spans]:
        yield from _commands(line)
    for kind, block in blocks:
        if kind == "python":
            yield from _keywords(textwrap.dedent(block))
    for span in spans:
        if span.split()[0] not in {*outside.COMMANDS, "make", "python"} and span not in outside.NAMES:
            yield from _span(span, text.folder)
    for path in re.findall(rf"(?<![\w/.-]){_OURS}[\w./-]*\w", prose):
        if not _exists(path, ROOT) and path not in outside.NAMES:
            yield f"there is no {path}"
    for dotted in re.findall(r"(?<![\w./])[a-z_]+\.[a-z_.]*[a-z_](?![\w/(])", prose):
        ours = dotted.partition(".")[0] in Environment.model_fields and not re.fullmatch(_FILE, dotted)
        if ours and not is_parameter(dotted):
            yield f"no parameter is called {dotted}"


def _links(text: Text) -> Iterator[str]:
    for link in re.findall(r"\]\(([^)\s]+)\)", text.words):
        path, _, anchor = link.partition("#")
        target = text.folder / path if path else ROOT / text.name
        if "://" in link:
            continue
        if not target.exists():
            yield f"the link {link} leads to no file"
        elif anchor and anchor not in _anchors(target.read_text()):
            yield f"the link {link} leads to no heading"


def _anchors(page: str) -> set[str]:
    headings = re.findall(r"^#+ (.*)", page, re.MULTILINE)
    return {re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in headings}


def _commands(line: str) -> Iterator[str]:
    for target, rest in re.findall(r"(?:^|\$ |&& )make ([a-z][a-z-]*)([^#]*)", line):
        if target not in code.targets():
            yield f"there is no target '{target}'"
        for variable in re.findall(r"(?<!\S)([A-Z_]+)=", re.sub(r'"[^"]*"', "", rest)):
            if variable not in code.make_variables():
                yield f"make {target} reads no {variable}"
    for module in re.findall(r"python -m (\w+(?:\.\w+)*)", line):
        if not _is_module(module):
            yield f"there is no module {module}"


def _keywords(block: str) -> Iterator[str]:
    """Tell each keyword of a call of a class of parameters that the class does not have."""
    classes = {model.__name__: model for model in models()}
    for node in ast.walk(ast.parse(block)):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in classes:
            for keyword in node.keywords:
                if keyword.arg and keyword.arg not in classes[node.func.id].model_fields:
                    yield f"{node.func.id} has no parameter {keyword.arg}"


def _span(span: str, folder: Path) -> Iterator[str]:
    """Tell what of a text between backticks is no path, parameter, option, or name of the code."""
    if re.match(r"[a-z_.]+=", span):
        path, _, value = span.partition("=")
        if not is_parameter(path):
            yield f"no parameter is called {path}"
        yield from _code(value)
    elif re.fullmatch(_FILE, span) or re.fullmatch(_FOLDERS, span):
        if not _is_path(span, folder):
            yield f"there is no {span}"
    elif span.startswith(("/", "--")):
        if not code.is_string(re.split("[ =]", span, maxsplit=1)[0]):
            yield f"the code knows no {span}"
    elif not (re.fullmatch(_DOTTED, span) and (is_parameter(span) or _is_module(span) or code.is_made(span))):
        yield from _code(span)


def _is_path(span: str, folder: Path) -> bool:
    """Return whether a path is there: from the root, from the page, by its name alone, or in the code."""
    there = _exists(span, ROOT) or _exists(span, folder) or code.is_made(span)
    if re.fullmatch(_FILE, span):
        return there or ("/" not in span and code.is_file(span))
    return there or code.is_string(span)


def _code(span: str) -> Iterator[str]:
    """Tell the words of a span that look like names of the code and are none."""
    span = re.sub(r"\"[^\"]*\"|'[^']*'|[\w.]*example\.(?:com|org)", "", span)
    with contextlib.suppress(SyntaxError):
        yield from _keywords(span)
    for dotted in re.findall(rf"(?<![\w/.-]){_DOTTED.pattern}", span):
        known = is_parameter(dotted) or dotted in outside.NAMES
        for pair in itertools.pairwise(dotted.split(".")):
            if not known and pair not in code.attributes():
                yield f"nothing in the code is called {'.'.join(pair)}"
    for name in re.findall(r"[A-Za-z_]\w*", span):
        looks = "_" in name or re.search(r"[a-z][A-Z]", name) or span == name
        if looks and name not in code.names() and name not in outside.NAMES:
            yield f"nothing in the code is called {name}"


def _is_module(name: str) -> bool:
    path = ROOT.joinpath(*name.split("."))
    return path.is_dir() or path.with_suffix(".py").exists()


def _exists(path: str, folder: Path) -> bool:
    return any(folder.glob(path)) if "*" in path else (folder / path).exists()
