"""Print every mutant of a file as a line of JSON; runs in the environment of cosmic-ray, without the kit.

Each line has the number of the changed line, its text before and after, and the whole changed source.
"""

import json
import re
import sys
from collections.abc import Iterator
from pathlib import Path

from cosmic_ray.mutating import mutate_code
from cosmic_ray.plugins import get_operator, operator_names

# Of all replacements of one operator a test that kills these kills nearly all others; `is` for `==` and an
# alphabetical order for the equality of names are changes that nobody would write.
_OPERATORS = re.compile(
    r"""core/(ReplaceBinaryOperator_(
        Add_(Sub|Mul|Pow) | Sub_(Add|Mul) | Mul_(Add|Div|Pow) | Div_(Mul|FloorDiv) | FloorDiv_(Mul|Div)
        | Mod_Mul | Pow_Mul | BitOr_(BitAnd|Sub) | BitAnd_BitOr)
    | ReplaceComparisonOperator_(
        Eq_NotEq | NotEq_Eq | Lt_LtE | Lt_GtE | LtE_Lt | LtE_Gt | Gt_GtE | Gt_LtE | GtE_Gt | GtE_Lt
        | Is_IsNot | IsNot_Is)
    | ReplaceUnaryOperator_(USub_UAdd | Delete_(USub|Not)) | ReplaceTrueWithFalse | ReplaceFalseWithTrue
    | ReplaceAndWithOr | ReplaceOrWithAnd | ReplaceBreakWithContinue | ReplaceContinueWithBreak
    | AddNot | ExceptionReplacer | NumberReplacer | RemoveDecorator | ZeroIterationForLoop)""",
    re.VERBOSE,
)


def mutants(source: str) -> Iterator[dict[str, object]]:
    """Yield each mutant once, also where two operators make the same."""
    seen = {source}
    for name in filter(_OPERATORS.fullmatch, operator_names()):
        occurrence = 0
        while (changed := mutate_code(source, get_operator(name)(), occurrence)) is not None:
            occurrence += 1
            if changed not in seen:
                seen.add(changed)
                yield {**_difference(source.splitlines(), changed.splitlines()), "source": changed}


def _difference(before: list[str], after: list[str]) -> dict[str, object]:
    number = next(index for index, line in enumerate(before) if [line] != after[index : index + 1])
    if len(before) == len(after):
        return {"line": number + 1, "before": before[number].strip(), "after": after[number].strip()}
    while not before[number].strip().startswith("@"):  # a decorator is removed with the space around it
        number += 1
    return {
        "line": number + 1,
        "before": before[number].strip(),
        "after": f"without {before[number].strip()}",
    }


if __name__ == "__main__":
    for mutant in mutants(Path(sys.argv[1]).read_text()):
        sys.stdout.write(json.dumps(mutant) + "\n")
