"""One logging configuration for the app, Gunicorn and libraries: one JSON object per line on stdout.

On a terminal the lines are for reading instead (`terminal.py`).
"""

import logging
import logging.config
import sys
from typing import Any, Literal

import structlog
from gunicorn.glogging import Logger
from structlog.typing import Processor

from service.kit import access_log, masking, terminal
from service.kit.settings import ServerSettings, load

Format = Literal["json", "text"]

SHARED: list[Processor] = [
    structlog.contextvars.merge_contextvars,
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
    """LOG_FORMAT, which the image sets to json; without it text on a terminal and JSON anywhere else."""
    return setting or ("text" if sys.stdout.isatty() else "json")


def configure(level: str, style: Format) -> None:
    """Send every log line of this process, whichever library writes it, to stdout."""
    processors: list[Processor] = [
        structlog.stdlib.ProcessorFormatter.remove_processors_meta,
        structlog.processors.format_exc_info,
        structlog.processors.EventRenamer("message"),
        masking.mask,
        *_LAST[style],
    ]
    lines = {
        "()": structlog.stdlib.ProcessorFormatter,
        "foreign_pre_chain": SHARED,
        "processors": processors,
    }
    stdout = {"class": "logging.StreamHandler", "stream": "ext://sys.stdout"}
    logging.config.dictConfig(
        {
            "version": 1,
            "disable_existing_loggers": False,
            "formatters": {"lines": lines, "as_it_is": {"format": "%(message)s"}},
            "handlers": {
                "lines": {**stdout, "formatter": "lines"},
                # Nobody at a terminal reads metrics, and LOG_LEVEL must not switch off what scaling reads.
                "metrics": {**stdout, "formatter": "as_it_is"}
                if style == "json"
                else {"class": "logging.NullHandler"},
            },
            "root": {"level": level.upper(), "handlers": ["lines"]},
            "loggers": {
                "gunicorn.error": {"level": level.upper(), "handlers": [], "propagate": True},
                "service.metrics": {"level": "INFO", "handlers": ["metrics"], "propagate": False},
            },
        }
    )
    if logging.root.isEnabledFor(logging.INFO):
        access_log.configure(access_log.as_json if style == "json" else terminal.access_line)
    else:
        access_log.configure(None)
    logging.captureWarnings(capture=True)
    # So that structlog.get_logger() and logging.getLogger() end in the same line.
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


class GunicornLogger(Logger):
    """Gunicorn's logger with our configuration, so that boot and stop lines are JSON too."""

    # Not `logconfig_dict`: with it Gunicorn prepares its own access line for each request (88 % of a bare
    # Flask request), which the app writes better.
    def setup(self, cfg: Any) -> None:
        """Called by Gunicorn at start and after each SIGHUP."""
        super().setup(cfg)
        configure(cfg.loglevel, chosen(load(ServerSettings).log_format))
