"""Judge SQL that a migration runs, by its statements: what is not known to be harmless is to be looked at."""

import re
from collections.abc import Iterator

from tools.review.reasons import Reason, Verdict

_NAME = r'(?:IF\s+(?:NOT\s+)?EXISTS\s+)?(?:ONLY\s+)?"?([\w.]+)"?'
# A value of its own for each row, an index, or a check of all rows.
_COLUMN_WITH_MORE = r".*(SERIAL|GENERATED|UNIQUE|PRIMARY|REFERENCES|CHECK|CONSTRAINT|FOREIGN|EXCLUDE|[(,])"
# https://squawkhq.com/docs/rules; the first that fits counts.
_STATEMENTS: tuple[tuple[str, Verdict, str], ...] = (
    (
        r"DROP\s+(TABLE|VIEW|MATERIALIZED|SCHEMA|TYPE|FUNCTION|SEQUENCE)\b",
        "dangerous",
        "drops what the old version may use",
    ),
    (r"TRUNCATE\b", "dangerous", "empties a table"),
    (r"DELETE\b", "look", "deletes rows, which no rollback brings back"),
    (
        rf"ALTER\s+TABLE\s+{_NAME}.*\bDROP\s+(?!CONSTRAINT|DEFAULT|NOT|EXPRESSION|IDENTITY)",
        "dangerous",
        "drops a column that the old version selects",
    ),
    (r"ALTER\b.*\bRENAME\b", "dangerous", "renames what the old version uses"),
    (
        rf"ALTER\s+TABLE\s+{_NAME}.*\bSET\s+NOT\s+NULL\b",
        "dangerous",
        "refuses rows that the old version may insert, and reads all rows under a lock",
    ),
    (
        rf"ALTER\s+TABLE\s+{_NAME}.*\bALTER\b.*\b(SET\s+DATA\s+)?TYPE\b",
        "dangerous",
        "writes a table anew while nobody reads it",
    ),
    (
        rf"ALTER\s+TABLE\s+{_NAME}.*\bADD\b(?!\s+CONSTRAINT)(?!.*\bDEFAULT\b).*\bNOT\s+NULL\b",
        "dangerous",
        "adds a column that must have a value, and the rows have none",
    ),
    (rf"ALTER\s+TABLE\s+{_NAME}\s+VALIDATE\s+CONSTRAINT\b", "safe", "reads all rows and blocks nobody"),
    (
        rf"ALTER\s+TABLE\s+{_NAME}.*\bADD\s+CONSTRAINT\b(?!.*\bNOT\s+VALID\b)",
        "look",
        "reads all rows under a lock, and the old version must keep to it: NOT VALID, then VALIDATE later",
    ),
    (
        rf"ALTER\s+TABLE\s+{_NAME}\s+ADD\s+(COLUMN\s+)?(?!{_COLUMN_WITH_MORE})",
        "safe",
        "adds a column that may be empty, or has one value for all rows",
    ),
    (r"CREATE\s+(UNIQUE\s+)?INDEX\s+CONCURRENTLY\b", "safe", "builds an index and blocks nobody"),
    (
        r"CREATE\s+(UNIQUE\s+)?INDEX\b",
        "look",
        "builds an index, which stops writes of a large table until it ends: CONCURRENTLY does not",
    ),
    (r"DROP\s+INDEX\b", "look", "drops an index, which the old version's queries may need"),
    (r"LOCK\b", "look", "holds a lock until the transaction ends"),
    (r"UPDATE\b", "look", "changes rows in one transaction: many are better filled in batches"),
    (
        r"CREATE\s+(TABLE|EXTENSION|TYPE|SCHEMA|SEQUENCE|FUNCTION|VIEW)\b",
        "safe",
        "adds something",
    ),
    (r"INSERT\b", "safe", "adds rows"),
    (r"(COMMENT|ANALYZE|GRANT|BEGIN|COMMIT)\b|SELECT\b[^(]*$", "safe", "changes no table"),
    (
        r"ALTER\s+TYPE\b.*\bADD\s+VALUE\b",
        "look",
        "adds a value that the old version does not know when it reads it",
    ),
)
# What a statement says between quotes, and comments.
_TEXT = re.compile(r"E'(?:\\.|[^'])*'|'(?:[^']|'')*'|--[^\n]*|/\*.*?\*/", re.DOTALL | re.IGNORECASE)
_TABLE = re.compile(
    rf"(?:ALTER\s+TABLE|UPDATE|DELETE\s+FROM|TRUNCATE(?:\s+TABLE)?)\s+{_NAME}"
    rf"|(?:CREATE\s+(?:UNIQUE\s+)?INDEX)\b.*?\bON\s+{_NAME}",
    re.IGNORECASE | re.DOTALL,
)


def judged_sql(sql: str, *, new_tables: frozenset[str]) -> Iterator[Reason]:
    """Yield what to think of each statement that is not known to be harmless."""
    plain = _TEXT.sub(lambda found: "''" if found[0].endswith("'") else " ", sql)
    if "$" in plain:
        # A body between dollar signs has semicolons of its own, and says anything.
        yield Reason("look", "a function or block of SQL: see that the old version can live with it")
    for statement in filter(None, map(str.strip, plain.split(";"))):
        table = _TABLE.match(statement)
        if table and {*table.groups()} & new_tables:
            continue
        level, why = next(
            (
                (level, why)
                for pattern, level, why in _STATEMENTS
                if re.match(pattern, statement, re.IGNORECASE | re.DOTALL)
            ),
            ("look", "is SQL that the review does not know: see that the old version can live with it"),
        )
        if level != "safe":
            yield Reason(level, f"`{' '.join(statement.split())[:80]}` {why}")
