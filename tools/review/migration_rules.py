"""Judge the operations of an Alembic revision by what the version that still serves can live with.

A rolling update runs old and new tasks side by side, and a rollback runs the old ones alone, both after the
migration. Sources: the operations of https://alembic.sqlalchemy.org/en/latest/ops.html, judged as
https://squawkhq.com/docs/rules and https://github.com/ankane/strong_migrations#checks judge their SQL.
"""

import ast
import re
from collections.abc import Callable, Iterator

from tools.review.migration_sql import judged_sql
from tools.review.reasons import Reason

_LATER = "first deploy code that does without, then do this in a later deployment"
_BLOCKS = "which stops writes (or all) of a large table until it ends"
_UNSURE = "the review cannot read what it does: see that the version that serves now can live with it"


class Operation:
    """One call of an operation, such as op.add_column; `table` is that of a batch around it."""

    def __init__(self, call: ast.Call, name: str, table: str | None) -> None:
        self.name = name
        self.line = call.lineno
        self._call = call
        self._batched = table

    def word(self, name: str, position: int | None = None) -> ast.expr | None:
        """Return an argument by its name, or by its position outside of a batch."""
        for keyword in self._call.keywords:
            if keyword.arg == name:
                return keyword.value
        if position is not None and self._batched is not None:
            position -= 1
        if position is None or not 0 <= position < len(self._call.args):
            return None
        return self._call.args[position]

    def text(self, name: str, position: int | None = None) -> str:
        """Return an argument as a person reads it; "" if it is not given."""
        found = self.word(name, position)
        return "" if found is None else constant(found) or ast.unparse(found)

    def is_true(self, name: str) -> bool:
        """Return whether an argument is True; one that is computed is not."""
        found = self.word(name)
        return isinstance(found, ast.Constant) and found.value is True

    @property
    def table(self) -> str:
        """Return the table that the operation is about."""
        if self._batched is not None:
            return self._batched
        named = {"create_index": 1, "drop_index": 1, "drop_constraint": 1, "create_foreign_key": 1}
        constraints = ("create_unique_constraint", "create_check_constraint", "create_primary_key")
        position = 1 if self.name in constraints else named.get(self.name, 0)
        name = "source_table" if self.name == "create_foreign_key" else "table_name"
        return self.text(name, position)


def constant(node: ast.expr) -> str | None:
    """Return a text that is written out, also inside sa.text(...) or op.f(...)."""
    if isinstance(node, ast.Call) and node.args and ast.unparse(node.func).split(".")[-1] in ("text", "f"):
        return constant(node.args[0])
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else None


def judged(operation: Operation, *, new_tables: frozenset[str]) -> Iterator[Reason]:
    """Yield what to think of an operation; what it does to a table that the change itself makes is safe."""
    if operation.name == "execute":
        given = operation.word("sqltext", 0)
        sql = constant(given) if given is not None else None
        yield from (
            [Reason("look", f"SQL: {_UNSURE}")] if sql is None else judged_sql(sql, new_tables=new_tables)
        )
    elif operation.table not in new_tables or operation.name == "drop_table":
        yield from _RULES.get(operation.name, _unknown)(operation)


_Rule = Callable[[Operation], Iterator[Reason]]


def _unknown(operation: Operation) -> Iterator[Reason]:
    yield Reason("look", f"{operation.name}: {_UNSURE}")


def _nothing(_operation: Operation) -> Iterator[Reason]:
    yield from ()


def _drop_table(operation: Operation) -> Iterator[Reason]:
    yield Reason(
        "dangerous",
        f"table {operation.table} is dropped, and tasks of the old version may still use it: {_LATER}",
    )


def _drop_column(operation: Operation) -> Iterator[Reason]:
    column = f"{operation.table}.{operation.text('column_name', 1)}"
    yield Reason(
        "dangerous",
        f"column {column} is dropped, and the old version's SQLAlchemy selects it by name: {_LATER}",
    )


def _rename_table(operation: Operation) -> Iterator[Reason]:
    new = operation.text("new_table_name", 1)
    yield Reason(
        "dangerous",
        f"table {operation.text('old_table_name', 0)} is renamed to {new}, which the old version does "
        "not know: keep the name with __tablename__, or copy in three deployments (add, use, drop)",
    )


def _add_column(operation: Operation) -> Iterator[Reason]:
    column = operation.word("column", 1)
    if not isinstance(column, ast.Call) or ast.unparse(column.func).split(".")[-1] != "Column":
        yield Reason("look", f"a column of {operation.table} is added: {_UNSURE}")
        return
    name = f"{operation.table}.{(constant(column.args[0]) if column.args else None) or 'a column'}"
    words = {each.arg: each.value for each in column.keywords}
    parts = [ast.unparse(each.func).split(".")[-1] for each in column.args if isinstance(each, ast.Call)]
    default = words.get("server_default")
    fills_itself = {"Identity", "Computed"} & {*parts}
    if fills_itself or (default is not None and _CHANGES.search(ast.unparse(default))):
        yield Reason(
            "dangerous",
            f"column {name} gets a value of its own for each row, so the whole table is written anew, "
            "and nobody "
            "reads it meanwhile: add it empty, then fill it in batches",
        )
    elif _is("False", words.get("nullable")) and (default is None or _is("None", default)):
        yield Reason(
            "dangerous",
            f"column {name} must have a value and has no server_default: rows that are there, and those that "
            "the old version inserts, have none: give a server_default, or nullable=True until all "
            "rows have one",
        )
    if _is("True", words.get("unique")) or _is("True", words.get("primary_key")):
        yield Reason("look", f"column {name} gets an index as it is added, {_BLOCKS}")


# Functions whose value differs from row to row.
_CHANGES = re.compile(r"random|uuid|nextval|clock_timestamp|timeofday", re.IGNORECASE)


def _is(code: str, node: ast.expr | None) -> bool:
    return node is not None and ast.unparse(node) == code


def _alter_column(operation: Operation) -> Iterator[Reason]:
    column = f"{operation.table}.{operation.text('column_name', 1)}"
    if new := operation.text("new_column_name"):
        yield Reason(
            "dangerous",
            f"column {column} is renamed to {new}, which the old version does not know: keep the name "
            f"with mapped_column({operation.text('column_name', 1)!r}), or copy in three deployments "
            "(add, use, drop)",
        )
    if operation.word("type_") is not None:
        yield _type(operation, column)
    nullable = operation.word("nullable")
    if _is("False", nullable):
        yield Reason(
            "dangerous",
            f"column {column} must have a value from now on: the old version may insert rows without, "
            "and all "
            "rows are read under a lock: add a check constraint with postgresql_not_valid, validate "
            "it, then this",
        )
    elif nullable is not None:
        yield Reason(
            "look", f"column {column} may be NULL: the old version may not expect that when it reads"
        )
    default = operation.word("server_default")
    if _is("None", default) or _is("False", default):
        yield Reason(
            "look",
            f"column {column} loses its server_default: see that the old version gives it a value by itself",
        )


def _type(operation: Operation, column: str) -> Reason:
    old, new = operation.text("existing_type"), operation.text("type_")
    lengths = [re.search(r"(?:String|VARCHAR)\((?:length=)?(\d+)", each) for each in (old, new)]
    longer = lengths[0] and lengths[1] and int(lengths[1][1]) >= int(lengths[0][1])
    unbounded = lengths[0] and re.search(r"\b(?:Text|TEXT)\b|(?:String|VARCHAR)\(\)", new)
    if longer or unbounded:
        return Reason("safe", f"column {column} takes longer texts, for which PostgreSQL reads no row")
    return Reason(
        "dangerous",
        f"column {column} gets the type {new}{f' (was {old})' if old else ''}: the table is written anew, "
        "nobody reads it meanwhile, and the old version may not read the new values: add a column, "
        "copy, drop later",
    )


def _create_index(operation: Operation) -> Iterator[Reason]:
    if not operation.is_true("postgresql_concurrently"):
        yield Reason(
            "look",
            f"an index of {operation.table} is built, {_BLOCKS}: postgresql_concurrently=True inside "
            "`with op.get_context().autocommit_block():` does not",
        )
    if operation.is_true("unique"):
        yield Reason(
            "look", f"{operation.table} takes no doubles any more, which the old version may still insert"
        )


def _drop_index(operation: Operation) -> Iterator[Reason]:
    where = f" of {operation.table}" if operation.table else ""
    yield Reason(
        "look",
        f"index {operation.text('index_name', 0)}{where} is dropped: see that the old version's queries do "
        "without it, and its upserts if it is unique",
    )


def _constraint(operation: Operation) -> Iterator[Reason]:
    if operation.is_true("postgresql_not_valid"):
        yield Reason(
            "look",
            f"{operation.table} has a new constraint: see that what the old version writes keeps to it",
        )
        return
    hint = (
        ": with postgresql_not_valid=True, then VALIDATE CONSTRAINT in a later revision, it does not"
        if operation.name in ("create_foreign_key", "create_check_constraint")
        else ""
    )
    yield Reason(
        "look",
        f"{operation.table} has a new constraint, to which the old version must keep; all rows are "
        "read for it, "
        f"{_BLOCKS}{hint}",
    )


def _drop_constraint(operation: Operation) -> Iterator[Reason]:
    yield Reason(
        "look",
        f"constraint {operation.text('constraint_name', 0)} of {operation.table} is dropped: a rollback does "
        "not bring it back, and the old version's upserts may need it",
    )


def _by_code(operation: Operation) -> Iterator[Reason]:
    yield Reason(
        "look",
        f"{operation.name}: rows are changed by code: {_UNSURE}; a long transaction holds its locks "
        "until it ends",
    )


_RULES: dict[str, _Rule] = {
    "add_column": _add_column,
    "alter_column": _alter_column,
    "bulk_insert": _nothing,
    "create_check_constraint": _constraint,
    "create_exclude_constraint": _constraint,
    "create_foreign_key": _constraint,
    "create_index": _create_index,
    "create_primary_key": _constraint,
    "create_table": _nothing,
    "create_table_comment": _nothing,
    "create_unique_constraint": _constraint,
    "drop_column": _drop_column,
    "drop_constraint": _drop_constraint,
    "drop_index": _drop_index,
    "drop_table": _drop_table,
    "drop_table_comment": _nothing,
    "f": _nothing,
    "get_bind": _by_code,
    "get_context": _nothing,
    "inline_literal": _nothing,
    "rename_table": _rename_table,
    "run_async": _by_code,
}
