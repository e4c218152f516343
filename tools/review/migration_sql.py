"""Judge SQL that a migration runs, by its statements: what is not known to be harmless is to be looked at."""

import re
from collections.abc import Iterator

from tools.review.reasons import Reason, Verdict

_NAME = r'(?:IF\s+(?:NOT\s+)?EXISTS\s+)?(?:ONLY\s+)?"?([\w.]+)"?'
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
        rf"ALTER\s+TABLE\s+{_NAME}.*\bDROP\s+COLUMN\b",
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
    (rf"ALTER\s+TABLE\s+{_NAME}\s+ADD\s+(COLUMN\s+)?[^,]*$", "safe", "adds a column that may be empty"),
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
        r"CREATE\s+(TABLE|EXTENSION|TYPE|SCHEMA|SEQUENCE|FUNCTION|VIEW|OR\s+REPLACE)\b",
        "safe",
        "adds something",
    ),
    (r"INSERT\b", "safe", "adds rows"),
    (r"(COMMENT|SET|SELECT|ANALYZE|GRANT|BEGIN|COMMIT)\b", "safe", "changes no table"),
    (
        r"ALTER\s+TYPE\b.*\bADD\s+VALUE\b",
        "look",
        "adds a value that the old version does not know when it reads it",
    ),
)
_TABLE = re.compile(
    rf"(?:ALTER\s+TABLE|UPDATE|DELETE\s+FROM|TRUNCATE(?:\s+TABLE)?)\s+{_NAME}"
    rf"|(?:CREATE\s+(?:UNIQUE\s+)?INDEX)\b.*?\bON\s+{_NAME}",
    re.IGNORECASE | re.DOTALL,
)


def judged_sql(sql: str, *, new_tables: frozenset[str]) -> Iterator[Reason]:
    """Yield what to think of each statement that is not known to be harmless."""
    plain = re.sub(r"--[^\n]*|/\*.*?\*/", " ", sql, flags=re.DOTALL)
    # A function's body has semicolons of its own: all of it is one statement.
    statements = [plain] if "$" in plain else plain.split(";")
    for statement in filter(None, map(str.strip, statements)):
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
