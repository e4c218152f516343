"""Test what environments may need of an account's quotas and of their subnets' addresses."""

import json
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from infra.application import build_app
from infra.parameters import (
    QUOTAS,
    Domain,
    Endpoints,
    Environment,
    NatGateways,
    Need,
    NewVpc,
    RegionalNat,
    ScalingTargets,
    Schedule,
    SharedLoadBalancer,
    SharingError,
    Tasks,
    explain,
    needs,
    owners_first,
)
from tests.environments import ENVIRONMENTS
from tests.infra.choices import DIFFERENT

MIXED = Tasks(min=2, max=10, cpu=512, memory_mib=1024, spot="above_min")
OWNER = Environment(
    name="owner",
    network=NewVpc(cidr="10.0.0.0/22", egress=NatGateways(count=1)),
    domain=Domain(name="a.dev", hosted_zone_id="Z1", hosted_zone_name="a.dev"),
)


def need(code: str, *environments: Environment) -> Need:
    [found] = [each for each in needs(environments) if each.quota.code == code]
    return found


@pytest.mark.parametrize(
    ("spot", "on_demand", "on_spot"), [("never", 10, 0), ("above_min", 2, 8), ("always", 0, 10)]
)
def test_a_deployment_runs_twice_the_tasks(spot: Any, on_demand: int, on_spot: int) -> None:
    environment = Environment(name="a", tasks=Tasks(min=2, max=10, cpu=512, memory_mib=1024, spot=spot))
    assert need("L-3032A538", environment).total == on_demand
    assert need("L-36FBB829", environment).total == on_spot


def test_a_schedule_may_want_more_tasks_than_the_maximum() -> None:
    peak = Schedule(name="peak", cron="0 8 ? * MON-FRI *", min=20, max=40)
    environment = Environment(name="a", tasks=Tasks(min=2, max=10), scaling=ScalingTargets(schedules=(peak,)))
    assert need("L-3032A538", environment).total == 40


def test_environments_of_one_account_and_region_add_up_and_others_do_not() -> None:
    one, two = (Environment(name=name, tasks=MIXED) for name in ("one", "two"))
    assert need("L-36FBB829", one, two).by == {"one": 8, "two": 8}
    far = Environment(
        name="far", region="us-east-1", availability_zones=("us-east-1a", "us-east-1b"), tasks=MIXED
    )
    assert [each.total for each in needs([one, far]) if each.quota.code == "L-36FBB829"] == [8, 8]


def test_vpcs_and_addresses_count_the_default_vpc_and_every_gateway() -> None:
    gateways = Environment(name="gateways", network=NewVpc(egress=NatGateways(count=2)))
    regional = Environment(name="regional", network=NewVpc(egress=RegionalNat()))
    assert need("L-F678F1CE", gateways, regional).total == 3
    assert need("L-0263D0A3", gateways, regional).total == 4


def test_the_sentence_has_who_needs_it_and_the_command() -> None:
    found = need("L-36FBB829", Environment(name="prod", tasks=MIXED))
    assert found.exceeds(8, whose="it") is None
    said = str(found.exceeds(6, whose="a new account"))
    assert "8 may be needed at once, during deployments (prod 8), but a new account has 6" in said
    assert said.endswith("--service-code fargate --quota-code L-36FBB829 --desired-value 8")


def test_a_synth_says_what_must_be_raised_before_the_deploy(tmp_path: Path) -> None:
    build_app(*ENVIRONMENTS, outdir=str(tmp_path)).synth()
    report = json.loads((tmp_path / "validation-report.json").read_text())
    assert "request-service-quota-increase" in str(report)
    assert "L-36FBB829" in str(report)


def test_a_deployment_that_needs_more_addresses_than_the_subnets_have_is_refused() -> None:
    with pytest.raises(ValidationError) as caught:
        Environment(name="a", tasks=Tasks(min=2, max=250))
    assert "tasks.max is 250, and a deployment runs twice as many" in explain(caught.value)
    assert "10.0.0.0/16 have addresses for 486 tasks" in explain(caught.value)
    assert Environment(name="a", tasks=Tasks(min=2, max=243))
    assert Environment(name="a", tasks=Tasks(min=2, max=1000), network=NewVpc(egress=NatGateways(count=1)))


def test_endpoints_take_addresses_of_the_tasks_subnets() -> None:
    small = NewVpc(cidr="10.0.0.0/22", egress=Endpoints())
    with pytest.raises(ValidationError, match="have addresses for 108 tasks"):
        Environment(name="a", tasks=Tasks(min=2, max=100), network=small)


def test_environments_that_share_a_network_share_its_addresses() -> None:
    sharing = [
        Environment(
            name=f"s{number}",
            tasks=Tasks(min=1, max=20),
            domain=Domain(name=f"s{number}.a.dev"),
            load_balancer=SharedLoadBalancer(owner="owner", rule_priority=number),
        )
        for number in range(1, 4)
    ]
    assert owners_first([OWNER, *sharing[:2]])
    with pytest.raises(SharingError, match="owner, s1, s2, s3 run up to 140 tasks"):
        owners_first([OWNER, *sharing])


def test_no_choice_makes_more_log_groups_listeners_or_secrets_than_are_counted(tmp_path: Path) -> None:
    environments = (*DIFFERENT, *ENVIRONMENTS)
    build_app(*environments, outdir=str(tmp_path)).synth()
    for environment in environments:
        template = json.loads((tmp_path / f"{environment.stack_name}.template.json").read_text())
        types = [each["Type"] for each in template["Resources"].values()]
        counted = {each.quota.code: each.total for each in needs([environment])}
        assert types.count("AWS::Logs::LogGroup") <= counted["L-C7B9AAAB"]
        assert types.count("AWS::ElasticLoadBalancingV2::Listener") <= counted.get("L-B6DF7632", 0)
        assert types.count("AWS::SecretsManager::Secret") == counted["L-2F66C23C"]


def test_each_load_balancer_has_its_own_quotas() -> None:
    pair = [Environment(name=name) for name in ("one", "two")]
    assert [each.total for each in needs(pair) if each.quota.code == "L-B6DF7632"] == [3, 3]


def test_rules_of_all_who_share_a_load_balancer_add_up() -> None:
    sharing = [
        Environment(
            name=f"s{number}",
            domain=Domain(name=f"s{number}.a.dev"),
            load_balancer=SharedLoadBalancer(owner="owner", rule_priority=number),
        )
        for number in range(1, 102)
    ]
    found = need("L-7EED9B64", OWNER, *sharing)
    assert found.exceeds(found.quota.default, whose="a new account") is not None
    assert need("L-7EED9B64", OWNER, *sharing[1:]).exceeds(100, whose="a new account") is None


def test_every_quota_names_the_page_of_aws_with_its_figure() -> None:
    assert all(each.source.startswith("https://docs.aws.amazon.com/") for each in QUOTAS)
    assert len({each.code for each in QUOTAS}) == len(QUOTAS)
