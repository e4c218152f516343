"""The parameters of an environment, as texts name them: `tasks.min`, `network.egress`."""

from collections.abc import Iterator
from functools import cache

from infra.parameters import Environment, Parameters, Pipeline
from workshop.parameters_page import parts


@cache
def models() -> tuple[type[Parameters], ...]:
    """Return Environment, Pipeline and every class that their fields take."""

    def below(model: type[Parameters]) -> Iterator[type[Parameters]]:
        yield model
        for field in model.model_fields.values():
            for part in parts(field):
                yield from below(part)

    return tuple(dict.fromkeys([*below(Environment), *below(Pipeline)]))


def is_parameter(path: str) -> bool:
    """Return whether a dotted path leads from a class, or a field of one, to a field of what it takes."""
    first, _, rest = path.partition(".")
    named = {model for model in models() if model.__name__ == first}
    found = named or set(models())
    for name in (rest if named else path).split("."):
        fields = [model.model_fields[name] for model in found if name in model.model_fields]
        if not fields:
            return False
        found = {part for field in fields for part in parts(field)}
    return True
