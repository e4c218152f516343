"""Recognise keys that everybody knows: they stand in documentation, tutorials and defaults of programs.

Who knows the key of an app can make its sessions: programs such as flask-unsign try all of these in a second.
"""

import re

# Compared without case and punctuation.
PUBLISHED = (
    # Flask's documentation: quickstart (two editions), configuration, tutorial (two editions).
    '_5#y2L"F4Q8z\n\xec]/',
    "A0Zr98j/3yX R~XHH!jmN]LWX/,?RT",
    "192b9bdd22ab9ed4d12e236c78afcb9a393ec15f71bbf5dc987d54727823bcbf",
    "dev",
    "development key",
    # M. Grinberg's tutorial and his book, C. Schafer's and A. Yu's courses, realpython.com.
    "you-will-never-guess",
    "hard to guess string",
    "5791628bb0b13ce0c676dfde280ba245",
    "8BYkEfBA6O6donzWlSihBXox7C0sKR6b",
    "my_precious",
    # Documentation of Flask-JWT-Extended, Flask-SocketIO, Flask-Security, Flask-AppBuilder.
    "super-secret",
    "secret!",
    "pf9Wkove4IKEAXvy-cQkeDPhv9Cb3Ag-wyJILbq_dFw",
    "\2\1thisismyscretkey\1\2\\e\\y\\y\\h",
    # Superset (CVE-2023-27524), Airflow (CVE-2020-17526), Redash (CVE-2021-41192), ihatemoney.
    "CHANGE_ME_TO_A_COMPLEX_RANDOM_SECRET",
    "thisISaSECRET_1234",
    "YOUR_OWN_RANDOM_GENERATED_SECRET_KEY",
    "TEST_NON_DEV_SECRET",
    "temporary_key",
    "c292a0a3aa32397cdb050e233733900f",
    "tralala",
    # Most frequent in public repositories.
    "changeme",
    "secret",
    "supersecret",
    "supersecretkey",
    "dev key",
    "default",
    "password",
    "1234567890123456",
)
# Of keys that are meant to be replaced. With one of these and little besides, a key is no secret.
_MARK = re.compile(
    "secret|password|changeme|changethis|replaceme|insecure|guess|placeholder|(dev|test|your|my)key"
)
_WORDS = re.compile(
    "secret|password|insecure|secure|guess|placeholder|change|replace|this|that|must|should|please|before"
    "|production|deployment|development|local|default|example|sample|testing|test|random|generated|complex"
    "|super|really|very|long|hard|never|your|with|flask|django|session|csrf|salt|string|value|here|key|jwt|app"
)
_LEAST = 12


def is_public(key: str) -> bool:
    """Return whether the key is published, or made of words that such keys are made of."""
    plain = _plain(key)
    return plain in _PLAIN or bool(_MARK.search(plain) and len(_WORDS.sub("", plain)) < _LEAST)


def _plain(key: str) -> str:
    return re.sub(r"[^a-z0-9]", "", key.lower())


_PLAIN = frozenset(map(_plain, PUBLISHED))
