"""Name the variables from which the service makes DATABASE_URL: service/database_url.py reads them."""

# The user whom the app logs in as; the release command creates it (service/kit/migration.py).
USER = "app"


def database_variables(*, host: str, port: str, name: str, user: str) -> dict[str, str]:
    """Return the variables of a database that is reached over TLS; its password is a secret."""
    return {
        "DATABASE_HOST": host,
        "DATABASE_PORT": port,
        "DATABASE_NAME": name,
        "DATABASE_USER": user,
        "DATABASE_SSLMODE": "require",
    }
