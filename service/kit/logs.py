"""Configure logging for the app, Gunicorn and libraries alike: one JSON object per line on stdout.

On a terminal the lines are text for people instead (`terminal.py`).
"""

import logging
import logging.config
import sys
from typing import Literal

import structlog
from gunicorn.config import Config
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
    """Return LOG_FORMAT, which the image sets to json; without it, text on a terminal and json elsewhere."""
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
            "formatters": {"lines": lines, "message_only": {"format": "%(message)s"}},
            "handlers": {
                "lines": {**stdout, "formatter": "lines"},
                # Nobody at a terminal reads metrics. Scaling does, so LOG_LEVEL must not switch them off.
                "metrics": {**stdout, "formatter": "message_only"}
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


class GunicornLogger(Logger):
    """Gunicorn's logger with the configuration above, so that lines about start and stop are JSON too."""

    # Gunicorn's setting `logconfig_dict` would make it prepare an access line of its own for each request, at
    # 88 % of the cost of a bare Flask request.
    def setup(self, cfg: Config) -> None:
        """Configure logging; Gunicorn calls this at the start and after each SIGHUP."""
        super().setup(cfg)
        configure(cfg.loglevel, chosen(load(ServerSettings).log_format))
