"""Find resources that only moved in the code, which changes their logical id."""

import json
from collections.abc import Iterator

from tools.assembly import Template
from tools.review.engine import Resource


def moves(resources: list[Resource], old: Template, new: Template) -> Iterator[tuple[str, str]]:
    """Yield pairs of ids of resources that are the same but for their ids, in both directions."""
    gone = [each for each in resources if each.impact in ("WILL_DESTROY", "WILL_ORPHAN")]
    come = [each for each in resources if each.impact == "WILL_CREATE"]
    ids = {each.logical_id for each in (*gone, *come)}
    waiting = {each.logical_id: _shape(new["Resources"][each.logical_id], ids) for each in come}
    for each in gone:
        shape = _shape(old["Resources"][each.logical_id], ids)
        twin = next((logical_id for logical_id, other in waiting.items() if other == shape), None)
        if twin:
            del waiting[twin]
            yield each.logical_id, twin
            yield twin, each.logical_id


def _shape(resource: Template, ids: set[str]) -> str:
    """Return type and properties as text, without the ids of added and removed resources."""
    text = json.dumps([resource["Type"], resource.get("Properties", {})], sort_keys=True)
    for logical_id in sorted(ids, key=len, reverse=True):
        text = text.replace(logical_id, "*")
    return text
