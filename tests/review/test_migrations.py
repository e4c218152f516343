"""Judge revisions of Alembic, each by what public linters of migrations say of the same SQL."""

import pytest

from tools.review.migrations import told
from tools.review.places import Place
from tools.review.reasons import VERDICTS, worst

HEAD = 'import sqlalchemy as sa\nfrom alembic import op\nrevision = "b"\ndown_revision = "a"\n'


def upgrade(*lines: str) -> str:
    return HEAD + "def upgrade():\n" + "".join(f"    {line}\n" for line in lines)


def verdict(*lines: str) -> str:
    return worst(reason.level for reason, _ in told({}, {"m/versions/b.py": upgrade(*lines)}))


# Beside each, the rule of https://squawkhq.com/docs/rules, or of strong_migrations, that finds the same.
@pytest.mark.parametrize(
    ("line", "level"),
    [
        ("op.drop_column('t', 'c')", "dangerous"),  # ban-drop-column
        ("op.drop_table('t')", "dangerous"),  # ban-drop-table
        ("op.rename_table('t', 'u')", "dangerous"),  # renaming-table
        ("op.alter_column('t', 'c', new_column_name='d')", "dangerous"),  # renaming-column
        ("op.alter_column('t', 'c', type_=sa.BigInteger())", "dangerous"),  # changing-column-type
        ("op.alter_column('t', 'c', existing_type=sa.String(9), type_=sa.String(5))", "dangerous"),
        ("op.alter_column('t', 'c', nullable=False)", "dangerous"),  # adding-not-nullable-field
        (
            "op.add_column('t', sa.Column('c', sa.Integer(), nullable=False))",
            "dangerous",
        ),  # adding-required-field
        ("op.add_column('t', column=sa.Column('c', sa.Integer(), nullable=False))", "dangerous"),
        # adding-field-with-default
        (
            "op.add_column('t', sa.Column('c', sa.Uuid(), server_default=sa.text('gen_random_uuid()')))",
            "dangerous",
        ),
        ("op.add_column('t', sa.Column('c', sa.Integer(), sa.Computed('a + b')))", "dangerous"),
        (
            "op.add_column('t', sa.Column('c', sa.Integer(), sa.Identity()))",
            "dangerous",
        ),  # adding-serial-primary-key-field
        ("op.execute('ALTER TABLE t DROP COLUMN c')", "dangerous"),
        ("op.execute('alter table t rename column c to d')", "dangerous"),
        ("op.execute('ALTER TABLE t ALTER COLUMN c SET NOT NULL')", "dangerous"),
        ("op.execute(sa.text('ALTER TABLE t ALTER c TYPE bigint'))", "dangerous"),
        ("op.execute('ALTER TABLE t ADD COLUMN c int NOT NULL')", "dangerous"),
        ("op.execute('TRUNCATE t CASCADE')", "dangerous"),  # ban-truncate-cascade
        ("op.execute('SELECT 1; DROP TABLE t')", "dangerous"),
        ("op.execute('-- a word\\nDROP TABLE t')", "dangerous"),
        ("op.execute('ALTER TABLE t DROP c')", "dangerous"),
        ("op.execute(\"INSERT INTO t VALUES ('--'); DROP TABLE u\")", "dangerous"),
        ("op.execute('SELECT $$a$$; DROP TABLE u')", "dangerous"),
        ("op.execute('ALTER TABLE t ADD COLUMN c uuid DEFAULT gen_random_uuid()')", "look"),
        ("op.execute('ALTER TABLE t ADD COLUMN id serial')", "look"),
        ("op.execute('ALTER TABLE t ADD PRIMARY KEY (c)')", "look"),
        ("op.execute('ALTER TABLE t ADD UNIQUE (c)')", "look"),
        ("op.execute('SELECT drop_all()')", "look"),
        ("op.execute('SET lock_timeout = 0')", "look"),
        ("op.execute('CREATE OR REPLACE FUNCTION f() RETURNS int AS x')", "look"),
        ("getattr(op, 'drop_table')('t')", "look"),
        ("helper(op)", "look"),
        ("op.create_index('i', 't', ['c'])", "look"),  # require-concurrent-index-creation
        ("op.drop_index('i', table_name='t')", "look"),  # require-concurrent-index-deletion
        ("op.create_unique_constraint('u', 't', ['c'])", "look"),  # disallowed-unique-constraint
        ("op.create_foreign_key('f', 't', 'u', ['c'], ['id'])", "look"),  # adding-foreign-key-constraint
        ("op.create_check_constraint('k', 't', 'c > 0')", "look"),  # constraint-missing-not-valid
        ("op.create_check_constraint('k', 't', 'c > 0', postgresql_not_valid=True)", "look"),
        ("op.drop_constraint('k', 't')", "look"),
        ("op.alter_column('t', 'c', nullable=True)", "look"),  # ban-drop-not-null
        ("op.alter_column('t', 'c', server_default=None)", "look"),
        ("op.add_column('t', sa.Column('c', sa.Integer(), unique=True))", "look"),
        ("op.add_column('t', column())", "look"),
        ("op.execute('UPDATE t SET c = 1')", "look"),  # strong_migrations: backfilling data
        ("op.execute('CREATE INDEX i ON t (c)')", "look"),
        ("op.execute('ALTER TABLE t ADD CONSTRAINT k CHECK (c > 0)')", "look"),
        ("op.execute(f'DROP TABLE {name}')", "look"),  # unknown is to be looked at
        ("op.execute(statement)", "look"),
        ("op.execute('DO $$ BEGIN DELETE FROM t; END $$')", "look"),
        ("op.some_new_operation('t')", "look"),
        ("op.get_bind().execute(statement)", "look"),
        ("op.create_table('t', sa.Column('c', sa.Integer(), nullable=False))", "no change"),
        ("op.add_column('t', sa.Column('c', sa.Integer()))", "no change"),
        ("op.add_column('t', sa.Column('c', sa.Integer(), nullable=False, server_default='0'))", "no change"),
        ("op.alter_column('t', 'c', existing_type=sa.String(5), type_=sa.String(9))", "safe"),
        ("op.alter_column('t', 'c', existing_type=sa.String(length=5), type_=sa.Text())", "safe"),
        ("op.alter_column('t', 'c', server_default='0')", "no change"),
        ("op.execute('CREATE INDEX CONCURRENTLY i ON t (c)')", "no change"),
        ("op.execute('ALTER TABLE t VALIDATE CONSTRAINT k')", "no change"),
        ("op.execute('ALTER TABLE t ADD COLUMN c int')", "no change"),
        ("op.execute('INSERT INTO t VALUES (1)')", "no change"),
        ("op.bulk_insert(t, [])", "no change"),
    ],
)
def test_an_operation_is_judged_by_what_the_serving_version_can_live_with(line: str, level: str) -> None:
    assert verdict(line) == level


def test_an_index_that_is_built_concurrently_stops_nobody() -> None:
    lines = (
        "with op.get_context().autocommit_block():",
        "    op.create_index('i', 't', ['c'], postgresql_concurrently=True)",
    )
    assert verdict(*lines) == "no change"


def test_an_operation_of_a_batch_is_about_the_batchs_table() -> None:
    text = upgrade("with op.batch_alter_table('t') as batch:", "    batch.drop_column('c')")
    ((reason, place),) = told({}, {"m/versions/b.py": text})
    assert (reason.level, place) == ("dangerous", Place("m/versions/b.py", 7))
    assert "column t.c is dropped" in reason.text


def test_what_happens_to_a_table_that_the_change_makes_concerns_nobody() -> None:
    lines = (
        "op.create_table('t', sa.Column('c', sa.Integer()))",
        "op.create_index('i', 't', ['c'])",
        "op.create_foreign_key('f', 't', 'u', ['c'], ['id'])",
        "op.execute('UPDATE t SET c = 1')",
    )
    assert verdict(*lines) == "no change"


def test_a_table_that_is_dropped_and_made_anew_is_dropped() -> None:
    assert verdict("op.drop_table('t')", "op.create_table('t')") == "dangerous"


def test_an_operation_in_a_function_that_upgrade_calls_is_found() -> None:
    text = HEAD + "def helper():\n    op.drop_table('t')\ndef upgrade():\n    helper()\n"
    assert [reason.level for reason, _ in told({}, {"b.py": text})] == ["dangerous"]


@pytest.mark.parametrize(
    "source",
    [
        "from alembic import op as o\ndef upgrade():\n    o.drop_table('t')\n",
        "import alembic\ndef upgrade():\n    alembic.op.drop_table('t')\n",
        "from alembic.op import drop_table\ndef upgrade():\n    drop_table('t')\n",
        "from shop.models import db\ndef upgrade():\n    db.drop_all()\n",
        "from . import helper\ndef upgrade():\n    helper.all()\n",
    ],
)
def test_code_that_the_review_does_not_read_is_to_be_looked_at(source: str) -> None:
    files = {"b.py": 'revision = "b"\ndown_revision = None\n' + source}
    assert [reason.level for reason, _ in told({}, files)] == ["look"]


def test_types_of_other_packages_in_an_operation_are_no_code_to_look_at() -> None:
    text = "from shop.types import Money\n" + upgrade("op.add_column('t', sa.Column('c', Money()))")
    assert list(told({}, {"b.py": text})) == []


def test_what_a_downgrade_would_do_is_not_judged() -> None:
    text = HEAD + "def upgrade():\n    pass\ndef downgrade():\n    op.drop_table('t')\n"
    assert list(told({}, {"b.py": text})) == []


@pytest.mark.parametrize("source", ["", "x = 1", "def upgrade(", 'revision = "b"', "\0"])
def test_a_file_that_is_no_revision_is_passed_by(source: str) -> None:
    assert list(told({"b.py": source}, {"b.py": source + "\n"})) == []


def test_two_heads_are_dangerous_because_the_upgrade_would_fail() -> None:
    old = {"m/versions/a.py": 'revision: str = "a"\ndown_revision: str | None = None\n'}
    new = {**old, **{f"m/versions/{each}.py": HEAD.replace('"b"', f'"{each}"') for each in "bc"}}
    ((reason, _),) = told(old, new)
    assert reason.level == "dangerous"
    assert "m/versions has 2 heads (b, c)" in reason.text


def test_a_merge_of_two_heads_is_one_head() -> None:
    merge = 'revision = "d"\ndown_revision = ("b", "c")\n'
    files = {f"m/{each}.py": HEAD.replace('"b"', f'"{each}"') for each in "bc"}
    assert list(told(files, {**files, "m/d.py": merge})) == []


def test_a_revision_that_databases_have_run_neither_changes_nor_goes() -> None:
    old = {"b.py": upgrade("op.add_column('t', sa.Column('c', sa.Integer()))")}
    changed = {"b.py": upgrade("op.add_column('t', sa.Column('c', sa.Text()))")}
    assert [reason.level for reason, _ in told(old, changed)] == ["look"]
    assert [reason.level for reason, _ in told(old, {})] == ["dangerous"]
    assert list(told(old, {"b.py": f"# a word\n{old['b.py']}"})) == []


def test_every_verdict_has_a_sentence_that_names_the_file() -> None:
    for reason, place in told(
        {}, {"m/b.py": upgrade("op.drop_table('t')", "op.create_index('i', 'u', ['c'])")}
    ):
        assert reason.level in VERDICTS
        assert reason.text.startswith(f"{place.path}: ")
