"""Configure logging for the app, Gunicorn and libraries alike: one JSON object per line on stdout.

On a terminal the lines are text for people instead (`terminal.py`).
"""

import json
import logging
import sys
from datetime import UTC, datetime
from functools import cache
from typing import Any, Literal

import structlog
from flask import Flask, has_request_context, request
from flask.logging import wsgi_errors_stream
from gunicorn.config import Config
from gunicorn.glogging import Logger
from structlog.contextvars import get_contextvars
from structlog.typing import EventDict, Processor

from service.kit import access_log, masking, metrics, stdout, streams, terminal
from service.kit.errors import REQUEST_ID
from service.kit.settings import ServerSettings, load

Format = Literal["json", "text"]


def _add_request_id(_logger: Any, _method: str, event: EventDict) -> EventDict:
    # An app may clear structlog's context, as structlog's documentation shows.
    if "request_id" not in event and has_request_context():
        event["request_id"] = request.environ.get(REQUEST_ID)
    return event


SHARED: list[Processor] = [
    structlog.contextvars.merge_contextvars,
    _add_request_id,
    structlog.stdlib.add_log_level,
    structlog.stdlib.add_logger_name,
    structlog.stdlib.ExtraAdder(),
    structlog.processors.TimeStamper(fmt="iso", utc=True),
]
_LAST: dict[Format, list[Processor]] = {
    "json": [structlog.processors.JSONRenderer()],
    "text": [terminal.escape, terminal.renderer()],
}


def chosen(setting: Format | None) -> Format:
    """Return LOG_FORMAT, which the image sets to json; without it, text on a terminal and json elsewhere."""
    return setting or ("text" if sys.stdout.isatty() else "json")


# Those of the kit, of Gunicorn, and of Python's warnings.
OWN_LOGGERS = ("service.", "gunicorn.", "py.")


class Lines(logging.Handler):
    """Writes records to stdout in the kit's form; one that reaches several of them is written once."""

    style: Format = "json"

    def format(self, record: logging.LogRecord) -> str:
        """Return the line."""
        return _formatter(self.style).format(record)

    def emit(self, record: logging.LogRecord) -> None:
        """Write the line."""
        if not hasattr(record, "written"):
            try:
                stdout.write(self.format(record))
            except Exception:  # noqa: BLE001 (as each handler of `logging` does)
                self.handleError(record)
            record.written = True


@cache
def _formatter(style: Format) -> logging.Formatter:
    return structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=SHARED,
        processors=[
            structlog.stdlib.ProcessorFormatter.remove_processors_meta,
            structlog.processors.format_exc_info,
            structlog.processors.EventRenamer("message"),
            masking.mask,
            *_LAST[style],
        ],
    )


def configure(level: str, style: Format) -> None:
    """Send every log line of this process, whichever library writes it, to stdout."""
    Lines.style = style
    logging.basicConfig(level=level.upper(), handlers=[Lines()], force=True)
    # Lines about requests and metrics pass no logger, since an app may configure loggers as it likes.
    if not logging.root.isEnabledFor(logging.INFO):
        access_log.configure(None)
    else:
        access_log.configure(access_log.as_json if style == "json" else terminal.access_line)
    # Nobody at a terminal reads metrics. Scaling does, so LOG_LEVEL must not switch them off.
    metrics.configure(write=style == "json")
    logging.captureWarnings(capture=True)
    # structlog.get_logger() and logging.getLogger() write lines of the same form.
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            *SHARED,
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )


def guard() -> None:
    """Make log lines of what the app writes past `logging`; call it in a worker, before the app is loaded."""
    if Lines.style == "json":
        streams.replace(_write_printed)


def _write_printed(members: dict[str, Any]) -> None:
    event: EventDict = {"timestamp": datetime.now(UTC).isoformat(), **get_contextvars(), **members}
    stdout.write(json.dumps(masking.masked(_add_request_id(None, "", event))))


def adopt(app: Flask) -> list[str]:
    """Give the kit's form to log handlers of the app, and return sentences about what was changed.

    They would write a line twice, in the clear, and without the id of its request. Call it when the app is
    complete. Handlers that send lines elsewhere stay.
    """
    loggers = [each for each in logging.root.manager.loggerDict.values() if isinstance(each, logging.Logger)]
    taken = set()
    for logger in [logging.root, *loggers]:
        for place, handler in enumerate(logger.handlers):
            if _writes_here(handler):
                logger.handlers[place] = _like(handler)
                taken.add(logger.name)
        # dictConfig and fileConfig disable existing loggers unless they are told not to.
        if logger.name == app.name or logger.name.startswith(OWN_LOGGERS):
            logger.disabled = False
    if not any(isinstance(handler, Lines) for handler in logging.root.handlers):
        logging.root.addHandler(Lines())
    sentences = []
    if taken:
        sentences.append(f"log handlers of the app write the kit's lines (of {', '.join(sorted(taken))})")
    if logging.root.manager.disable >= logging.ERROR:
        sentences.append("the app has switched logging off (logging.disable): its exceptions leave no line")
    return sentences


def _writes_here(handler: logging.Handler) -> bool:
    """Return whether a handler of the app writes to stdout or stderr, in whatever way."""
    if isinstance(handler, Lines):
        return False
    stream, file = getattr(handler, "stream", None), str(getattr(handler, "baseFilename", ""))
    standard = [sys.stdout, sys.stderr, sys.__stdout__, sys.__stderr__, wsgi_errors_stream]
    return (
        any(stream is each for each in standard)
        or file.startswith(("/dev/std", "/dev/fd/", "/proc/self/fd/", "/proc/1/fd/"))
        or hasattr(handler, "console")  # rich
    )


def _like(handler: logging.Handler) -> Lines:
    lines = Lines(handler.level)
    lines.filters = handler.filters
    return lines


def out_of_reach(name: str, level: str) -> logging.Logger:
    """Return a logger that no configuration of the app can silence."""
    logger = logging.Logger(name, level.upper())
    logger.manager = logging.Manager(logging.RootLogger(logging.WARNING))  # for logging.disable()
    logger.addHandler(Lines())
    return logger


class GunicornLogger(Logger):
    """Gunicorn's logger with the configuration above, so that lines about start and stop are JSON too."""

    # Gunicorn's setting `logconfig_dict` would make it prepare an access line of its own for each request, at
    # 88 % of the cost of a bare Flask request.
    def setup(self, cfg: Config) -> None:
        """Configure logging; Gunicorn calls this at the start and after each SIGHUP."""
        super().setup(cfg)
        logging.getLogger("gunicorn.error").handlers.clear()
        self.error_log = out_of_reach("gunicorn.error", cfg.loglevel)
        settings = load(ServerSettings)
        stdout.for_google(settings.google_cloud_project)
        configure(cfg.loglevel, chosen(settings.log_format))
