"""Write what is in front of Cloud Run as resources of Terraform: balancer, certificate and Cloud Armor.

https://docs.cloud.google.com/load-balancing/docs/https/setup-global-ext-https-serverless
"""

import hashlib
from typing import Any

from infra.elsewhere.schema import vendors
from infra.parameters import Cidrs, Environment, Google, NewLoadBalancer, Waf

Rules = list[dict[str, Any]]
# What AWS's core rules and known bad inputs look for.
# https://docs.cloud.google.com/armor/docs/waf-rules
_ATTACKS = (
    *(f"{each}-v33-stable" for each in ("sqli", "xss", "lfi", "rfi", "rce", "protocolattack")),
    "cve-canary",
)
# A rule names ten networks at most. https://docs.cloud.google.com/armor/quotas
_MOST_NETWORKS = 10
_LAST = 2_147_483_647
_WINDOW_S = 300


def load_balancer(environment: Environment, place: Google) -> dict[str, Any]:
    """Return the configuration; of an environment that refuse() lets pass with an edge."""
    name = f"web-{environment.name}"
    version = ".".join(vendors("load_balancer")["provider"].split(".")[:2])
    return {
        "terraform": {
            "required_providers": {"google": {"source": "hashicorp/google", "version": f"~> {version}"}}
        },
        "provider": {"google": {"project": place.project}},
        "resource": {
            "google_compute_global_address": {"web": {"name": name}},
            "google_compute_region_network_endpoint_group": {
                "web": {
                    "name": name,
                    "region": place.region,
                    "network_endpoint_type": "SERVERLESS",
                    "cloud_run": {"service": name},
                }
            },
            "google_compute_security_policy": {"web": {"name": name, "rule": _rules(environment)}},
            "google_compute_backend_service": {
                "web": {
                    "name": name,
                    "load_balancing_scheme": "EXTERNAL_MANAGED",
                    "backend": [{"group": "${google_compute_region_network_endpoint_group.web.id}"}],
                    "security_policy": "${google_compute_security_policy.web.id}",
                    "log_config": {"enable": True, "sample_rate": 1},
                }
            },
            **_https(environment, name),
            **_http(name),
        },
        "output": {"address": {"value": "${google_compute_global_address.web.address}"}},
    }


def _https(environment: Environment, name: str) -> dict[str, Any]:
    names = environment.domain.names if environment.domain else ()
    # A certificate cannot be changed, and one in use cannot go: another set of names makes another one first.
    version = hashlib.sha256(",".join(names).encode()).hexdigest()[:8]
    return {
        "google_compute_managed_ssl_certificate": {
            "web": {
                "name": f"{name}-{version}",
                "managed": {"domains": list(names)},
                "lifecycle": {"create_before_destroy": True},
            }
        },
        "google_compute_ssl_policy": {
            "web": {"name": name, "profile": "MODERN", "min_tls_version": "TLS_1_2"}
        },
        "google_compute_target_https_proxy": {
            "web": {
                "name": name,
                "url_map": "${google_compute_url_map.web.id}",
                "ssl_certificates": ["${google_compute_managed_ssl_certificate.web.id}"],
                "ssl_policy": "${google_compute_ssl_policy.web.id}",
            }
        },
    }


def _http(name: str) -> dict[str, Any]:
    """Return the way in, and that plain HTTP leads to HTTPS."""
    redirect = {
        "https_redirect": True,
        "redirect_response_code": "MOVED_PERMANENTLY_DEFAULT",
        "strip_query": False,
    }
    rule = {
        "load_balancing_scheme": "EXTERNAL_MANAGED",
        "ip_address": "${google_compute_global_address.web.id}",
    }
    return {
        "google_compute_url_map": {
            "web": {"name": name, "default_service": "${google_compute_backend_service.web.id}"},
            "redirect": {"name": f"{name}-redirect", "default_url_redirect": redirect},
        },
        "google_compute_target_http_proxy": {
            "redirect": {"name": f"{name}-redirect", "url_map": "${google_compute_url_map.redirect.id}"}
        },
        "google_compute_global_forwarding_rule": {
            "web": {
                "name": name,
                **rule,
                "target": "${google_compute_target_https_proxy.web.id}",
                "port_range": "443",
            },
            "redirect": {
                "name": f"{name}-redirect",
                **rule,
                "target": "${google_compute_target_http_proxy.redirect.id}",
                "port_range": "80",
            },
        },
    }


def _rules(environment: Environment) -> Rules:
    """Return the rules by their order; the first that fits a request decides, but for one in preview."""
    balancer = environment.load_balancer
    waf = balancer.waf if isinstance(balancer, NewLoadBalancer) else None
    ingress = balancer.ingress if isinstance(balancer, NewLoadBalancer) else None
    networks = list(ingress.cidrs) if isinstance(ingress, Cidrs) else []
    found = _attacks(waf) if waf else []
    for number in range(0, len(networks), _MOST_NETWORKS):
        sources = _from(networks[number : number + _MOST_NETWORKS])
        found += _throttled(waf, sources, 2000 + number) if waf else []
        found.append({"action": "allow", "priority": 3000 + number, "match": sources})
    everybody = _from(["*"])
    if waf and not networks:
        found += _throttled(waf, everybody, 2000)
    return [
        *found,
        {"action": "deny(403)" if networks else "allow", "priority": _LAST, "match": everybody},
    ]


def _attacks(waf: Waf) -> Rules:
    return [
        {
            "action": "deny(403)",
            "priority": 1000 + number,
            "description": name,
            "preview": waf.mode == "count",
            # 1 has the fewest false alarms.
            "match": {"expr": {"expression": f"evaluatePreconfiguredWaf('{name}', {{'sensitivity': 1}})"}},
        }
        for number, name in enumerate(_ATTACKS)
    ]


def _throttled(waf: Waf, sources: dict[str, Any], priority: int) -> Rules:
    return [
        {
            "action": "throttle",
            "priority": priority,
            "description": "requests of one address",
            "preview": waf.mode == "count",
            "match": sources,
            "rate_limit_options": {
                "conform_action": "allow",
                "exceed_action": "deny(429)",
                "enforce_on_key": "IP",
                "rate_limit_threshold": {"count": waf.requests_per_5_minutes, "interval_sec": _WINDOW_S},
            },
        }
    ]


def _from(networks: list[str]) -> dict[str, Any]:
    return {"versioned_expr": "SRC_IPS_V1", "config": {"src_ip_ranges": networks}}
