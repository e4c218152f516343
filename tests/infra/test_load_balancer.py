"""Test the load balancer's attributes and logs."""

import aws_cdk as cdk
import pytest

from infra.application import empty_app
from infra.parameters import NewLoadBalancer, Timeouts
from tests.infra.parts import attributes, front_door


def test_waits_as_long_as_the_timeouts_say(stack: cdk.Stack) -> None:
    template = front_door(stack, timeouts=Timeouts(longest_request_s=90))
    assert attributes(template, "LoadBalancer")["idle_timeout.timeout_seconds"] == "95"


def test_clients_keep_their_connections_as_long_as_asked(stack: cdk.Stack) -> None:
    template = front_door(stack, choice=NewLoadBalancer(client_keep_alive_s=120))
    assert attributes(template, "LoadBalancer")["client_keep_alive.seconds"] == "120"


def test_drops_invalid_headers_and_defends_against_desync(stack: cdk.Stack) -> None:
    load_balancer = attributes(front_door(stack), "LoadBalancer")
    assert load_balancer["routing.http.drop_invalid_header_fields.enabled"] == "true"
    assert load_balancer["routing.http.desync_mitigation_mode"] == "defensive"


def test_passes_the_host_on_and_appends_one_address_to_the_forwarded(stack: cdk.Stack) -> None:
    load_balancer = attributes(front_door(stack), "LoadBalancer")
    assert load_balancer["routing.http.preserve_host_header.enabled"] == "true"
    assert load_balancer["routing.http.xff_header_processing.mode"] == "append"


def test_lets_nothing_through_when_the_waf_is_down(stack: cdk.Stack) -> None:
    # The load balancer's own default is false, and the CDK does not write this attribute's default.
    assert attributes(front_door(stack), "LoadBalancer").get("waf.fail_open.enabled", "false") == "false"


def test_speaks_http_2_to_clients(stack: cdk.Stack) -> None:
    assert attributes(front_door(stack), "LoadBalancer")["routing.http2.enabled"] == "true"


def test_traffic_can_be_moved_out_of_an_impaired_zone(stack: cdk.Stack) -> None:
    assert attributes(front_door(stack), "LoadBalancer")["zonal_shift.config.enabled"] == "true"


def test_logs_requests_connections_and_health_checks(stack: cdk.Stack) -> None:
    load_balancer = attributes(front_door(stack, choice=NewLoadBalancer(log_days=90)), "LoadBalancer")
    for log in ("access_logs", "connection_logs", "health_check_logs"):
        assert load_balancer[f"{log}.s3.enabled"] == "true"
        assert "LoadBalancerLogs" in str(load_balancer[f"{log}.s3.bucket"])


def test_the_logs_bucket_is_private_encrypted_and_forgets(stack: cdk.Stack) -> None:
    front_door(stack, choice=NewLoadBalancer(log_days=90)).has_resource_properties(
        "AWS::S3::Bucket",
        {
            "BucketEncryption": {
                "ServerSideEncryptionConfiguration": [
                    {"ServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"}}
                ]
            },
            "LifecycleConfiguration": {"Rules": [{"ExpirationInDays": 90, "Status": "Enabled"}]},
            "OwnershipControls": {"Rules": [{"ObjectOwnership": "BucketOwnerEnforced"}]},
            "PublicAccessBlockConfiguration": {
                "BlockPublicAcls": True,
                "BlockPublicPolicy": True,
                "IgnorePublicAcls": True,
                "RestrictPublicBuckets": True,
            },
        },
    )


def test_the_load_balancer_service_may_write_its_logs_and_nobody_may_without_tls(stack: cdk.Stack) -> None:
    template = front_door(stack, choice=NewLoadBalancer(log_days=90))
    (policy,) = template.find_resources("AWS::S3::BucketPolicy").values()
    statements = policy["Properties"]["PolicyDocument"]["Statement"]
    assert [each["Condition"] for each in statements if each["Effect"] == "Deny"] == [
        {"Bool": {"aws:SecureTransport": "false"}}
    ]
    writers = [each for each in statements if each["Action"] == "s3:PutObject"]
    assert writers
    assert all("/AWSLogs/" in str(each["Resource"]) for each in writers)


@pytest.mark.parametrize("region", ["eu-west-1", "ap-southeast-4"])
def test_the_principals_of_all_three_logs_may_write(region: str) -> None:
    """Test who writes: the region's account or, in newer regions and for health checks, a service."""
    stack = cdk.Stack(empty_app(), "Test", env=cdk.Environment(region=region))
    template = front_door(stack, choice=NewLoadBalancer(log_days=90))
    (policy,) = template.find_resources("AWS::S3::BucketPolicy").values()
    statements = policy["Properties"]["PolicyDocument"]["Statement"]
    writers = [each["Principal"] for each in statements if each["Action"] == "s3:PutObject"]
    assert "'logdelivery.elasticloadbalancing.amazonaws.com'" in str(writers)
    assert region != "eu-west-1" or "156460612806:root" in str(writers)
    (balancer,) = template.find_resources("AWS::ElasticLoadBalancingV2::LoadBalancer").values()
    assert [
        name for name in template.find_resources("AWS::S3::BucketPolicy") if name in balancer["DependsOn"]
    ]


def test_makes_no_bucket_unless_asked(stack: cdk.Stack) -> None:
    front_door(stack).resource_count_is("AWS::S3::Bucket", 0)
