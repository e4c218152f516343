"""Keep log files below a size, and read the end of one."""

from pathlib import Path

from tools.log_lines import readable

CAP_BYTES = 10_000_000
_KEPT_BYTES = 1_000_000
_KEPT_FILES = 40


def cap(folder: Path) -> None:
    """Cut every log that grew too large, and remove the oldest logs; the writers append, so they go on."""
    for log in folder.glob("*.log"):
        if log.stat().st_size > CAP_BYTES:
            with log.open("r+b") as file:
                file.seek(-_KEPT_BYTES, 2)
                tail = file.read()
                file.truncate(0)
            log.with_suffix(".log.1").write_bytes(tail)
    oldest_first = sorted(folder.glob("*.log*"), key=lambda log: log.stat().st_mtime)
    for log in oldest_first[:-_KEPT_FILES]:
        log.unlink(missing_ok=True)


def tail(log: Path, lines: int, *, metrics: bool = False) -> list[str]:
    """Return the last lines of a log, made readable; lines of metrics only where asked."""
    try:
        with log.open("rb") as file:
            file.seek(max(0, log.stat().st_size - 64_000))
            text = file.read().decode(errors="replace")
    except FileNotFoundError:
        return []
    shown = [parts for line in text.splitlines() if (parts := readable(line, metrics=metrics))]
    return [part for parts in shown[-lines:] for part in parts]
