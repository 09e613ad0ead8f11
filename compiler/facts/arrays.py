"""Facts: what can be said of every element of a value, from the ops that made it.

A fact is a range, whether 0 can occur, and whether all elements are whole. Facts are of the exact value for finite
operands: `exp(x)` is positive though it may underflow. They are found on demand, from a rule's guard, by a walk of
bounded size down from the node asked about; a rule that does not ask costs nothing.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any, TypeAlias

import numpy as np

from ..graph.graph import Graph
from ..graph.node import Const, Node
from ..graph.op import Late
from ..graph.types import TensorType, is_integer, kind_of
from ..graph.walk import rebuild, same_nodes
from ..graph.where import born_at
from ..ops.assume import ASSUMPTIONS, Assume
from ..ops.creation import Full
from ..ops.elementwise import Cast, Elementwise
from ..ops.gradient import Cut, StopGradient
from ..ops.host import check
from ..ops.index import Index
from ..ops.moments import Mean, Var
from ..ops.nn.activations import LogSoftmax, Softmax
from ..ops.reduce import Reduce
from ..ops.region import Region
from ..ops.shape import BroadcastTo, ExpandDims, Reshape, Squeeze, Transpose

NODES = 64  # how many nodes one question may look at
DEPTH = 24

INF = math.inf


@dataclass(frozen=True)
class Facts:
    """`low <= x <= high` for every element; `zero`: 0 may occur; `whole`: every element is an integer."""

    low: float = -INF
    high: float = INF
    zero: bool = True
    whole: bool = False

    def __post_init__(self) -> None:
        if self.low != self.low or self.high != self.high:  # a bound of infinite constants that cancelled
            object.__setattr__(self, "low", -INF)
            object.__setattr__(self, "high", INF)
        if self.zero and (self.low > 0 or self.high < 0):
            object.__setattr__(self, "zero", False)

    @property
    def single_signed(self) -> bool:
        return self.low >= 0 or self.high <= 0

    def meet(self, other: Facts) -> Facts:
        """What holds where both do."""
        return Facts(
            max(self.low, other.low),
            min(self.high, other.high),
            self.zero and other.zero,
            self.whole or other.whole,
        )

    def join(self, other: Facts) -> Facts:
        """What holds where either does."""
        return Facts(
            min(self.low, other.low),
            max(self.high, other.high),
            self.zero or other.zero,
            self.whole and other.whole,
        )


NOTHING = Facts()
STATED = {
    "positive": Facts(0, INF, zero=False),
    "nonnegative": Facts(0, INF),
    "unit": Facts(0, 1),
    "integer": Facts(whole=True),
}

Forward: TypeAlias = Callable[..., Facts]


# --- Rows: the facts of a result from those of the operands -----------------------------------------------------------


def _at(function: Callable[[float], float], x: float) -> float:
    """A bound through a function; one that overflows, or lies outside the domain, is infinite."""
    try:
        return function(x)
    except OverflowError:
        return INF
    except ValueError:
        return -INF


def _times(a: float, b: float) -> float:
    return 0.0 if a == 0 or b == 0 else a * b


def increasing(function: Callable[[float], float], low: float = -INF, high: float = INF, **more: bool) -> Forward:
    """The row of an increasing function with values between `low` and `high`; 0 goes to 0 unless `more` says else."""

    def forward(x: Facts) -> Facts:
        bounds = max(_at(function, x.low), low), min(_at(function, x.high), high)
        return Facts(*bounds, zero=more.get("zero", x.zero))

    return forward


def between(low: float, high: float, zero: bool = True, whole: bool = False) -> Forward:
    """The row of a function of which only the range of values is said."""
    return lambda *_: Facts(low, high, zero, whole)


def _add(a: Facts, b: Facts) -> Facts:
    zero = (a.zero and b.zero) if (a.low >= 0 and b.low >= 0) or (a.high <= 0 and b.high <= 0) else True
    return Facts(a.low + b.low, a.high + b.high, zero, a.whole and b.whole)


def _negative(x: Facts) -> Facts:
    return Facts(-x.high, -x.low, x.zero, x.whole)


def _multiply(a: Facts, b: Facts) -> Facts:
    corners = [_times(p, q) for p in (a.low, a.high) for q in (b.low, b.high)]
    return Facts(min(corners), max(corners), a.zero or b.zero, a.whole and b.whole)


def _reciprocal(x: Facts) -> Facts:
    if not x.single_signed:
        return Facts(zero=False)
    if x.low < 0:
        return _negative(_reciprocal(_negative(x)))
    return Facts(1 / x.high if x.high else INF, 1 / x.low if x.low else INF, zero=False)


def _divide(a: Facts, b: Facts) -> Facts:
    corners = _multiply(a, _reciprocal(b))
    return Facts(corners.low, corners.high, a.zero)


def _abs(x: Facts) -> Facts:
    if x.low >= 0:
        return x
    if x.high <= 0:
        return _negative(x)
    return Facts(0, max(-x.low, x.high), x.zero, x.whole)


def _square(x: Facts) -> Facts:
    size = _abs(x)
    return Facts(_times(size.low, size.low), _times(size.high, size.high), x.zero, x.whole)


def _pow(base: Facts, exponent: Facts) -> Facts:
    if base.low < 0:
        even = exponent.low == exponent.high and exponent.low % 2 == 0
        return Facts(0, INF, base.zero) if even else NOTHING
    if base.high <= 1 and exponent.low >= 0:
        return Facts(0, 1, base.zero)
    if base.low >= 1 and exponent.low >= 0:
        return Facts(1, INF)
    return Facts(0, INF, base.zero)


def _rounded(x: Facts) -> Facts:
    low, high = (math.floor(x.low) if x.low > -INF else -INF), (math.ceil(x.high) if x.high < INF else INF)
    return Facts(low, high, whole=True)


def _sign(x: Facts) -> Facts:
    return Facts(-1 if x.low < 0 else 0, 1 if x.high > 0 else 0, x.zero, whole=True)


def _larger(a: Facts, b: Facts) -> Facts:
    zero = (a.zero or b.zero) and not (a.low >= 0 and not a.zero) and not (b.low >= 0 and not b.zero)
    return Facts(max(a.low, b.low), max(a.high, b.high), zero, a.whole and b.whole)


def _smaller(a: Facts, b: Facts) -> Facts:
    return _negative(_larger(_negative(a), _negative(b)))


def _logistic(x: float) -> float:
    small = math.exp(-abs(x))  # which never overflows
    return 1 / (1 + small) if x >= 0 else small / (1 + small)


def _log(x: float) -> float:
    return math.log(x) if x > 0 else -INF


def _log1p(x: float) -> float:
    return math.log1p(x) if x > -1 else -INF


def _softplus(x: float) -> float:
    return max(x, 0.0) + math.log1p(math.exp(-abs(x)))


ROWS: dict[str, Forward] = {
    "add": _add,
    "subtract": lambda a, b: _add(a, _negative(b)),
    "multiply": _multiply,
    "divide": _divide,
    "reciprocal": _reciprocal,
    "negative": _negative,
    "abs": _abs,
    "sign": _sign,
    "square": _square,
    "pow": _pow,
    "maximum": _larger,
    "minimum": _smaller,
    "relu": lambda x: _larger(x, Facts(0, 0)),
    "where": lambda c, a, b: a.join(b),
    "floor": _rounded,
    "ceil": _rounded,
    "rint": _rounded,
    "trunc": _rounded,
    "sqrt": increasing(math.sqrt, 0),
    "rsqrt": lambda x: _reciprocal(ROWS["sqrt"](x)),
    "exp": increasing(math.exp, 0, zero=False),
    "exp2": increasing(lambda x: 2.0**x, 0, zero=False),
    "expm1": increasing(math.expm1, -1),
    "log": increasing(_log, zero=True),
    "log1p": increasing(_log1p),
    "softplus": increasing(_softplus, 0, zero=False),
    "sigmoid": increasing(_logistic, 0, 1, zero=False),
    "sigmoid_slope": between(0, 0.25, zero=False),
    "tanh": increasing(math.tanh, -1, 1),
    "tanh_slope": between(0, 1, zero=False),
    "atan": increasing(math.atan),
    "sinh": increasing(lambda x: math.copysign(_at(math.sinh, abs(x)), x)),
    "asinh": increasing(math.asinh),
    "erf": increasing(math.erf, -1, 1),
    "erfc": between(0, 2, zero=False),
    "ndtr": between(0, 1, zero=False),
    "log_ndtr": between(-INF, 0, zero=False),
    "cosh": between(1, INF),
    "sin": between(-1, 1),
    "cos": between(-1, 1),
    "acos": between(0, math.pi),
    "hypot": between(0, INF),
}


# --- Other ops --------------------------------------------------------------------------------------------------------

MOVES = (BroadcastTo, ExpandDims, Index, Reshape, Squeeze, Transpose, Full, StopGradient, Cut)


def _of_constant(value: np.ndarray[Any, Any]) -> Facts:
    if value.dtype.kind not in "biuf" or not value.size or value.nbytes > Const.LARGE:
        return NOTHING
    low, high = float(value.min()), float(value.max())
    if low != low or high != high:
        return NOTHING
    return Facts(low, high, bool((value == 0).any()), bool((value == np.floor(value)).all()))


def _of_type(node: Node) -> Facts:
    """What the dtype alone says."""
    type_ = node.type
    if not isinstance(type_, TensorType):
        return NOTHING
    kind = kind_of(type_.dtype)
    if kind == "bool":
        return Facts(0, 1, whole=True)
    return Facts(0 if kind == "uint" else -INF, INF, whole=is_integer(type_.dtype))


def _reduced(op: Reduce, node: Node, x: Facts) -> Facts:
    if op.kind in ("max", "min"):
        return x
    count = math.prod(node.inputs[0].sizes[axis] for axis in op.axes)
    if op.kind == "sum":
        zero = x.zero or not x.single_signed or not count
        return Facts(_times(x.low, count), _times(x.high, count), zero, x.whole)
    if op.kind == "prod" and x.low >= 0:
        return Facts(1 if x.low >= 1 else 0, 1 if x.high <= 1 else INF, x.zero, x.whole)
    return NOTHING


def _cast(op: Cast, x: Facts) -> Facts:
    """Floats become ints towards zero; narrower ints wrap around, which only the dtype can speak of."""
    return x if kind_of(op.dtype) == "float" else NOTHING


def _forward(node: Node, inputs: Sequence[Facts]) -> Facts:
    op = node.op
    if isinstance(op, Elementwise):
        row = ROWS.get(op.row.name)
        if row is None or (node.tensor.dtype.kind in "iu" and op.row.name not in ("abs", "sign", "where")):
            return NOTHING  # integers wrap around
        if op.row.name == "multiply" and node.inputs[0] is node.inputs[1]:
            return _square(inputs[0])
        return row(*inputs)
    if isinstance(op, Assume):
        return inputs[0].meet(STATED[op.fact])
    if isinstance(op, MOVES):
        return inputs[0]
    if isinstance(op, Reduce):
        return _reduced(op, node, inputs[0]) if node.tensor.is_float else NOTHING
    if isinstance(op, Cast):
        return _cast(op, inputs[0])
    if isinstance(op, Mean):
        return Facts(inputs[0].low, inputs[0].high, inputs[0].zero or not inputs[0].single_signed)
    if isinstance(op, Var):
        return Facts(0, INF)
    if isinstance(op, Softmax):
        return Facts(0, 1, zero=False)
    if isinstance(op, LogSoftmax):
        return Facts(-INF, 0)
    return NOTHING


def facts(node: Node) -> Facts:
    """What holds of every element of `node`."""
    return _facts(node, {}, DEPTH)


def _is_real_array(node: Node) -> bool:
    """Whether facts can be said of a node: not of complex numbers, nor of several outputs at once."""
    return isinstance(node.type, TensorType) and kind_of(node.type.dtype) != "complex"


def _facts(node: Node, known: dict[Node, Facts], depth: int) -> Facts:
    found = known.get(node)
    if found is not None:
        return found
    if isinstance(node.op, Const):
        found = _of_constant(node.op.value)
    elif not node.inputs or not depth or len(known) >= NODES or not _is_real_array(node.inputs[0]):
        return _of_type(node)
    else:
        known[node] = _of_type(node)  # counted at once, so that a question stays bounded
        made = _forward(node, [_facts(source, known, depth - 1) for source in node.inputs])
        found = made.meet(known[node])
    known[node] = found
    return found


# --- What guards ask --------------------------------------------------------------------------------------------------


def positive(x: Node) -> bool:
    found = facts(x)
    return found.low >= 0 and not found.zero


def nonnegative(x: Node) -> bool:
    return facts(x).low >= 0


def unit(x: Node) -> bool:
    """Whether every element is in [0, 1]."""
    found = facts(x)
    return found.low >= 0 and found.high <= 1


def at_least_one(x: Node) -> bool:
    return facts(x).low >= 1


# --- Assumptions at run time ------------------------------------------------------------------------------------------


def check_assumptions(graph: Graph) -> Graph:
    """A declared graph with each assumption checked when it runs, those in bodies of regions too."""
    new: dict[Node, Node] = {}
    with born_at(None):
        for node in graph.nodes():
            inputs = tuple([new[source] for source in node.inputs])
            op = node.op
            region = op.op if isinstance(op, Late) else op
            if isinstance(region, Region):
                body = check_assumptions(region.body)
                if not same_nodes(body.roots, region.body.roots):
                    checked = region.with_body(body)
                    op = replace(op, op=checked) if isinstance(op, Late) else checked
            same = op is node.op and same_nodes(inputs, node.inputs)
            made = node if same else rebuild(Node(op, inputs, node.type, node.where, node.name), inputs)
            if isinstance(op, Assume):
                made = check(made, ASSUMPTIONS[op.fact](inputs[0]), f"{node.inputs[0].label} is assumed {op.fact}")
                made.where = node.where
            new[node] = made
    return graph.with_roots([new[root] for root in graph.roots])


__all__ = ["Facts", "at_least_one", "check_assumptions", "facts", "nonnegative", "positive", "unit"]
