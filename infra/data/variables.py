"""Name the variables from which the service makes DATABASE_URL: service/database_url.py reads them."""

# Who owns the database and its tables; the release command creates it (service/kit/migration.py).
USER = "app"
# The secret with user name and password as JSON, in one variable: read one by one, they might belong to two
# versions while it is rotated. The user is the owner, or the one who takes turns with it.
LOGIN = "DATABASE_LOGIN"


def database_variables(*, host: str, port: str, name: str, user: str) -> dict[str, str]:
    """Return the variables of a database that is reached over TLS; its password is a secret."""
    return {
        "DATABASE_HOST": host,
        "DATABASE_PORT": port,
        "DATABASE_NAME": name,
        "DATABASE_USER": user,
        "DATABASE_SSLMODE": "require",
    }
