"""Check the controls of Amazon S3."""

from collections.abc import Iterator

from tools.assembly import Properties, references
from tools.security.control import Finding, Findings, control
from tools.security.policies import Statement, statements
from tools.security.stack import Stack

_NO_BUCKET = "no bucket"
# https://docs.aws.amazon.com/securityhub/latest/userguide/s3-controls.html#s3-6
_OWNERS_ACTIONS = (
    "s3:DeleteBucketPolicy",
    "s3:PutBucketAcl",
    "s3:PutBucketPolicy",
    "s3:PutEncryptionConfiguration",
    "s3:PutObjectAcl",
    "s3:*",
)
_BLOCKS = ("BlockPublicAcls", "BlockPublicPolicy", "IgnorePublicAcls", "RestrictPublicBuckets")


def _buckets(stack: Stack) -> Iterator[tuple[str, Properties, list[Statement]]]:
    policies = stack.of_type("AWS::S3::BucketPolicy").values()
    for bucket, properties in stack.of_type("AWS::S3::Bucket").items():
        said = [
            statement
            for policy in policies
            if bucket in references(policy["Bucket"])
            for statement in statements(policy["PolicyDocument"])
        ]
        yield bucket, properties, said


def _blocks_public_access(properties: Properties) -> bool:
    blocks = properties.get("PublicAccessBlockConfiguration", {})
    return all(blocks.get(each) is True for each in _BLOCKS)


@control("S3.2", absent=_NO_BUCKET)
def nobody_outside_reads(stack: Stack) -> Findings:
    """Require that buckets are not readable by the public."""
    for bucket, properties, said in _buckets(stack):
        by_acl = str(properties.get("AccessControl", "")).startswith("PublicRead")
        by_policy = any(each.opens_to_all and each.allows("s3:get", "s3:list", "s3:*") for each in said)
        closed = _blocks_public_access(properties) or not (by_acl or by_policy)
        yield Finding.of(bucket, closed, "everybody can read it")


@control("S3.3", absent=_NO_BUCKET)
def nobody_outside_writes(stack: Stack) -> Findings:
    """Require that buckets are not writable by the public."""
    for bucket, properties, said in _buckets(stack):
        by_acl = properties.get("AccessControl") == "PublicReadWrite"
        by_policy = any(each.opens_to_all and each.allows("s3:put", "s3:delete", "s3:*") for each in said)
        closed = _blocks_public_access(properties) or not (by_acl or by_policy)
        yield Finding.of(bucket, closed, "everybody can write to it")


@control("S3.5", absent=_NO_BUCKET)
def requests_need_tls(stack: Stack) -> Findings:
    """Require that buckets refuse requests without TLS."""
    for bucket, _, said in _buckets(stack):
        refuses = any(
            each.effect == "Deny"
            and str(each.condition.get("Bool", {}).get("aws:SecureTransport", "")).lower() == "false"
            for each in said
        )
        yield Finding.of(bucket, refuses, "it answers without TLS")


@control("S3.6", absent=_NO_BUCKET)
def nobody_outside_changes_who_may_what(stack: Stack) -> Findings:
    """Require that bucket policies let no other account change policies, ACLs or encryption."""
    for bucket, _, said in _buckets(stack):
        handed_out = [each for each in said if each.outsiders and each.allows(*_OWNERS_ACTIONS)]
        yield Finding.of(bucket, not handed_out, "another account may change who may do what")


@control("S3.8", absent=_NO_BUCKET)
def buckets_block_public_access(stack: Stack) -> Findings:
    """Require that buckets block public access of every kind."""
    for bucket, properties, _ in _buckets(stack):
        yield Finding.of(bucket, _blocks_public_access(properties), "a policy or an ACL could open it")


@control("S3.9", absent=_NO_BUCKET)
def bucket_access_is_logged(stack: Stack) -> Findings:
    """Require that buckets log who accesses them."""
    for bucket, properties, _ in _buckets(stack):
        yield Finding.of(bucket, properties.get("LoggingConfiguration"), "it writes no access log")


@control("S3.12", absent=_NO_BUCKET)
def acls_give_no_access(stack: Stack) -> Findings:
    """Require that no ACL gives access to a bucket."""
    for bucket, properties, _ in _buckets(stack):
        acl = properties.get("AccessControl", "Private")
        yield Finding.of(bucket, acl == "Private", f"its ACL is {acl}")


@control("S3.13", absent=_NO_BUCKET)
def objects_expire(stack: Stack) -> Findings:
    """Require that buckets have a lifecycle rule."""
    for bucket, properties, _ in _buckets(stack):
        rules = properties.get("LifecycleConfiguration", {}).get("Rules", [])
        enabled = any(rule.get("Status") == "Enabled" for rule in rules)
        yield Finding.of(bucket, enabled, "what is in it stays for ever")
