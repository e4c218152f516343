"""Write what is in front of a container app as a template of Azure: a Front Door with its firewall.

It reaches the environment by a private link, so that nobody gets past it.
https://learn.microsoft.com/en-us/azure/container-apps/how-to-integrate-with-azure-front-door
"""

from typing import Any

from infra.elsewhere.schema import api_version, resource
from infra.parameters import Azure, Cidrs, Environment, NewLoadBalancer, Waf

Resources = list[dict[str, Any]]
_PROFILE = "Microsoft.Cdn/profiles"
_FIREWALL = "Microsoft.Network/FrontDoorWebApplicationFirewallPolicies"
# https://learn.microsoft.com/en-us/azure/frontdoor/front-door-faq (origin response timeout)
_SHORTEST_WAIT_S, _LONGEST_WAIT_S = 16, 240
# https://learn.microsoft.com/en-us/azure/web-application-firewall/afds/waf-front-door-drs
_RULES = {"ruleSetType": "Microsoft_DefaultRuleSet", "ruleSetVersion": "2.1", "ruleSetAction": "Block"}
_TEMPLATE = "https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#"


def front_door(environment: Environment, place: Azure) -> dict[str, Any]:
    """Return the template; of an environment that refuse() lets pass with an edge."""
    name = f"web-{environment.name}"
    names = environment.domain.names if environment.domain else ()
    domains = {each: each.replace(".", "-") for each in names}
    outputs = {
        "host": _output(f"{_PROFILE}/afdEndpoints", name, name, ".hostName"),
        **{
            f"proof-{short}": _output(
                f"{_PROFILE}/customDomains", name, short, ".validationProperties.validationToken"
            )
            for short in domains.values()
        },
    }
    return {
        "$schema": _TEMPLATE,
        "contentVersion": "1.0.0.0",
        "resources": [
            *_origin(environment, place, name),
            *(_domain(name, host, short) for host, short in domains.items()),
            _route(name, list(domains.values())),
            *_firewall(environment, name, list(domains.values())),
        ],
        "outputs": outputs,
    }


def firewall_name(environment: Environment) -> str:
    """Return what the firewall is called, in letters and digits alone, as Azure wants it."""
    return f"web{environment.name.replace('-', '0')}"


def _output(kind: str, profile: str, name: str, path: str) -> dict[str, str]:
    version = resource(kind)["apiVersion"]
    value = f"[reference({_id(kind, profile, name)[1:-1]}, '{version}'){path}]"
    return {"type": "string", "value": value}


def _made(kind: str, name: str, properties: dict[str, Any], *needs: str, **more: Any) -> dict[str, Any]:
    return {
        "type": kind,
        "apiVersion": resource(kind)["apiVersion"],
        "name": name,
        **({"dependsOn": list(needs)} if needs else {}),
        **more,
        "properties": properties,
    }


def _id(kind: str, *names: str) -> str:
    return f"[resourceId({', '.join(repr(each) for each in (kind, *names))})]"


def _origin(environment: Environment, place: Azure, name: str) -> Resources:
    """Return the profile, and how it reaches the app."""
    longest = environment.longest_request_s
    app = f"resourceId('Microsoft.App/containerApps', '{name}')"
    host = f"[reference({app}, '{api_version()}').configuration.ingress.fqdn]"
    profile, group = _id(_PROFILE, name), f"{_PROFILE}/originGroups"
    return [
        _made(
            _PROFILE,
            name,
            {"originResponseTimeoutSeconds": min(max(longest + 5, _SHORTEST_WAIT_S), _LONGEST_WAIT_S)},
            location="global",
            sku={"name": "Premium_AzureFrontDoor"},
            tags={"environment": environment.name, **environment.tags},
        ),
        _made(
            f"{_PROFILE}/afdEndpoints",
            f"{name}/{name}",
            {"enabledState": "Enabled"},
            profile,
            location="global",
        ),
        _made(
            group,
            f"{name}/web",
            # Without a probe: there is no second origin to go to.
            {
                "loadBalancingSettings": {
                    "sampleSize": 4,
                    "successfulSamplesRequired": 3,
                    "additionalLatencyInMilliseconds": 50,
                }
            },
            profile,
        ),
        _made(
            f"{group}/origins",
            f"{name}/web/web",
            {
                "hostName": host,
                "originHostHeader": host,
                "httpsPort": 443,
                "enforceCertificateNameCheck": True,
                "sharedPrivateLinkResource": {
                    "privateLink": {
                        "id": place.resource("Microsoft.App/managedEnvironments", place.environment)
                    },
                    "privateLinkLocation": place.location,
                    "groupId": "managedEnvironments",
                    "requestMessage": name,
                },
            },
            _id(group, name, "web"),
        ),
    ]


def _domain(name: str, host: str, short: str) -> dict[str, Any]:
    tls = {"certificateType": "ManagedCertificate", "minimumTlsVersion": "TLS12"}
    return _made(
        f"{_PROFILE}/customDomains",
        f"{name}/{short}",
        {"hostName": host, "tlsSettings": tls},
        _id(_PROFILE, name),
    )


def _route(name: str, domains: list[str]) -> dict[str, Any]:
    group, kind = f"{_PROFILE}/originGroups", f"{_PROFILE}/customDomains"
    return _made(
        f"{_PROFILE}/afdEndpoints/routes",
        f"{name}/{name}/all",
        {
            "customDomains": [{"id": _id(kind, name, each)} for each in domains],
            "originGroup": {"id": _id(group, name, "web")},
            "patternsToMatch": ["/*"],
            "supportedProtocols": ["Http", "Https"],
            "httpsRedirect": "Enabled",
            "forwardingProtocol": "HttpsOnly",
            # With a domain of one's own, there is one name.
            "linkToDefaultDomain": "Disabled" if domains else "Enabled",
        },
        _id(f"{_PROFILE}/afdEndpoints", name, name),
        _id(f"{group}/origins", name, "web", "web"),
        *(_id(kind, name, each) for each in domains),
    )


def _firewall(environment: Environment, name: str, domains: list[str]) -> Resources:
    balancer = environment.load_balancer
    waf = balancer.waf if isinstance(balancer, NewLoadBalancer) else None
    ingress = balancer.ingress if isinstance(balancer, NewLoadBalancer) else None
    policy = firewall_name(environment)
    guarded = [
        *(_id(f"{_PROFILE}/customDomains", name, each) for each in domains),
        _id(f"{_PROFILE}/afdEndpoints", name, name),
    ]
    associations = [{"domains": [{"id": each} for each in guarded], "patternsToMatch": ["/*"]}]
    return [
        _made(
            _FIREWALL,
            policy,
            {
                "policySettings": {
                    "enabledState": "Enabled",
                    "mode": "Detection" if waf and waf.mode == "count" else "Prevention",
                },
                "customRules": {
                    "rules": [
                        *([_others(ingress)] if isinstance(ingress, Cidrs) else []),
                        *([_too_many(waf)] if waf else []),
                    ]
                },
                "managedRules": {"managedRuleSets": [_RULES] if waf else []},
            },
            location="global",
            sku={"name": "Premium_AzureFrontDoor"},
        ),
        _made(
            f"{_PROFILE}/securityPolicies",
            f"{name}/web",
            {
                "parameters": {
                    "type": "WebApplicationFirewall",
                    "wafPolicy": {"id": _id(_FIREWALL, policy)},
                    "associations": associations,
                }
            },
            _id(_FIREWALL, policy),
            *guarded,
        ),
    ]


def _others(ingress: Cidrs) -> dict[str, Any]:
    return {
        "name": "others",
        "priority": 1,
        "ruleType": "MatchRule",
        "action": "Block",
        "matchConditions": [
            {
                "matchVariable": "SocketAddr",
                "operator": "IPMatch",
                "negateCondition": True,
                "matchValue": list(ingress.cidrs),
            }
        ],
    }


def _too_many(waf: Waf) -> dict[str, Any]:
    return {
        "name": "tooMany",
        "priority": 2,
        "ruleType": "RateLimitRule",
        "rateLimitDurationInMinutes": 5,
        "rateLimitThreshold": waf.requests_per_5_minutes,
        "action": "Block",
        "matchConditions": [
            {"matchVariable": "SocketAddr", "operator": "IPMatch", "matchValue": ["0.0.0.0/0", "::/0"]}
        ],
    }
