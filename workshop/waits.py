"""Say what visitors do while forecast and measurement are compared: wait for 100 ms or for 300."""

from locust import FastHttpUser, task


class Visitor(FastHttpUser):  # type: ignore[misc] # Locust is not installed where types are checked
    """Someone whose requests wait, as for a backend."""

    @task  # type: ignore[untyped-decorator]
    def short(self) -> None:
        """Wait for a tenth of a second."""
        self.client.get("/work?cpu_ms=1&sleep_ms=100")

    @task  # type: ignore[untyped-decorator]
    def long(self) -> None:
        """Wait for three tenths."""
        self.client.get("/work?cpu_ms=1&sleep_ms=300")
