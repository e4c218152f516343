"""Test that the kit believes the X-Forwarded headers that Werkzeug's ProxyFix would believe."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from werkzeug.middleware.proxy_fix import ProxyFix

from service.kit.proxy_headers import believe

ADDRESSES = st.lists(st.sampled_from(["203.0.113.7", "2001:db8::1", "10.0.0.5:80", " a "]), max_size=5)

# ProxyFix does not count an empty value at the end; the proxy before the app would not have sent one.
SCHEMES = st.lists(st.sampled_from(["http", "https", ""]), max_size=3).filter(lambda each: each[-1:] != [""])


def peers(environ: dict[str, Any], hops: int) -> dict[str, Any]:
    """Return what ProxyFix makes of the environment."""
    ProxyFix(lambda *_: (), x_for=hops, x_proto=1, x_host=0)(environ, lambda *_: None)  # type: ignore[arg-type]
    environ.pop("werkzeug.proxy_fix.orig")
    return environ


@given(ADDRESSES, SCHEMES, st.integers(1, 5))
def test_address_and_scheme_are_those_of_proxyfix(
    addresses: list[str], schemes: list[str], hops: int
) -> None:
    environ = {
        "REMOTE_ADDR": "127.0.0.1",
        "wsgi.url_scheme": "http",
        "HTTP_X_FORWARDED_FOR": ", ".join(addresses),
        "HTTP_X_FORWARDED_PROTO": ",".join(schemes),
        "HTTP_X_FORWARDED_HOST": "evil.example",
    }
    mine = dict(environ)
    believe(mine, hops)
    assert mine == peers(environ, hops)


def test_who_says_no_scheme_at_the_end_is_not_overruled_by_whoever_came_before() -> None:
    environ = {"wsgi.url_scheme": "http", "HTTP_X_FORWARDED_PROTO": "https,"}
    believe(environ, 2)
    assert environ["wsgi.url_scheme"] == "http"


def test_an_open_quotation_mark_does_not_hide_the_client() -> None:
    # ProxyFix takes all that follows for one value, and the proxy's address for the client's.
    environ = {"REMOTE_ADDR": "127.0.0.1", "HTTP_X_FORWARDED_FOR": '"forged, 203.0.113.7, 10.0.0.5'}
    believe(environ, 2)
    assert environ["REMOTE_ADDR"] == "203.0.113.7"
