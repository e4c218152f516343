"""Watch the service: alarms, whom they tell, the dashboard, the budget and saved queries."""

from infra.monitoring.monitoring import Monitoring

__all__ = ["Monitoring"]
