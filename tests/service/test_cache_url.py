"""Test how CACHE_URL is made of its parts."""

from service.cache_url import compose

PARTS = {
    "CACHE_HOST": "cache.example.com",
    "CACHE_PORT": "6379",
    "CACHE_USER": "app",
    "CACHE_PASSWORD": "a/b:c@d",
    "CACHE_SCHEME": "rediss",
}


def made(**changed: str) -> str | None:
    environ = {**PARTS, **changed}
    compose(environ)
    return environ.get("CACHE_URL")


def test_the_address_speaks_tls_and_checks_who_answers() -> None:
    assert made() == "rediss://app:a%2Fb%3Ac%40d@cache.example.com:6379/0?ssl_cert_reqs=required"


def test_the_cache_of_this_machine_has_no_certificate() -> None:
    assert made(CACHE_SCHEME="redis") == "redis://app:a%2Fb%3Ac%40d@cache.example.com:6379/0"


def test_an_address_that_is_set_stays() -> None:
    assert made(CACHE_URL="memory://") == "memory://"


def test_without_a_host_there_is_none() -> None:
    assert made(CACHE_HOST="") is None
