"""Find the Alembic revisions of a change, and what the version that still serves could not live with."""

import ast
import sys
from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

from tools.review.migration_rules import Operation, constant, judged
from tools.review.places import Place
from tools.review.reasons import Reason


class Revision(NamedTuple):
    """One file of a folder `versions`: its id, those that it follows, and its code."""

    path: str
    id: str
    follows: frozenset[str]
    tree: ast.Module


def revision(path: str, source: str) -> Revision | None:
    """Return the revision in a file, or None if it is something else."""
    try:
        tree = ast.parse(source)
    except (SyntaxError, ValueError, RecursionError):
        return None
    names: dict[str, ast.expr | None] = {}
    for node in tree.body:
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
            names[node.targets[0].id] = node.value
        elif isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
            names[node.target.id] = node.value
    own = names.get("revision")
    if own is None or "down_revision" not in names or not (id_ := constant(own)):
        return None
    before = names["down_revision"]
    follows = [each for each in ast.walk(before) if isinstance(each, ast.expr)] if before else []
    return Revision(path, id_, frozenset(filter(None, map(constant, follows))), tree)


def told(old: Mapping[str, str], new: Mapping[str, str]) -> Iterator[tuple[Reason, Place]]:
    """Yield reasons with their places; `old` and `new` have the Python files of both sides that may "
    "be revisions."""
    before, after = (_revisions(each) for each in (old, new))
    added = [each for path, each in after.items() if path not in before]
    made = frozenset(name for each in added for name in _tables_made(each))
    for each in added:
        yield from _operations(each, made)
        yield from _strange(each)
    for path, each in before.items():
        if path not in after:
            gone = f"{path} is gone: a database that has run revision {each.id} finds no way on from there"
            yield Reason("dangerous", gone), Place(path, 1)
        elif ast.dump(each.tree) != ast.dump(after[path].tree):
            changed = f"{path} has changed: a database that has run revision {each.id} does not run it again"
            yield Reason("look", changed), Place(path, 1)
    yield from _heads(after, added)


def _revisions(files: Mapping[str, str]) -> dict[str, Revision]:
    found = {path: revision(path, text) for path, text in files.items()}
    return {path: each for path, each in found.items() if each}


def _heads(after: Mapping[str, Revision], added: Iterable[Revision]) -> Iterator[tuple[Reason, Place]]:
    """Yield a reason if two revisions of a folder follow none other: `upgrade head` would fail."""
    for folder in {each.path.rpartition("/")[0] for each in added}:
        inside = [each for each in after.values() if each.path.rpartition("/")[0] == folder]
        followed = {name for each in inside for name in each.follows}
        heads = sorted((each for each in inside if each.id not in followed), key=lambda each: each.path)
        if len(heads) > 1:
            names = ", ".join(each.id for each in heads)
            yield (
                Reason(
                    "dangerous",
                    f"{folder} has {len(heads)} heads ({names}), so that `upgrade head` fails: let "
                    "one follow the "
                    'other by its down_revision, or `make flask ARGS="db merge heads"`',
                ),
                Place(heads[-1].path, 1),
            )


def _operations(each: Revision, made: frozenset[str]) -> Iterator[tuple[Reason, Place]]:
    """Yield what to think of all operations but those of `downgrade`, in the order of the file."""
    for node in each.tree.body:
        if not (isinstance(node, ast.FunctionDef) and node.name.startswith("downgrade")):
            for operation in _called(node, {}):
                for reason in judged(operation, new_tables=made):
                    text = f"{each.path}: {reason.text}"
                    yield Reason(reason.level, text), Place(each.path, operation.line)


def _tables_made(each: Revision) -> Iterator[str]:
    for node in each.tree.body:
        if not (isinstance(node, ast.FunctionDef) and node.name.startswith("downgrade")):
            for operation in _called(node, {}):
                if operation.name == "create_table":
                    yield operation.table


def _strange(each: Revision) -> Iterator[tuple[Reason, Place]]:
    """Yield a reason where code elsewhere could change the database, or `op` has another name."""
    foreign = frozenset(_foreign(each.tree))
    for node in each.tree.body:
        if isinstance(node, ast.FunctionDef) and not node.name.startswith("downgrade"):
            for used in _outside_of_operations(node):
                if used.id in foreign or used.id == "op":
                    what = "is code that the review does not read here: see what it does"
                    text = f"{each.path}: `{used.id}` {what}"
                    yield Reason("look", text), Place(each.path, used.lineno)


def _foreign(tree: ast.Module) -> Iterator[str]:
    """Yield the names that imports bind to what may change a database, but for Alembic's `op` itself."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for each in node.names:
                root = each.name.partition(".")[0]
                if root not in _KNOWN:
                    yield each.asname or root
        elif isinstance(node, ast.ImportFrom):
            root = "" if node.level else str(node.module).partition(".")[0]
            for each in node.names:
                is_op = (node.module, each.name, each.asname) == ("alembic", "op", None)
                if root not in _KNOWN and not is_op:
                    yield each.asname or each.name


# Modules that change no database by themselves.
_KNOWN = frozenset((*sys.stdlib_module_names, "sqlalchemy"))


def _outside_of_operations(node: ast.AST) -> Iterator[ast.Name]:
    """Yield the names below a node that are no part of an operation's call."""
    if isinstance(node, ast.Call) and ast.unparse(node.func).startswith("op."):
        return
    if isinstance(node, ast.Name):
        yield node
    for child in ast.iter_child_nodes(node):
        yield from _outside_of_operations(child)


def _called(node: ast.AST, batches: Mapping[str, str]) -> Iterator[Operation]:
    """Yield the operations below a node; `batches` are the tables by the name that `with` gave to each."""
    if isinstance(node, ast.With):
        for item in node.items:
            call = item.context_expr
            if isinstance(call, ast.Call) and ast.unparse(call.func) == "op.batch_alter_table":
                table = Operation(call, "batch_alter_table", None).table
                if isinstance(item.optional_vars, ast.Name):
                    batches = {**batches, item.optional_vars.id: table}
            else:
                yield from _called(call, batches)
        for statement in node.body:
            yield from _called(statement, batches)
        return
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
        owner = node.func.value
        if isinstance(owner, ast.Name) and owner.id in ("op", *batches):
            yield Operation(node, node.func.attr, batches.get(owner.id))
    for child in ast.iter_child_nodes(node):
        yield from _called(child, batches)
