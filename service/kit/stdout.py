"""Write whole lines to stdout past `logging` and `sys.stdout`, which an app may configure as it likes."""

import os

from service.kit import cloud_logging

STDOUT = 1


def write(line: str) -> None:
    """Write the line, and its end; a full disk or a closed pipe must not break answers.

    One system call per line keeps the lines of several workers apart.
    """
    data = f"{cloud_logging.named(line)}\n".encode("utf-8", "backslashreplace")
    try:
        while data:
            data = data[os.write(STDOUT, data) :]
    except OSError:
        return
