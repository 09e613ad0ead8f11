"""Steps of random graphs: one drawer for each family of ops."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, TypeAlias

import theon
from theon.graph.node import Node
from theon.ops.elementwise import elementwise, elementwise_op
from theon.ops.log_product import log_product
from theon.ops.moments import Mean
from theon.ops.reduce import Reduce
from theon.ops.whole import log_mean_exp, log_prod, norm, weighted_logsumexp

from .draft import Draft

Drawer: TypeAlias = Callable[[Draft], "Node | None"]

SMOOTH = (
    "exp", "exp", "exp", "log", "log", "log", "expm1", "log1p", "sqrt", "sqrt", "square", "square", "negative",
    "negative", "reciprocal", "tanh", "tanh", "sigmoid", "sigmoid", "sinh", "cosh", "sin", "cos", "abs", "softplus",
    "relu", "erf", "erfc", "ndtr",
)  # fmt: skip
SPECIAL = (
    "exp2", "log2", "log10", "rsqrt", "cbrt", "tan", "asin", "acos", "atan", "asinh", "acosh", "atanh", "log1mexp",
    "logit", "entr", "log_ndtr", "erfcx", "erfinv", "ndtri", "gammaln", "digamma", "log_cosh", "sign", "floor", "ceil",
    "rint", "trunc", "exp_rest", "sin_rest", "tanh_rest", "log1p_rest", "versine", "log1p_square", "softsign", "isru",
    "sech",    "log_erfc",
)  # fmt: skip
BINARY = (
    "add", "add", "subtract", "subtract", "multiply", "multiply", "divide", "divide", "maximum", "minimum", "pow",
    "logaddexp", "hypot", "atan2", "xlogy", "xlog1py", "remainder", "fmod", "floor_divide", "betaln", "copysign",
    "powm1", "hypot_excess", "sqrt_gap", "log1p_ratio", "log1p_square_over", "ndtr_gap",
)  # fmt: skip
# What brings numbers into the domain of a function.
POSITIVE = ("exp", "square", "abs", "softplus", "sigmoid", "cosh")
UNIT = ("sigmoid", "ndtr", "tanh")
DOMAINS: dict[str, Sequence[str]] = {
    **dict.fromkeys(("log", "sqrt", "log2", "log10", "rsqrt", "gammaln", "digamma", "entr", "reciprocal"), POSITIVE),
    **dict.fromkeys(("asin", "acos", "atanh", "erfinv", "ndtri", "logit", "log1p", "log1p_rest"), UNIT),
    "acosh": ("cosh",),
}


def row(name: str, *operands: Any) -> Node:
    return elementwise(elementwise_op(name), *operands)


def inside(draft: Draft, name: str, x: Node) -> Node:
    """An operand that a function is mostly defined of."""
    domain = DOMAINS.get(name)
    if name == "log1mexp":
        return -row(draft.rng.choice(("exp", "softplus", "abs")), x)
    if domain is None or draft.chance(0.35):
        return x
    made = row(draft.rng.choice(domain), x)
    return made if draft.chance(0.7) else made + draft.rng.choice((0.5, 1.0))


def unary(draft: Draft) -> Node:
    name = draft.rng.choice(SMOOTH if draft.chance(0.72) else SPECIAL)
    return row(name, inside(draft, name, draft.some()))


def binary(draft: Draft) -> Node:
    name = draft.rng.choice(BINARY[:10] if draft.chance(0.8) else BINARY)
    x = draft.some()
    y: Any = draft.fitting(x) if draft.chance(0.85) else x
    if name in ("divide", "xlogy", "pow", "powm1", "betaln", "log1p_ratio", "log1p_square_over"):
        at = "log" if draft.chance(0.5) else ""
        if name == "divide":
            y = inside(draft, at, y)
        elif name in ("xlogy", "log1p_ratio", "log1p_square_over"):
            y = inside(draft, "log", y)
        else:
            x = inside(draft, "log", x)
        if name == "betaln":
            y = inside(draft, "log", y)
    return row(name, x, y)


def with_constant(draft: Draft) -> Node:
    name = draft.rng.choice(("add", "subtract", "subtract", "multiply", "divide", "pow", "maximum", "minimum"))
    x, value = draft.some(), draft.constant()
    constant: Any = value
    if draft.chance(0.15):
        constant = theon.full(x.sizes, value, dtype=draft.dtype)
    swapped = draft.chance(0.5) and name != "pow"
    return row(name, constant, x) if swapped else row(name, x, constant)


def reduction(draft: Draft) -> Node:
    x = draft.some()
    axes, keep = draft.axes(x.ndim), draft.chance(0.35)
    functions = (theon.sum, theon.sum, theon.sum, theon.mean, theon.prod, theon.max, theon.min, theon.var, theon.std)
    return draft.rng.choice(functions)(x, axes, keep)


def normalised(draft: Draft) -> Node | None:
    x = draft.some()
    if not x.ndim:
        return None
    function = draft.rng.choice((theon.softmax, theon.log_softmax, theon.logsumexp))
    return function(x, draft.axes(x.ndim))


def move(draft: Draft) -> Node:
    x, rng = draft.some(), draft.rng
    which = rng.randrange(7)
    if which == 0:
        return theon.reshape(x, rng.choice(((-1,), (1, -1), (-1, 1), x.sizes, x.sizes[::-1])))
    if which == 1:
        return theon.transpose(x)
    if which == 2:
        return theon.expand_dims(x, rng.randrange(-1 - x.ndim, x.ndim + 1))
    if which == 3:
        return theon.squeeze(x)
    if which == 4:
        shape = rng.choice(draft.shapes)
        return theon.broadcast_to(x, shape if len(shape) >= x.ndim else (2, *x.sizes))
    if which == 5:
        return theon.reshape(theon.reshape(x, (-1,)), x.sizes)
    return theon.transpose(theon.transpose(x))


def index(draft: Draft) -> Node | None:
    x, rng = draft.some(), draft.rng
    if not x.ndim:
        return x[None]
    entries: list[Any] = []
    for size in x.sizes:
        kinds = [slice(None), slice(None), rng.randrange(-size, size), slice(None, None, -1), slice(0, size, 2)]
        if size > 1:
            kinds += [slice(1, None), slice(None, -1)]
        entries.append(rng.choice(kinds))
    if draft.chance(0.3):
        axis = rng.randrange(x.ndim)
        dims = rng.choice(((), (2,), (2,), (3,)))
        at = draft.leaf(dims, "int32", f"i{len(draft.inputs)}")
        draft.points[at] %= x.sizes[axis]
        entries[axis] = at if draft.chance(0.8) else [0, x.sizes[axis] - 1]
    if draft.chance(0.2):
        entries.insert(rng.randrange(len(entries) + 1), None)
    return x[tuple(entries)]


def update(draft: Draft) -> Node | None:
    x, rng = draft.some(), draft.rng
    if not x.ndim:
        return None
    base = theon.zeros(x.sizes, dtype=draft.dtype) if draft.chance(0.4) else x
    at: Any = rng.choice((0, slice(0, 1), [0, 0], [x.sizes[0] - 1]))
    part = base[at]
    value: Any = draft.shaped(part.sizes) or draft.shaped(()) or draft.constant()
    made = theon.inc_subtensor(part, value) if draft.chance(0.6) else theon.set_subtensor(part, value)
    return x + made if base is not x else made


def choice(draft: Draft) -> Node:
    x = draft.some()
    y: Any = draft.constant() if draft.chance(0.4) else draft.fitting(x)
    test = draft.condition(x)
    if draft.chance(0.5):
        x = row(draft.rng.choice(("log", "sqrt", "reciprocal", "exp")), x)
    return theon.where(test, x, y) if draft.chance(0.5) else theon.where(test, y, x)


def product(draft: Draft) -> Node | None:
    x, rng = draft.some(), draft.rng
    if not x.ndim:
        x = next((node for node in reversed(draft.pool) if node.ndim), x)
    if not x.ndim:
        return None
    if x.ndim == 1:
        matrices = [node for node in draft.pool if node.ndim == 2 and node.sizes[1] == x.sizes[0]]
        other = draft.shaped(x.sizes) or x
        return theon.matmul(rng.choice(matrices), x) if matrices and draft.chance(0.5) else theon.matmul(x, other)
    y = draft.shaped(x.sizes) or x
    if x.ndim == 2 and draft.chance(0.5):
        return theon.einsum(rng.choice(("ij,ij->i", "ij,ij->", "ij,kj->ik", "ij,ij->ji", "ij,ik->jk")), x, y)
    if draft.chance(0.3):
        return theon.matmul(draft.shaped((x.sizes[-2],)) or x.T, x)
    return theon.matmul(x, theon.swapaxes(y, -1, -2))


def joined(draft: Draft) -> Node | None:
    x = draft.some()
    y = draft.shaped(x.sizes) or x
    if not x.ndim or draft.chance(0.4):
        return theon.stack([x, y], draft.rng.randrange(x.ndim + 1))
    axis = draft.rng.randrange(x.ndim)
    if draft.chance(0.3) and x.sizes[axis] > 1:
        first, *rest = theon.split(x, [1], axis)
        return theon.concat([*rest, first], axis)
    return theon.concat([x, y], axis)


def cast(draft: Draft) -> Node:
    x = draft.some()
    other = "float64" if draft.dtype == "float32" else "float32"
    which = draft.rng.randrange(4)
    if which == 0:
        return theon.astype(row(draft.rng.choice(SMOOTH[:12]), theon.astype(x, other)), draft.dtype)
    if which == 1:
        return theon.astype(draft.condition(x), draft.dtype)
    if which == 2:
        return theon.astype(theon.sum(theon.astype(draft.condition(x), "int32")), draft.dtype)
    return theon.astype(theon.astype(x, other), draft.dtype)


def assumed(draft: Draft) -> Node:
    """An assumption that holds."""
    x = draft.some()
    fact = draft.rng.choice(("positive", "nonnegative", "unit", "integer"))
    if fact == "positive":
        x = row("abs", x) + draft.rng.choice((1.0, 0.5, 1e-3))
    elif fact == "nonnegative":
        x = row(draft.rng.choice(("abs", "square", "relu")), x)
    elif fact == "unit":
        x = theon.minimum(row(draft.rng.choice(("abs", "square")), x), 1.0) if draft.chance(0.6) else row("sigmoid", x)
    else:
        x = row("rint", x)
    return theon.assume(x, fact)


def test(draft: Draft) -> Node:
    """A bool, for choices to come."""
    if draft.chance(0.3):
        x = draft.some()
        return draft.leaf(x.sizes, "bool", f"b{len(draft.inputs)}")
    return draft.condition(draft.some())


def repaired(draft: Draft, x: Node) -> Node:
    """What only rewrites make: its derivatives are held to differences."""
    which = draft.rng.randrange(5)
    axes = (draft.rng.randrange(x.ndim),) if x.ndim else ()
    if which == 0:
        return log_mean_exp(x, axes, False)
    if which == 1:
        return weighted_logsumexp(x, theon.broadcast_to(1 + row("square", x), x.sizes), axes)
    if which == 2:
        return log_prod(row("abs", x), axes, draft.chance(0.5))
    if which == 3:
        return norm(x, axes, draft.chance(0.5))
    y = draft.fitting(x)
    power: Any = row("tanh", y) if draft.chance(0.5) else draft.rng.choice((2.0, -1.0, 0.5))
    return log_product([(row("abs", x), power), (row("exp", y), 1.0)])


def whole(draft: Draft) -> Node:
    """Composites that users name."""
    x = draft.some()
    which = draft.rng.randrange(7)
    if which == 0:
        return theon.clip(x, -1.0, 1.0)
    if which > 4:
        return repaired(draft, x)
    if which == 1 and x.ndim:
        return Reduce("sum", (0,))(x * x) ** 0.5
    if which == 2 and x.ndim:
        return Mean((0,))(x)
    if which == 3:
        return theon.nn.binary_cross_entropy(x, row("sigmoid", x))
    return theon.log(theon.sum(theon.exp(x)))


DRAWERS: tuple[tuple[int, Drawer], ...] = (
    (22, unary),
    (14, binary),
    (14, with_constant),
    (7, reduction),
    (3, normalised),
    (5, move),
    (4, index),
    (2, update),
    (5, choice),
    (5, product),
    (2, joined),
    (2, cast),
    (2, assumed),
    (1, test),
    (3, whole),
)
WEIGHTS = [weight for weight, _ in DRAWERS]
FUNCTIONS = [function for _, function in DRAWERS]


def drawn(draft: Draft) -> Node | None:
    """One step of a family drawn at random."""
    (function,) = draft.rng.choices(FUNCTIONS, WEIGHTS)
    return function(draft)


__all__ = ["SMOOTH", "Drawer", "drawn", "row"]
