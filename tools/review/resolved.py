"""Work out what a template knows before it is deployed: mappings, pseudo parameters, decided conditions."""

from collections.abc import Iterator
from typing import Any

from tools.assembly import Template
from tools.review.reasons import Reason, Verdict

# These parts of a template are compared by what they make of its resources.
_READ_ELSEWHERE = ("Resources", "Outputs", "Description", "Metadata", "AWSTemplateFormatVersion")
_PARTS: dict[str, tuple[Verdict, str]] = {
    "Mappings": ("look", "a table changes whose rows AWS alone can choose"),
    "Conditions": ("look", "other resources may come or go by a condition"),
    "Rules": ("look", "a deployment is refused, or not refused, for other reasons"),
    "Transform": ("dangerous", "a macro rewrites the template, so what is deployed does not stand here"),
    "Parameters": ("look", "a parameter of the template changes, whose value AWS looks up"),
}


def resolved(template: Template, *, environment: str) -> Template:
    """Return a template with all that can be known; `environment` is aws://ACCOUNT/REGION."""
    account, _, region = environment.removeprefix("aws://").partition("/")
    known = {
        "AWS::AccountId": account if account.isdigit() else "",
        "AWS::Region": "" if region.startswith("unknown") else region,
    }
    facts = _Facts(
        pseudo={name: value for name, value in known.items() if value},
        mappings=template.get("Mappings", {}),
        conditions=template.get("Conditions", {}),
    )
    return {
        name: facts.of(part) if name in ("Resources", "Outputs") else part for name, part in template.items()
    }


class _Facts:
    """Replace functions whose value is known."""

    def __init__(self, *, pseudo: dict[str, str], mappings: Template, conditions: Template) -> None:
        self._pseudo = pseudo
        self._mappings = mappings
        self._conditions = conditions

    def of(self, value: Any) -> Any:
        if isinstance(value, list):
            return [self.of(each) for each in value]
        if not isinstance(value, dict):
            return value
        if len(value) == 1:
            name, argument = next(iter(value.items()))
            return self._function(name, argument, value)
        return {key: self.of(each) for key, each in value.items()}

    def _function(self, name: str, argument: Any, value: dict[str, Any]) -> Any:
        match name, argument:
            case "Ref", str():
                return self._pseudo.get(argument, value)
            case "Fn::Sub", str():
                for known, text in self._pseudo.items():
                    argument = argument.replace(f"${{{known}}}", text)
                return argument if "${" not in argument else {name: argument}
            case "Fn::FindInMap", [table, row, column]:
                keys = [self.of(each) for each in (table, row, column)]
                found: Any = self._mappings
                for key in keys:
                    found = found.get(key) if isinstance(found, dict) and isinstance(key, str) else None
                return value if found is None else found
            case "Fn::Join", [str() as between, list() as parts]:
                inner = [self.of(each) for each in parts]
                if all(isinstance(each, str) for each in inner):
                    return between.join(inner)
                return {name: [between, inner]}
            case "Fn::If", [str() as condition, yes, no]:
                decided = self._decided({"Condition": condition})
                if decided is not None:
                    return self.of(yes if decided else no)
        return {name: self.of(argument)}

    def _decided(self, condition: Any, depth: int = 0) -> bool | None:
        """Return whether a condition holds; None where only AWS knows."""
        if not isinstance(condition, dict) or len(condition) != 1 or depth > 10:
            return None
        name, argument = next(iter(condition.items()))
        match name, argument:
            case "Condition", str():
                return self._decided(self._conditions.get(argument), depth + 1)
            case "Fn::Equals", [one, other]:
                sides = [self.of(one), self.of(other)]
                return sides[0] == sides[1] if all(isinstance(each, str) for each in sides) else None
            case "Fn::Not", [inner]:
                decided = self._decided(inner, depth + 1)
                return None if decided is None else not decided
        return None


def other_parts(old: Template, new: Template) -> Iterator[Reason]:
    """Yield changes of a template that are not within its resources; both are as they were written."""
    for name in dict.fromkeys((*old, *new)) if old.get("Resources") else ():
        if name in _READ_ELSEWHERE or old.get(name) == new.get(name):
            continue
        before, after = old.get(name, {}), new.get(name, {})
        names = sorted({*_keys(before), *_keys(after)})
        differing = [each for each in names if _item(before, each) != _item(after, each)]
        verdict, why = _PARTS.get(name, ("look", "no rule knows this part of a template"))
        if name == "Mappings" and not _looked_up(old) and not _looked_up(new):
            continue  # then the resources show the rows that count
        yield Reason(verdict, f"{name} of the template, {', '.join(differing) or 'all of it'}: {why}")
    yield from _exports(old.get("Outputs", {}), new.get("Outputs", {}))


def _keys(part: Any) -> list[str]:
    return list(part) if isinstance(part, dict) else []


def _item(part: Any, key: str) -> Any:
    return part.get(key) if isinstance(part, dict) else None


def _looked_up(template: Template) -> bool:
    """Return whether a row of a mapping is chosen by AWS."""
    return "Fn::FindInMap" in str(resolved(template, environment=""))


def _exports(old: Template, new: Template) -> Iterator[Reason]:
    for name, output in old.items():
        if "Export" not in output:
            continue
        now = new.get(name, {})
        if now.get("Export") != output["Export"]:
            text = (
                f"other stacks can no longer read the output {name}: AWS refuses that while one of them does"
            )
            yield Reason("dangerous", text, "destructive")
        elif now.get("Value") != output.get("Value"):
            text = f"other stacks read another value from the output {name}: AWS refuses that while one does"
            yield Reason("look", text)
