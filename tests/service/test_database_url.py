"""Test how DATABASE_URL is made of its parts."""

from urllib.parse import parse_qs, unquote, urlsplit

from service.database_url import compose

PARTS = {
    "DATABASE_HOST": "db.example.com",
    "DATABASE_PORT": "5433",
    "DATABASE_NAME": "shop",
    "DATABASE_USER": "app",
    "DATABASE_PASSWORD": "a/b@c:d%e",
}


def made(**more: str) -> str:
    environ = {**PARTS, **more}
    compose(environ)
    return environ["DATABASE_URL"]


def test_a_url_has_all_parts_and_a_password_of_any_letters() -> None:
    url = urlsplit(made())
    assert url.scheme.startswith("postgresql+psycopg")
    assert (url.hostname, url.port, url.path, url.username) == ("db.example.com", 5433, "/shop", "app")
    assert unquote(url.password or "") == "a/b@c:d%e"


def test_connections_use_tls_unless_they_are_told_otherwise() -> None:
    assert parse_qs(urlsplit(made()).query)["sslmode"] == ["require"]
    assert parse_qs(urlsplit(made(DATABASE_SSLMODE="prefer")).query)["sslmode"] == ["prefer"]


def test_a_folder_is_that_of_a_socket() -> None:
    url = urlsplit(made(DATABASE_HOST="/cloudsql/acme-shop:europe-west1:shop"))
    assert (url.hostname, url.path, url.username) == (None, "/shop", "app")
    query = parse_qs(url.query)
    assert (query["host"], query["port"]) == (["/cloudsql/acme-shop:europe-west1:shop"], ["5433"])


def test_a_login_that_is_rotated_comes_in_one_piece() -> None:
    url = urlsplit(
        made(DATABASE_LOGIN='{"username": "app_clone", "password": "a/\\"b"}', DATABASE_PASSWORD="")
    )
    assert (url.username, unquote(url.password or "")) == ("app_clone", 'a/"b')


def test_a_url_that_is_given_stays() -> None:
    assert made(DATABASE_URL="sqlite://") == "sqlite://"


def test_without_a_host_there_is_none() -> None:
    environ = {"DATABASE_USER": "app"}
    compose(environ)
    assert environ == {"DATABASE_USER": "app"}
