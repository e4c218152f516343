"""What is watched and who is told: alarms, dashboard, budget, saved queries."""

from infra.monitoring.monitoring import Monitoring

__all__ = ["Monitoring"]
