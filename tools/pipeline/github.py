"""Call GitHub's API, as far as the workflows need it, with nothing but the standard library.

Jobs that may write to the repository then run no code from anywhere else.
"""

import json
import os
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from tools.pipeline.errors import PipelineError

_TIMEOUT_S = 30
_PER_PAGE = 100
# A pipeline should not work through more pages than this.
_MOST_PAGES = 30


@dataclass(frozen=True, kw_only=True)
class GitHub:
    """One repository, with the rights of a token."""

    repository: str
    token: str
    url: str = "https://api.github.com"

    @classmethod
    def of_this_run(cls, environment: Mapping[str, str] = os.environ) -> "GitHub":
        """Return the repository and token of this workflow run; raise PipelineError outside of one."""
        missing = [name for name in ("GITHUB_REPOSITORY", "GITHUB_TOKEN") if not environment.get(name)]
        if missing:
            raise PipelineError(f"{' and '.join(missing)} must be set: this runs in a workflow of GitHub")
        return cls(
            repository=environment["GITHUB_REPOSITORY"],
            token=environment["GITHUB_TOKEN"],
            url=environment.get("GITHUB_API_URL", cls.url),
        )

    def get(self, path: str) -> Any:
        """Return the answer to GET below the repository; raise PipelineError for any answer but success."""
        return json.loads(self._ask("GET", self._at(path)))

    def send(self, method: str, path: str, body: Mapping[str, Any]) -> Any:
        """Send POST or PATCH, and return the answer."""
        return json.loads(self._ask(method, self._at(path), body))

    def listed(self, path: str) -> Iterator[Any]:
        """Yield every item of a listing, page by page."""
        joint = "&" if "?" in path else "?"
        for page in range(1, _MOST_PAGES + 1):
            items = self.get(f"{path}{joint}per_page={_PER_PAGE}&page={page}")
            yield from items
            if len(items) < _PER_PAGE:
                return

    def download(self, path: str, *, most_bytes: int) -> bytes:
        """Return a file, also one on another host; raise PipelineError if it is larger than allowed."""
        content = self._ask("GET", self._at(path), most_bytes=most_bytes + 1)
        if len(content) > most_bytes:
            raise PipelineError(f"{path} is larger than {most_bytes} bytes: it is not read")
        return content

    def _at(self, path: str) -> str:
        return f"{self.url}/repos/{self.repository}{path}"

    def _ask(
        self, method: str, url: str, body: Mapping[str, Any] | None = None, *, most_bytes: int = -1
    ) -> bytes:
        request = urllib.request.Request(  # noqa: S310 (the API of this run, or a server of the tests)
            url,
            method=method,
            data=None if body is None else json.dumps(body).encode(),
            headers={"Accept": "application/vnd.github+json", "X-GitHub-Api-Version": "2022-11-28"},
        )
        # Files come from another host, which must not get the token.
        request.add_unredirected_header("Authorization", f"Bearer {self.token}")
        try:
            with urllib.request.urlopen(request, timeout=_TIMEOUT_S) as answer:  # noqa: S310 (as above)
                return bytes(answer.read(most_bytes))
        except urllib.error.HTTPError as error:
            said = error.read(500).decode(errors="replace")
            raise PipelineError(
                f"GitHub answered {error.code} to {method} {url}: {said}", status=error.code
            ) from None
        except OSError as error:
            raise PipelineError(f"GitHub does not answer to {method} {url}: {error}") from None
