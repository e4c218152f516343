"""Publish the app's static files where the proxy finds them, so that it serves them without the app.

A file is published only if the proxy's answer is the app's own: the kit asks the app once for each file, when
the service starts, and compares. Whatever could make the app answer otherwise at another time, such as a hook
that asks for a login, leaves all files to the app. The proxy keeps nothing that the app answers.
"""

import hashlib
import logging
import os
import shutil
import tempfile
from pathlib import Path

from flask import Flask

from service.kit.static_checks import is_the_apps_answer, reason_against, static_files

log = logging.getLogger(__name__)


def publish(app: object, folder: Path | None) -> None:
    """Copy the static files to `folder`/static, as the first worker; raises nothing if that fails."""
    if folder is None or not isinstance(app, Flask) or "kit_static_bare" not in app.extensions:
        return
    try:
        (folder / "static-begun").mkdir()
    except FileExistsError:
        return
    except OSError as error:
        log.warning("The app serves its static files itself: %s", error)
        return
    if reason := reason_against(app):
        log.info("The app serves its static files itself, for it %s", reason)
        return
    try:
        published, left = _copy(app, folder)
    except OSError as error:
        log.warning("The app serves its static files itself: %s", error)
    else:
        log.info("The proxy serves %d static files, and the app %d", published, left)


def _copy(app: Flask, folder: Path) -> tuple[int, int]:
    """Copy what may be published; return how many files that are and how many are left to the app."""
    published = left = 0
    half = Path(tempfile.mkdtemp(prefix="half-", dir=folder))
    half.chmod(0o755)
    for url, file in static_files(app):
        if not is_the_apps_answer(app, url, file):
            left += 1
            continue
        copy = half / url[1:]
        for parent in reversed(copy.relative_to(half).parents):
            (half / parent).mkdir(mode=0o755, exist_ok=True)
        shutil.copyfile(file, copy)
        copy.chmod(0o644)
        # The proxies make the entity tag of time and size. As the time follows from the content, all tasks
        # have the same tag for a file, a new deployment too, and another content has another tag.
        with copy.open("rb") as content:
            digest = hashlib.file_digest(content, "sha256").digest()
        time_s = 10**9 + int.from_bytes(digest[:4], "big") % 10**8
        os.utime(copy, (time_s, time_s))
        published += 1
    half.rename(folder / "static")
    return published, left
