"""Add the CloudWatch alarms that ministack lacks: composite alarms and alarms on metric math."""

from typing import Any

from ministack.core.responses import get_account_id, get_region
from ministack.services import cloudwatch
from ministack.services.cloudformation import provisioners

from tools.local_cloud.emulator.resources import Made, Props, checked, name_for, register, substitute

_TYPE = "AWS::CloudWatch::CompositeAlarm"
_plain_record = provisioners._cw_metric_alarm_record


def _put_composite(name: str, props: Props) -> Made:
    wanted = {**props, "AlarmName": name, "Tags": props.get("Tags", [])}
    checked(cloudwatch._put_composite_alarm({}, wanted, is_cbor=False, is_json=True), _TYPE)
    return name, {"Arn": f"arn:aws:cloudwatch:{get_region()}:{get_account_id()}:alarm:{name}"}


def _create_composite(logical_id: str, props: Props, stack: str) -> Made:
    return _put_composite(props.get("AlarmName") or name_for(logical_id, stack, longest=255), props)


def _alarm_record(name: str, props: Props) -> dict[str, Any]:
    """Return ministack's record, with `Metrics` instead of one metric where the template has metric math."""
    if not props.get("Metrics"):
        return dict(_plain_record(name, props))
    # ministack's function demands a metric and refuses `Metrics`: give it a dummy, then put `Metrics` back.
    single = {key: value for key, value in props.items() if key != "Metrics"}
    record = dict(_plain_record(name, {**single, "MetricName": "-", "Namespace": "-"}))
    for key in ("MetricName", "Namespace", "Statistic", "Period"):
        record.pop(key, None)
    return {**record, "Metrics": props["Metrics"]}


def _accept(logical_id: str, _props: Props, stack: str) -> Made:
    """Create a resource that nothing in the emulator acts on; only its name is stored."""
    name = name_for(logical_id, stack, longest=100)
    return name, {"QueryDefinitionId": name}


def install() -> None:
    """Register the types and let metric alarms carry metric math."""
    for type_name in ("AWS::Logs::QueryDefinition", "AWS::Budgets::Budget"):
        register(type_name, create=_accept, delete=lambda _id, _props: None)
    register(
        _TYPE,
        create=_create_composite,
        delete=lambda physical_id, _: cloudwatch._composite_alarms.pop(physical_id, None),
        update=lambda physical_id, _old, new, _stack: _put_composite(physical_id, new),
    )
    substitute(provisioners, "_cw_metric_alarm_record", _alarm_record)
