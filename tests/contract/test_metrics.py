"""Test that the service reports its metrics under the names that infra reads."""

from infra.contract import metrics as service_metrics
from service.kit import emf
from service.kit.counting import Recorder
from service.kit.metrics import Reporter


def test_infra_reads_the_namespace_dimension_and_names_that_the_service_writes() -> None:
    recorder = Recorder()
    recorder.sample()
    line = Reporter(recorder, environment="dev", version="1").line()
    (directive,) = line["_aws"]["CloudWatchMetrics"]
    read = service_metrics.service_metric("Saturation", environment_name="dev", statistic="avg")
    assert directive["Namespace"] == read.namespace
    assert {name: line[name] for (name,) in directive["Dimensions"]} == read.dimensions
    assert read.metric_name in {metric["Name"] for metric in directive["Metrics"]}


def test_infra_reads_the_units_that_the_service_writes() -> None:
    # CloudWatch keeps metrics of different units apart: a reader that asks with another unit sees nothing.
    read = {name: unit.name.capitalize() for name, unit in service_metrics.UNITS.items()}
    assert read == emf.UNITS
