"""One logging configuration for the app, Gunicorn and libraries: one JSON object per line on stdout."""

import logging
import logging.config
from typing import Any

import structlog
from gunicorn.glogging import Logger  # type: ignore[import-untyped]
from structlog.typing import Processor

SHARED: list[Processor] = [
    structlog.contextvars.merge_contextvars,
    structlog.stdlib.add_log_level,
    structlog.stdlib.add_logger_name,
    structlog.stdlib.ExtraAdder(),
    structlog.processors.TimeStamper(fmt="iso", utc=True),
]


def configure(level: str) -> None:
    """Send every log line of this process, whichever library writes it, to stdout as JSON."""
    logging.config.dictConfig(
        {
            "version": 1,
            "disable_existing_loggers": False,
            "formatters": {
                "json": {
                    "()": structlog.stdlib.ProcessorFormatter,
                    "foreign_pre_chain": SHARED,
                    "processors": [
                        structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                        structlog.processors.format_exc_info,
                        structlog.processors.EventRenamer("message"),
                        structlog.processors.JSONRenderer(),
                    ],
                }
            },
            "handlers": {
                "stdout": {
                    "class": "logging.StreamHandler",
                    "formatter": "json",
                    "stream": "ext://sys.stdout",
                }
            },
            "root": {"level": level.upper(), "handlers": ["stdout"]},
            "loggers": {"gunicorn.error": {"level": level.upper(), "handlers": [], "propagate": True}},
        }
    )
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


class GunicornLogger(Logger):  # type: ignore[misc]
    """Gunicorn's logger with our configuration, so that boot and stop lines are JSON too."""

    # Not `logconfig_dict`: with it Gunicorn prepares its own access line for each request (88 % of a bare
    # Flask request), which the app writes better.
    def setup(self, cfg: Any) -> None:
        """Called by Gunicorn at start and after each SIGHUP."""
        super().setup(cfg)
        configure(cfg.loglevel)
