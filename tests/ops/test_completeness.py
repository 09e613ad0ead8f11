"""No public op, no op class and no example is left out of the op table and its tests."""

from __future__ import annotations

import inspect
import re
from typing import Any

import theon
from tests.op_table import ROWS
from tests.op_table.run import calls, declare
from theon.graph.op import Op
from theon.graph.types import is_inexact
from theon.graph.walk import depends_on, toposort
from theon.ops.elementwise import _OPS
from theon.ops.region import Region

# Families whose public functions are no ops of their own, or are tested by themselves: programs (gradient, regions,
# effects, states), leaves, and draws.
ELSEWHERE = frozenset(
    f"theon.ops.{family}"
    for family in (
        "along",
        "associative",
        "backward",
        "batching",
        "branches",
        "checkpoint",
        "control",
        "derivatives",
        "dtypes",
        "folds",
        "forward",
        "gradient",
        "host",
        "interop",
        "jacobian",
        "log_product",
        "methods",
        "mode",
        "namespace",
        "nn.dropout",
        "optimizers",
        "partial",
        *(
            "random.basic",
            "random.continuous",
            "random.counts",
            "random.discrete",
            "random.draw",
            "random.gamma",
            "random.stream",
            "random.vonmises",
            "random.wald",
        ),
        "region",
        "replace",
        "scan",
        "sizes",
        "state",
        "subgraph",
        "until",
        "values",
        "variables",
        "vectorize",
        "while_loop",
        "whole",
    )
)

# Every op and every elementwise row without a derivative.
NON_DIFFERENTIABLE = frozenset(
    (
        # steps and truth values
        *("equal", "not_equal", "less", "less_equal", "greater", "greater_equal"),
        *("logical_and", "logical_or", "logical_xor", "logical_not", "isnan", "isinf", "isfinite", "signbit"),
        *("bitwise_and", "bitwise_or", "bitwise_xor", "bitwise_invert", "bitwise_left_shift", "bitwise_right_shift"),
        *("nextafter", "spacing", "exponent", "isposinf", "isneginf", "ArgReduce", "Bracket", "FlatNonzero", "OneHot"),
        # whole numbers
        *("gcd", "lcm", "bitwise_count"),
        # bits
        "View",
        # sizes, and what is made of nothing
        *("Size", "Arange", "Eye"),
        # orders of rows
        *("Parity", "Permutation"),
        # orders and places
        *("Order", "SearchSorted"),
        # draws and keys, and what draws inherit from
        *("AdvanceKey", "Discrete", "Draw", "FoldIn", "FoldInIndex", "ParameterDraw", "Standard"),
        # asked for, and a flag
        *("StopGradient", "Mode"),
    )
)
# What only derivatives of rows make.
DERIVATIVES = frozenset(("BoxCoxByPower", "InverseSlope", "PowerOfLog"))
# What the compiler puts other ops in place of before it differentiates.
EXPANDED = frozenset(("AssociativeScan", "Gradient", "Vectorized"))


def resolved(name: str) -> Any:
    """The public object that a dotted name means."""
    found: Any = theon
    for part in name.split("."):
        found = getattr(found, part)
    return found


def public_functions() -> dict[str, Any]:
    """All public functions that the op families define, by their names."""
    found = {}
    for prefix, room in (("", theon), ("fft.", theon.fft), ("linalg.", theon.linalg), ("nn.", theon.nn)):
        for name in getattr(room, "__all__", None) or [n for n in vars(room) if not n.startswith("_")]:
            function = getattr(room, name)
            home = getattr(function, "__module__", None) or ""
            if inspect.isfunction(function) and home.startswith("theon.ops.") and home not in ELSEWHERE:
                found[prefix + name] = function
    return found


def op_classes() -> set[type[Op]]:
    """Every op class of the families, but for what only others inherit from."""
    found: set[type[Op]] = set()
    waiting = [Op]
    while waiting:
        kinds = waiting.pop().__subclasses__()
        waiting += kinds
        found.update(kind for kind in kinds if kind.__module__.startswith("theon.ops.") and kind is not Region)
    return {kind for kind in found if not kind.__name__.startswith("_")}


def test_every_public_op_has_a_row() -> None:
    """Add the row in `tests/op_table`, in the file of the op's family."""
    for row in ROWS:
        for alias in row.aliases:
            assert resolved(alias) is resolved(row.name), f"{alias} is not {row.name}"
    covered = {id(resolved(row.name)) for row in ROWS}
    missing = [name for name, function in public_functions().items() if id(function) not in covered]
    assert not missing, f"no row in the op table for {', '.join(missing)}"


def test_every_op_class_is_met_by_a_row() -> None:
    """The rows together declare every op there is."""
    met = {type(node.op) for row in ROWS for call in calls(row) for node in toposort(declare(row, call)[1])}
    missing = {kind.__name__ for kind in op_classes() if kind not in met and kind.__module__ not in ELSEWHERE}
    missing -= DERIVATIVES
    assert not missing, f"no row makes a node of {', '.join(sorted(missing))}"


def test_every_op_is_differentiable_or_said_not_to_be() -> None:
    """The list above is complete, and nothing on it has a derivative."""
    without = {kind.__name__ for kind in op_classes() if kind.vjp is Op.vjp and not issubclass(kind, Region)}
    without |= {name for name, op in _OPS.items() if not op.row.derivatives}
    assert without - EXPANDED == NON_DIFFERENTIABLE
    for region in op_classes():
        if issubclass(region, Region) and region.__name__ not in EXPANDED:
            assert region.region_vjp is not Region.region_vjp, region.__name__


def test_rows_that_are_not_differentiable_have_a_reason() -> None:
    """No float result of theirs depends differentiably on a float operand."""
    for row in ROWS:
        if not row.differentiable:
            inputs, outputs = declare(row, (row.cases[0], row.dtypes[0]))
            reached = depends_on(outputs, [node for node in inputs if is_inexact(node.dtype)])
            assert not any(node in reached and is_inexact(node.dtype) for node in outputs), row.name


EXAMPLE = re.compile(r"^>>> print\((.*)\.eval\(\)\)\n(.*)$", re.MULTILINE)


def test_examples_of_table_functions() -> None:
    """What `unary` and `binary` make stands in no module's own code, where the test of docstrings would look."""
    found: dict[str, str] = {}
    for name, function in public_functions().items():
        if function.__module__ == theon.ops.elementwise.__name__ and function is not theon.astype:
            examples = EXAMPLE.findall(function.__doc__)
            assert len(examples) == 1, name
            found.update(examples)
    nodes = [eval(expression, {"theon": theon}) for expression in found]
    values = theon.function([], nodes)()
    assert [str(value) for value in values] == list(found.values())
