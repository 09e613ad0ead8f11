"""Identities that make programs smaller. Zero may lose its sign; nothing finite becomes wrong."""

from ...ops.arithmetic import abs, add, divide, maximum, multiply, negative, pow, subtract
from ...ops.comparison import where
from ...ops.nn.activations import relu
from ...ops.transcendental import reciprocal
from ..facts import nonnegative
from ..pattern import Rule, RuleTable

ALGEBRA = RuleTable(
    "algebra",
    (
        Rule("x * 1 -> x", lambda x: multiply(x, 1), lambda x: x, exact="bitwise"),
        Rule("x / 1 -> x", lambda x: divide(x, 1), lambda x: x, exact="bitwise"),
        Rule("x - 0 -> x", lambda x: subtract(x, 0), lambda x: x, exact="bitwise"),
        Rule("x + 0 -> x", lambda x: add(x, 0), lambda x: x, exact="needs x != -0"),
        Rule("0 - x -> -x", lambda x: subtract(0, x), lambda x: negative(x), exact="needs x != 0"),
        Rule("x * -1 -> -x", lambda x: multiply(x, -1), lambda x: negative(x), exact="bitwise"),
        Rule("x / -1 -> -x", lambda x: divide(x, -1), lambda x: negative(x), exact="bitwise"),
        Rule("-x * -y -> x * y", lambda x, y: multiply(-x, -y), lambda x, y: x * y, exact="bitwise"),
        Rule("-x * y -> -(x * y)", lambda x, y: multiply(-x, y), lambda x, y: -(x * y), exact="bitwise"),
        Rule("-x / y -> -(x / y)", lambda x, y: divide(-x, y), lambda x, y: -(x / y), exact="bitwise"),
        Rule("x + -y -> x - y", lambda x, y: add(x, -y), lambda x, y: x - y, exact="bitwise"),
        Rule("x - -y -> x + y", lambda x, y: subtract(x, -y), lambda x, y: x + y, exact="bitwise"),
        Rule("x ** 1 -> x", lambda x: pow(x, 1), lambda x: x, exact="bitwise"),
        Rule("x ** -1 -> 1 / x", lambda x: pow(x, -1), lambda x: reciprocal(x)),
        Rule("abs(x) -> x", lambda x: abs(x), lambda x: x, "needs x >= 0", nonnegative),
        Rule("max(x, 0) -> x", lambda x: maximum(x, 0), lambda x: x, "needs x >= 0", nonnegative),
        Rule("relu(x) -> x", lambda x: relu(x), lambda x: x, "needs x >= 0", nonnegative),
        Rule("where(true, x, y) -> x", lambda x, y: where(True, x, y), lambda x, y: x, exact="bitwise"),
        Rule("where(false, x, y) -> y", lambda x, y: where(False, x, y), lambda x, y: y, exact="bitwise"),
        Rule("where(c, x, x) -> x", lambda c, x: where(c, x, x), lambda c, x: x, exact="bitwise", bools=("c",)),
    ),
)
