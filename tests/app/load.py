"""Yours: say what visitors do, for `make load` and `make measure`.

Each visit is one task, chosen by its weight; requests of a visit follow each other, as a browser's do. This
is a file of Locust: https://docs.locust.io/en/stable/writing-a-locustfile.html
"""

from locust import FastHttpUser, task


class Visitor(FastHttpUser):  # type: ignore[misc] # Locust is not installed where types are checked
    """Someone who looks at the page, which then asks the API."""

    @task(3)  # type: ignore[untyped-decorator]
    def look(self) -> None:
        """Open the page, and let it ask who answers."""
        self.client.get("/", headers={"Accept": "text/html"})
        self.client.get("/api/v1/info")

    @task(5)  # type: ignore[untyped-decorator]
    def ask(self) -> None:
        """Ask who answers, as the open page does again and again."""
        self.client.get("/api/v1/info")

    @task(1)  # type: ignore[untyped-decorator]
    def say(self) -> None:
        """Send a message."""
        self.client.post("/api/v1/echo", json={"message": "hello"})
