"""Test what the review says of an environment that serves a name already, and becomes a member of a fleet."""

from pathlib import Path

from infra.application import build_app
from infra.parameters import Domain, Environment, Fleet
from tests.infra.test_fleet import EU, SHARED, fleet
from tools.assembly import Template, templates
from tools.review.verdict import Pair, judgements

_ALONE = EU.model_copy(
    update={"domain": Domain(name=SHARED, hosted_zone_id="Z1", hosted_zone_name="test.dev")}
)


def _template(folder: Path, environment: Environment, *fleets: Fleet) -> Template:
    build_app(environment, fleets=fleets, outdir=str(folder)).synth()
    return templates(folder)[environment.name]


def test_who_joins_a_fleet_keeps_the_record_of_its_name_without_a_gap(tmp_path: Path) -> None:
    old = _template(tmp_path / "old", _ALONE)
    new = _template(tmp_path / "new", EU, fleet())
    [judgement] = judgements([Pair(old, new, "aws://123456789012/eu-west-1")])
    changed = {(each.type, each.effect) for each in judgement.changes}
    records = {effect for kind, effect in changed if kind == "AWS::Route53::RecordSet"}
    assert records == {"added", "updated"}
    assert {kind for kind, effect in changed if effect == "replaced"} == {
        "AWS::CertificateManager::Certificate"
    }
    # The review marks what a name leads to, and a certificate that is made anew: a person accepts both.
    told = [reason.text for reason in judgement.reasons if reason.level == "dangerous"]
    assert len(told) == 2
    assert "Certificate FrontDoorDomainCertificate is replaced" in told[0]
    assert "a name leads elsewhere" in told[1]
