"""Name the variables from which the service makes DATABASE_URL and CACHE_URL."""

# The user whom the app logs in as; the release command makes the database's (service/kit/migration.py).
USER = "app"


def database_variables(*, host: str, port: str, name: str, user: str) -> dict[str, str]:
    """Return the variables of a database that is reached over TLS, which service/database_url.py reads."""
    return {
        "DATABASE_HOST": host,
        "DATABASE_PORT": port,
        "DATABASE_NAME": name,
        "DATABASE_USER": user,
        "DATABASE_SSLMODE": "require",
    }


def cache_variables(*, host: str, port: str) -> dict[str, str]:
    """Return the variables of a cache that is reached over TLS, which service/cache_url.py reads."""
    return {"CACHE_HOST": host, "CACHE_PORT": port, "CACHE_USER": USER, "CACHE_SCHEME": "rediss"}
