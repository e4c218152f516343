"""Take any Flask app into production: `init_app` installs the kit in it."""

from service.kit import metrics, prometheus
from service.kit.entry import team_app
from service.kit.errors import PROBLEM
from service.kit.health import register_check
from service.kit.install import init_app
from service.kit.masking import masked
from service.kit.settings import ServerSettings, Settings, load
from service.kit.slots import slots, stop, stopping

__all__ = [
    "PROBLEM",
    "ServerSettings",
    "Settings",
    "init_app",
    "load",
    "masked",
    "metrics",
    "prometheus",
    "register_check",
    "slots",
    "stop",
    "stopping",
    "team_app",
]
