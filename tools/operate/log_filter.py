"""Choose lines of the log: by their text, their request, or the class of their status."""

import json
import re
from dataclasses import dataclass

from tools.operate.errors import UsageError

_STATUS = re.compile(r"([1-5])(\d\d|xx)")


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """Hold what a line must have; `status` is a class such as 5xx or one status such as 404."""

    text: str = ""
    request: str = ""
    status: str = ""

    def __post_init__(self) -> None:
        """Refuse a status that is none."""
        if self.status and not _STATUS.fullmatch(self.status):
            raise UsageError(f"--status is a class such as 5xx or a status such as 404, not '{self.status}'.")

    @property
    def pattern(self) -> str:
        """Return what CloudWatch can choose by itself, so that fewer lines come here.

        https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/FilterAndPatternSyntax.html
        """
        parts = []
        if self.status:
            first, last = (self.status.replace("xx", end) for end in ("00", "99"))
            parts.append(f"$.status >= {first} && $.status <= {last}")
        if re.fullmatch(r"[\w.:=-]+", self.request):
            parts.append(f'$.request_id = "{self.request}"')
        if parts:
            return f"{{ {' && '.join(parts)} }}"
        return f'"{self.text}"' if self.text and '"' not in self.text and "\\" not in self.text else ""

    def fits(self, line: str) -> bool:
        """Return whether a line has all of it."""
        if self.text not in line:
            return False
        if not (self.request or self.status):
            return True
        try:
            record = json.loads(line)
        except ValueError:
            return False
        if not isinstance(record, dict):
            return False
        right = str(record.get("status", "")).startswith(self.status.removesuffix("xx")) or not self.status
        return right and self.request in ("", record.get("request_id"))
