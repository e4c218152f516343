"""What infra knows of the service without importing it: the metrics it reports, the settings it reads."""

from infra.contract.metrics import service_metric
from infra.contract.settings import ServiceSettings, read_settings, settings_problems

__all__ = ["ServiceSettings", "read_settings", "service_metric", "settings_problems"]
