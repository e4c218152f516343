"""Judge a change of a resource by tables: what is not listed as harmless is to be looked at."""

from tools.review.rules.judge import Judged, judged

__all__ = ["Judged", "judged"]
