"""Calculate CloudWatch's metric math, as far as the kit's alarms use it: sums, quotients, and FILL.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/using-metric-math.html
"""

import ast
import operator
from collections.abc import Callable, Mapping

_OPERATIONS: dict[type[ast.operator], Callable[[float, float], float]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
}


class UnknownMathError(ValueError):
    """An error in metric math that is not calculated here."""


def calculate(expression: str, values: Mapping[str, float | None]) -> float | None:
    """Return the value; None where a metric has none, or for a quotient by 0. Raises UnknownMathError."""
    try:
        return _value(ast.parse(expression, mode="eval").body, values)
    except ZeroDivisionError:
        return None
    except (SyntaxError, KeyError) as error:
        raise UnknownMathError(f"{expression}: {error}") from None


def _value(node: ast.expr, values: Mapping[str, float | None]) -> float | None:
    match node:
        case ast.Constant(value=int() | float() as number):
            return float(number)
        case ast.Name(id=name):
            return values[name]
        case ast.BinOp(left=left, op=op, right=right) if type(op) in _OPERATIONS:
            first, second = _value(left, values), _value(right, values)
            if first is None or second is None:
                return None
            return _OPERATIONS[type(op)](first, second)
        case ast.Call(func=ast.Name(id="FILL"), args=[metric, missing]):
            found = _value(metric, values)
            return _value(missing, values) if found is None else found
        case _:
            raise UnknownMathError(ast.unparse(node))
