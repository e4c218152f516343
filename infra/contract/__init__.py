"""Describe the service, which infra does not import: its metrics and its settings."""

from infra.contract.metrics import UNITS, service_metric
from infra.contract.settings import ServiceSettings, read_settings, settings_problems

__all__ = ["UNITS", "ServiceSettings", "read_settings", "service_metric", "settings_problems"]
