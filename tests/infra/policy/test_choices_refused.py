"""Test choices of an environment that a real account would refuse: the synth says so."""

import re
from pathlib import Path
from typing import Any

import pytest

from infra.application import build_app
from infra.parameters import (
    Canary,
    Cidrs,
    CloudFront,
    Endpoints,
    Environment,
    NatGateways,
    NewLoadBalancer,
    NewVpc,
    Sidecar,
    Tasks,
)
from tests.infra.parts import DOMAIN

EDGE = CloudFront(
    certificate_arn="arn:aws:acm:us-east-1:123456789012:certificate/12345678-1234-1234-1234-123456789012",
    private=False,
)
OTHER_REGION = "123456789012.dkr.ecr.us-west-2.amazonaws.com"


def many(count: int) -> Cidrs:
    return Cidrs(cidrs=tuple(f"203.0.{number}.0/24" for number in range(count)))


CHOICES: dict[str, tuple[dict[str, Any], str]] = {
    "cloudfront-and-a-test-port": (
        {
            "domain": DOMAIN,
            "load_balancer": NewLoadBalancer(ingress=EDGE),
            "deployment": Canary(test_port=8443),
        },
        "its rules for the way in count 110",
    ),
    "forty-networks-and-a-redirect": (
        {"domain": DOMAIN, "load_balancer": NewLoadBalancer(ingress=many(40))},
        "its rules for the way in count 80",
    ),
    "a-sidecar-from-elsewhere": (
        {
            "network": NewVpc(egress=Endpoints()),
            "sidecars": (Sidecar(name="statsd", image="public.ecr.aws/example/statsd:1"),),
        },
        "container 'statsd' cannot pull public.ecr.aws/example/statsd:1",
    ),
    "a-sidecar-from-another-regions-registry": (
        {
            "network": NewVpc(egress=Endpoints()),
            "sidecars": (Sidecar(name="statsd", image=f"{OTHER_REGION}/statsd:1"),),
        },
        f"container 'statsd' cannot pull {OTHER_REGION}/statsd:1",
    ),
    "traces-without-the-internet": (
        {"network": NewVpc(egress=Endpoints()), "trace_percent": 1, "tasks": Tasks(memory_mib=2048)},
        "no way to the internet and no endpoint for xray",
    ),
}


def synthesised(folder: Path, **choices: Any) -> None:
    build_app(Environment(name="test", **choices), outdir=str(folder)).synth()


@pytest.mark.parametrize("name", CHOICES)
def test_what_a_real_account_would_refuse_is_refused(name: str, tmp_path: Path) -> None:
    choices, said = CHOICES[name]
    with pytest.raises(Exception, match=re.escape(said)):
        synthesised(tmp_path, **choices)


def test_what_it_takes_is_not(tmp_path: Path) -> None:
    synthesised(tmp_path / "1", domain=DOMAIN, load_balancer=NewLoadBalancer(ingress=many(30)))
    synthesised(
        tmp_path / "2",
        network=NewVpc(egress=NatGateways(count=1)),
        sidecars=(Sidecar(name="statsd", image="public.ecr.aws/example/statsd:1"),),
    )
    synthesised(
        tmp_path / "3",
        network=NewVpc(egress=Endpoints()),
        sidecars=(Sidecar(name="statsd", image="123456789012.dkr.ecr.eu-west-1.amazonaws.com/statsd:1"),),
    )
    assert len(list(tmp_path.glob("*/Web-test.template.json"))) == 3
