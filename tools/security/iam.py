"""Check the controls of IAM, KMS, SNS and Lambda, which are about permissions."""

from tools.security.control import Finding, Findings, control
from tools.security.policies import inline, managed, statements
from tools.security.stack import Stack

_DECRYPTS = ("kms:decrypt", "kms:reencryptfrom", "kms:*")


@control("IAM.1", absent="no policy")
def nobody_may_do_everything(stack: Stack) -> Findings:
    """Require that no policy allows every action on every resource (inline ones are held to it too)."""
    for policy, said in (*managed(stack), *inline(stack)):
        everything = [each for each in said if each.allows("*") and "*" in each.resources]
        yield Finding.of(policy, not everything, "it allows everything")


@control("IAM.21", absent="no policy")
def no_policy_allows_a_whole_service(stack: Stack) -> Findings:
    """Require that no policy allows every action of a service (inline ones are held to it too)."""
    for policy, said in (*managed(stack), *inline(stack)):
        allowed = [action for each in said if each.effect == "Allow" for action in each.actions]
        whole = sorted({action for action in allowed if action.endswith(":*")})
        yield Finding.of(policy, not whole, f"it allows {', '.join(whole)}")


@control("KMS.1", absent="no customer managed policy")
def managed_policies_do_not_decrypt_with_all_keys(stack: Stack) -> Findings:
    """Require that no customer managed policy decrypts with all keys."""
    for policy, said in managed(stack):
        every_key = [each for each in said if each.allows(*_DECRYPTS) and "*" in each.resources]
        yield Finding.of(policy, not every_key, "it decrypts with every key")


@control("KMS.2", absent="no inline policy")
def inline_policies_do_not_decrypt_with_all_keys(stack: Stack) -> Findings:
    """Require that no inline policy decrypts with all keys."""
    for policy, said in inline(stack):
        every_key = [each for each in said if each.allows(*_DECRYPTS) and "*" in each.resources]
        yield Finding.of(policy, not every_key, "it decrypts with every key")


@control("SNS.4", absent="no topic policy")
def topics_are_not_public(stack: Stack) -> Findings:
    """Require that topics are not open to the public."""
    for policy, properties in stack.of_type("AWS::SNS::TopicPolicy").items():
        public = [each for each in statements(properties["PolicyDocument"]) if each.opens_to_all]
        yield Finding.of(policy, not public, "everybody can use the topic")


@control("Lambda.1", absent="no function that others may call")
def functions_are_not_public(stack: Stack) -> Findings:
    """Require that functions are not open to the public."""
    for permission, properties in stack.of_type("AWS::Lambda::Permission").items():
        limited = {"SourceAccount", "SourceArn", "PrincipalOrgID"} & properties.keys()
        yield Finding.of(permission, properties["Principal"] != "*" or limited, "everybody can call it")
