"""Gradients at the edges of domains: branches not taken do not reach them, and kinks have finite ones."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeAlias

import numpy as np
import pytest

import theon
from theon.graph.node import Node

Array: TypeAlias = "np.ndarray[Any, Any]"
where, exp, log, sqrt, total = theon.where, theon.exp, theon.log, theon.sqrt, theon.sum

# A choice, where it is taken, and what it is there with its first and second derivative; elsewhere all three are 0.
CHOICES: dict[str, tuple[Callable[[Node], Node], Callable[[Array], Array], tuple[Callable[[Array], Array], ...]]] = {
    "log": (
        lambda x: where(x > 0, log(x), 0),
        lambda x: x > 0,
        (np.log, lambda x: 1 / x, lambda x: -1 / x**2),
    ),
    "the other branch": (
        lambda x: where(x <= 0, 0, log(x)),
        lambda x: x > 0,
        (np.log, lambda x: 1 / x, lambda x: -1 / x**2),
    ),
    "sqrt": (
        lambda x: where(x > 0, sqrt(x), 0),
        lambda x: x > 0,
        (np.sqrt, lambda x: 0.5 / np.sqrt(x), lambda x: -0.25 * x**-1.5),
    ),
    "x ** 0.5": (
        lambda x: where(x > 0, x**0.5, 0),
        lambda x: x > 0,
        (np.sqrt, lambda x: 0.5 / np.sqrt(x), lambda x: -0.25 * x**-1.5),
    ),
    "x ** 1.5": (
        lambda x: where(x > 0, x**1.5, 0),
        lambda x: x > 0,
        (lambda x: x**1.5, lambda x: 1.5 * x**0.5, lambda x: 0.75 * x**-0.5),
    ),
    "1 / x": (
        lambda x: where(theon.equal(x, 0), 0, 1 / x),
        lambda x: x != 0,
        (lambda x: 1 / x, lambda x: -1 / x**2, lambda x: 2 / x**3),
    ),
    "reciprocal": (
        lambda x: where(theon.not_equal(x, 0), theon.reciprocal(x), 0),
        lambda x: x != 0,
        (lambda x: 1 / x, lambda x: -1 / x**2, lambda x: 2 / x**3),
    ),
    "entr": (
        lambda x: where(x > 0, theon.entr(x), 0),
        lambda x: x > 0,
        (lambda x: -x * np.log(x), lambda x: -np.log(x) - 1, lambda x: -1 / x),
    ),
    "xlog1py": (
        lambda x: where(x > -1, theon.xlog1py(2.0, x), 0),
        lambda x: x > -1,
        (lambda x: 2 * np.log1p(x), lambda x: 2 / (1 + x), lambda x: -2 / (1 + x) ** 2),
    ),
    "a safe argument that is none further out": (
        lambda x: where(x > 0, theon.remainder(7.25, theon.expm1(x)) * x, 0),
        lambda x: x > 0,
        (
            lambda x: np.remainder(7.25, np.expm1(x)) * x,
            lambda x: np.remainder(7.25, np.expm1(x)) - np.floor(7.25 / np.expm1(x)) * np.exp(x) * x,
            lambda x: -np.floor(7.25 / np.expm1(x)) * np.exp(x) * (x + 2),
        ),
    ),
    "a chain": (
        lambda x: where(x > 1, log(sqrt(x - 1)) * 2, 0),
        lambda x: x > 1,
        (lambda x: np.log(x - 1), lambda x: 1 / (x - 1), lambda x: -1 / (x - 1) ** 2),
    ),
    "exp": (
        lambda x: where(x < 10, exp(x * 100 - 2000), 0),
        lambda x: x < 10,
        (lambda x: 0 * x, lambda x: 0 * x, lambda x: 0 * x),
    ),
    "asin": (
        lambda x: where(abs(x) < 1, theon.asin(x), 0),
        lambda x: abs(x) < 1,
        (np.arcsin, lambda x: (1 - x * x) ** -0.5, lambda x: x * (1 - x * x) ** -1.5),
    ),
    "nested": (
        lambda x: where(x > 0, where(x > 1, log(x - 1), sqrt(x)), 0) * (x > 1),
        lambda x: x > 1,
        (lambda x: np.log(x - 1), lambda x: 1 / (x - 1), lambda x: -1 / (x - 1) ** 2),
    ),
    "missing data": (
        lambda x: where(theon.isnan(x), 0, x * x * x),
        lambda x: ~np.isnan(x),
        (lambda x: x**3, lambda x: 3 * x * x, lambda x: 6 * x),
    ),
    "by hand": (
        lambda x: where(x > 0, log(where(x > 0, x, 1)), 0),
        lambda x: x > 0,
        (np.log, lambda x: 1 / x, lambda x: -1 / x**2),
    ),
}
POINTS = np.array([-30, -1, -0.5, 0, 0.25, 0.5, 1, 2, 30], np.float64)


def derived(value: Node, x: Node) -> list[Node]:
    """A value with its gradient and its second one, element by element."""
    gradient = theon.grad(total(value), x)
    return [value, gradient, theon.grad(total(gradient), x)]


def test_nested_choices_do_not_grow() -> None:
    """Each round of differentiation meets what the one before has made safe."""
    x = theon.vector("x")
    node = total(where(x > 0, where(x > 1, log(x - 1), sqrt(x)), 0))
    sizes = []
    for _ in range(3):
        node = total(theon.grad(node, x))
        f = theon.function([x], node)
        f(np.ones(3, np.float32))
        sizes.append(len(str(theon.dprint(f)).splitlines()))
    assert sizes[2] - sizes[1] < 2 * (sizes[1] - sizes[0]) + 20


@pytest.mark.parametrize("name", CHOICES)
def test_choices(name: str) -> None:
    """By the input and by an intermediate, in a loop and out of it."""
    make, taken, truths = CHOICES[name]
    x, z = theon.dvector("x"), theon.dvector("z")
    h = z * 2
    points = np.append(POINTS, np.nan) if name == "missing data" else POINTS
    _, scanned = theon.scan(lambda c, e: (c, make(e)), theon.constant(0.0), x)
    run = theon.function([x, z], [*derived(make(x), x), *derived(make(h), h), *derived(scanned, x)])
    found = [np.asarray(part) for part in run(points, points / 2)]
    here = taken(points)
    for order, truth in enumerate(truths):
        wanted = np.zeros_like(points)
        wanted[here] = truth(points[here])
        for part in found[order::3]:
            np.testing.assert_allclose(part, wanted, rtol=1e-12, err_msg=f"order {order}")


def test_the_value_is_untouched() -> None:
    """To the last bit, what is not finite included; and where nobody differentiates, so is the program."""
    x = theon.vector("x")
    data = np.array([-np.inf, -1, -0.0, 0, 1e-30, 1, np.inf, np.nan], np.float32)
    for make, _, _ in CHOICES.values():
        value = make(x)
        alone, together = theon.function([x], value), theon.function([x], derived(value, x))
        np.testing.assert_array_equal(np.asarray(alone(data)), np.asarray(together(data)[0]))
    plain = theon.function([x], where(x > 0, log(x), 0))
    plain(data)
    assert str(theon.dprint(plain)).count("where") == 1


def test_masked_quotients() -> None:
    """`x / y` where y is not 0, by both; the norm of a row that is 0; a scalar condition."""
    x, y, m = theon.vector("x"), theon.vector("y"), theon.matrix("m")
    ratio = where(theon.equal(y, 0), 0, x / y)
    by_x, by_y = theon.function([x, y], theon.grad(total(ratio), [x, y]))([1.0, 2.0, 3.0], [0.0, 2.0, -4.0])
    np.testing.assert_allclose(by_x, [0, 0.5, -0.25])
    np.testing.assert_allclose(by_y, [0, -0.5, -3 / 16])
    length = sqrt(total(theon.square(m), axis=1, keepdims=True))
    unit = where(length > 0, m / length, 0)
    found = theon.function([m], theon.grad(total(unit[:, 0]), m))([[0.0, 0.0], [3.0, 4.0]])
    np.testing.assert_allclose(found, np.array([[0, 0], [16 / 125, -12 / 125]]), rtol=1e-5)


def test_the_other_users_of_an_argument_keep_theirs() -> None:
    """What is not masked has the slope that it has."""
    x = theon.vector("x")
    both = total(where(x > 0, log(x), 0) + sqrt(x))
    found = np.asarray(theon.function([x], theon.grad(both, x))([0.0, 4.0]))
    np.testing.assert_allclose(found, [np.inf, 0.5])


def test_facts_make_choices_needless() -> None:
    """No argument is chosen that can only be inside."""
    x = theon.vector("x")
    for inside in (log(1 + exp(x) + 1), sqrt(1 + x * x), theon.assume(x, "positive") ** 2 / (1 + abs(x))):
        cost = total(where(x > 0, inside, 0))
        f = theon.function([x], theon.grad(cost, x))
        f([1.0, 2.0])
        assert str(theon.dprint(f)).count("where") == 1


# --- Kinks ------------------------------------------------------------------------------------------------------------

# At 0: the slope, and the slope of the slope.
AT_ZERO: dict[str, tuple[Callable[[Node], Node], float, float]] = {
    "abs(x)": (abs, 0, 0),
    "sqrt(x**2)": (lambda x: sqrt(x**2), 0, 0),
    "sqrt(x * x)": (lambda x: sqrt(x * x), 0, 0),
    "(x**2)**0.5": (lambda x: (x**2) ** 0.5, 0, 0),
    "x**1": (lambda x: x**1, 1, 0),
    "x**2": (lambda x: x**2, 0, 2),
    "x**2.0": (lambda x: x**2.0, 0, 2),
    "x**3": (lambda x: x**3, 0, 0),
    "x**1.5": (lambda x: x**1.5, 0, np.inf),
    "x**0": (lambda x: x**0, 0, 0),
    "relu(x)": (theon.nn.relu, 0, 0),
    "sqrt(x)": (sqrt, np.inf, -np.inf),  # there is no finite one
    "x**0.5": (lambda x: x**0.5, np.inf, -np.inf),
    "hypot(x, 0)": (lambda x: theon.hypot(x, 0.0), 0, 0),
    "x**2.5": (lambda x: x**2.5, 0, 0),
    "sqrt(x)**2": (lambda x: sqrt(x) ** 2, 1, 0),
    "sqrt(x) * sqrt(x)": (lambda x: sqrt(x) * sqrt(x), 1, 0),
    "sqrt(x**4)": (lambda x: sqrt(x**4), 0, 2),
    "where(x > 0, x, -x)": (lambda x: where(x > 0, x, -x), -1, 0),
    "where(x >= 0, x, -x)": (lambda x: where(x >= 0, x, -x), 1, 0),
}


@pytest.mark.parametrize("name", AT_ZERO)
def test_at_zero(name: str) -> None:
    make, slope, curve = AT_ZERO[name]
    x = theon.vector("x")
    _, first, second = theon.function([x], derived(make(x) + 0 * x, x))([0.0])
    np.testing.assert_array_equal([float(first[0]), float(second[0])], [slope, curve])


# What docstrings say of gradients at 0: whose, the words, and the slopes at 0 that they mean.
STATED: tuple[tuple[Callable[..., Any], str, dict[float, Callable[[Node], Node]]], ...] = (
    (theon.abs, "The gradient at 0 is 0.", {0.0: theon.abs}),
    (theon.sqrt, "The gradient at 0 is infinite", {np.inf: sqrt}),
    (theon.sqrt, "of sqrt(x**2) and of sqrt(sum(x**2)) it is 0", {0.0: lambda x: sqrt(x**2) + sqrt(total(x**2))}),
    (theon.cbrt, "The gradient at 0 is infinite", {np.inf: theon.cbrt}),
    (theon.hypot, "The gradient at (0, 0) is 0.", {0.0: lambda x: theon.hypot(x, 2 * x)}),
    (theon.nn.relu, "its derivative at 0 is 0", {0.0: theon.nn.relu}),
    (theon.std, "Where all elements are equal the gradient is 0.", {0.0: theon.std}),
    (theon.maximum, "each gets half the gradient", {0.5: lambda x: theon.maximum(x, 0.0)}),
    (theon.pow, "0 for the exponent 0 and above 1", {0.0: lambda x: x**0.0 + x**1.25 + x**3.0}),
    (theon.pow, "1 for 1", {1.0: lambda x: x**1.0}),
    (theon.pow, "infinite between", {np.inf: lambda x: x**0.25, -np.inf: lambda x: x**-1.5}),
    (theon.where, "the slope is that of the chosen one", {3.0: lambda x: where(x < 0, x, 3 * x)}),
    (theon.where, "branch may have a pole there", {1.0: lambda x: where(x > 0, log(x), x)}),
)


@pytest.mark.parametrize(("function", "words", "slopes"), STATED, ids=lambda part: part if type(part) is str else "")
def test_what_is_said_of_0_is_so(
    function: Callable[..., Any], words: str, slopes: dict[float, Callable[[Node], Node]]
) -> None:
    assert words in " ".join((function.__doc__ or "").split())
    x, e = theon.vector("x"), theon.vector("e")
    for slope, make in slopes.items():
        found = theon.function([x], theon.grad(total(make(x)), x))([0.0, 0.0])
        np.testing.assert_array_equal(np.asarray(found), [slope, slope])
    if function is theon.pow:  # exponents at run time say the same
        run = theon.function([x, e], theon.grad(total(x**e), x))
        found = run([0.0] * 6, [0.0, 1.0, 1.25, 3.0, 0.25, -1.5])
        np.testing.assert_array_equal(np.asarray(found), [0, 1, 0, 0, np.inf, -np.inf])


NORMS: dict[str, Callable[[Node], Node]] = {
    "square": lambda x: sqrt(total(theon.square(x))),
    "x * x": lambda x: sqrt(total(x * x)),
    "x ** 2": lambda x: sqrt(total(x**2)),
    "to the half": lambda x: (x**2).sum() ** 0.5,
    "keepdims": lambda x: sqrt(total(x * x, keepdims=True))[0],
}


@pytest.mark.parametrize("name", NORMS)
def test_norms(name: str) -> None:
    """Of numbers of any size; the gradient is the unit vector, and 0 at 0."""
    x = theon.vector("x")
    value = NORMS[name](x)
    run = theon.function([x], [value, theon.grad(value, x), theon.grad(total(theon.grad(value, x)), x)])
    for size in (0, 1e-30, 1e-19, 1e-10, 1, 1e10, 1e19, 1e30, 1e37):  # XLA flushes 1 / 1e38
        data = (size * np.array([3, -4, 0])).astype(np.float32)
        length, gradient, curve = (np.asarray(part) for part in run(data))
        np.testing.assert_allclose(length, 5 * size, rtol=5e-7)
        np.testing.assert_allclose(gradient, [0.6, -0.8, 0] if size else [0, 0, 0], rtol=1e-6)
        if 1e-10 <= size <= 1e30:
            unit = np.array([0.6, -0.8, 0])
            wanted = (1 - unit * unit.sum()) / (5 * size)
            np.testing.assert_allclose(curve, wanted, rtol=1e-5, atol=1e-7 / size)


def test_norms_of_other_widths() -> None:
    for dtype, sizes in (
        ("float64", (1e-300, 1e-170, 1.0, 1e170, 1e300)),
        ("float16", (1e-3, 1.0, 1e3)),
        ("bfloat16", (1.0, 1e30)),
    ):
        x = theon.tensor("x", shape=(2, 2), dtype=dtype)
        run = theon.function([x], sqrt(total(x * x, axis=1)), allow_input_downcast=True)
        for size in sizes:
            data = np.array([[3, 4], [0, 1]]) * size
            found = np.asarray(run(data.astype(x.dtype))).astype(float)
            np.testing.assert_allclose(found, [5 * size, size], rtol=1e-14 if dtype == "float64" else 2e-2)
