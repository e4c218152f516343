"""Find the migrations of the app's database, and the command that brings the database to their newest."""

from collections.abc import Mapping
from pathlib import Path

from tools.adopt.detect import parse


def release_command(files: Mapping[Path, Path]) -> tuple[str, ...]:
    """Return the command for the migrations among the files, by their paths in service/src; () without any."""
    folders = [
        path.parent for path in files if path.name == "env.py" and path.parent / "script.py.mako" in files
    ]
    folders = folders or [
        path.parent
        for path in files
        if path.name == "env.py" and path.parent.name in ("migrations", "alembic")
    ]
    if len(folders) != 1:
        return ()
    if not any(_imports_flask_migrate(file) for path, file in files.items() if path.suffix == ".py"):
        return ("alembic", "upgrade", "head") if Path("alembic.ini") in files else ()
    # Flask-Migrate looks for a folder migrations in the working directory, which is service/src.
    where = () if folders[0] == Path("migrations") else ("--directory", str(folders[0]))
    return ("flask", "db", "upgrade", *where)


def _imports_flask_migrate(path: Path) -> bool:
    tree = parse(path)
    return tree is not None and any(getattr(node, "module", None) == "flask_migrate" for node in tree.body)
