"""The judge is judged: derivatives against mpmath's own, errors against counted ones, the grid against its promise."""

import math
from collections.abc import Callable
from typing import Any

import mpmath
import numpy as np
import pytest
from mpmath import mpf

from . import jet as jets
from .grid import BELOW_ZERO, INTERVAL, LARGEST, LOGITS, POSITIVE, REAL, TINY, UNIT, VECTOR, domain
from .jet import Jet, Lost
from .row import Row
from .score import judged, ulps
from .truth import UNARY, truth

pytestmark = pytest.mark.optimized

REFERENCE: dict[str, Callable[[Any], Any]] = {
    "sigmoid": lambda x: 1 / (1 + mpmath.exp(-x)),
    "lgamma": mpmath.loggamma,
}
INSIDE = dict.fromkeys(("log", "sqrt", "lgamma", "digamma"), (0.3, 1.7, 4.2))
X, Y = (domain([v]) for v in (1.25, -0.5))


def only(row: Row) -> Any:
    (point,) = row.points
    found = truth(row, point)
    assert found is not None
    return found


@pytest.mark.parametrize("name", UNARY)
def test_derivatives_of_functions(name: str) -> None:
    reference = REFERENCE.get(name) or getattr(mpmath, name)
    with mpmath.workprec(200):
        for at in INSIDE.get(name, (-0.7, 0.3, 2.1)):
            x = mpf(at)
            found = getattr(jets, name)(Jet(x, {0: mpf(1)}))
            for got, order in ((found.value, 0), (found.first[0], 1), (found.second.get((0, 0), 0), 2)):
                true = mpmath.diff(reference, x, order) if order else reference(x)
                assert abs(got - true) <= mpf(10) ** -25 * max(1, abs(true))


def test_derivatives_of_a_composite() -> None:
    """(x * y - exp(x) / y)**2 - 3**x, by hand-made mixed differences of mpmath."""

    def formula(x: Any, y: Any, exp: Callable[[Any], Any] = mpmath.exp) -> Any:
        return (x * y - exp(x) / y) ** 2 - 3**x

    with mpmath.workprec(300):
        x, y = mpf("1.25"), mpf("-0.5")
        found = formula(Jet(x, {0: mpf(1)}), Jet(y, {1: mpf(1)}), jets.exp)
        orders = {(0,): (1, 0), (1,): (0, 1), (0, 0): (2, 0), (0, 1): (1, 1), (1, 1): (0, 2)}
        for place, order in orders.items():
            got = found.first[place[0]] if len(place) == 1 else found.second[place]
            true = mpmath.diff(formula, (x, y), order)
            assert abs(got - true) <= mpf(10) ** -20 * abs(true)


def test_conditions_of_value_and_gradient() -> None:
    """x * y**2: the value moves by 1 + 2 relative changes, the gradient entries y**2 and 2 * x * y by 2 and 1 + 1."""
    found = only(Row("", lambda m, x, y: x * y * y, (X, Y)))
    assert found.value == mpf("0.3125") and found.gradient == (mpf("0.25"), mpf("-1.25"))
    assert (found.value_condition, *found.gradient_conditions) == (3.0, 2.0, 2.0)


def test_precision_grows_until_it_is_enough() -> None:
    """1 - tanh(x)**2 at 300 needs some 900 bits."""
    found = only(Row("", lambda m, x: m.log(1 - m.tanh(x) ** 2), (domain([300.0]),)))
    with mpmath.workprec(100):
        assert abs(found.value - (2 * mpmath.log(2) - 600)) < mpf(10) ** -20


def test_what_is_out_of_reach_is_said_so() -> None:
    row = Row("", lambda m, x: m.log(1 - m.tanh(x) ** 2), (domain([1e30]),))
    assert truth(row, row.points[0]) is None
    with pytest.raises(Lost):
        jets.log(Jet(mpf(0)))


def test_ulps_are_counted() -> None:
    one, eps = np.float32(1), np.finfo(np.float32).eps
    assert ulps(float(one + 3 * eps), mpf(1)) == 3
    assert ulps(float(np.nextafter(np.float32(4), np.float32(0))), mpf(4)) == 0.5
    assert ulps(0.0, mpf(2) ** -140) == 2.0**9


def test_what_is_judged() -> None:
    point = (np.asarray(1, np.float32),)
    fine = judged(point, "value", 1.0, mpf(1), 1.0)
    assert fine is not None and fine.error == 0
    excused = judged(point, "value", 1 + 2**-20, mpf(1), 4.0)
    assert excused is not None and excused.error == 2  # 8 ulps, of which the conditioning excuses a factor of 4
    wrong = judged(point, "value", math.nan, mpf(10) ** -60, 1.0)
    assert wrong is not None and wrong.error == math.inf
    assert judged(point, "value", 0.0, mpf(10) ** -37, 1.0) is None  # flushed on the way
    assert judged(point, "value", math.inf, mpf(10) ** 39, 1.0) is None  # overflows rightly
    assert judged(point, "d/dx", 0.0, mpf("nan"), 1.0) is None  # a kink


def test_the_grid_spans_float32() -> None:
    real, positive = ({float(p) for p in d.points} for d in (REAL, POSITIVE))
    assert {-LARGEST, -TINY, 0.0, TINY, LARGEST, -1.0, 1.0} <= real
    assert positive == {x for x in real if x > 0} and len(positive) > 60
    assert all(0 < float(p) < 1 for p in UNIT.points) and all(-1 < float(p) < 1 for p in INTERVAL.points)
    assert {-float(p) for p in BELOW_ZERO.points} == positive
    decades = {math.floor(math.log10(x) / 8) for x in positive}
    assert decades == set(range(min(decades), max(decades) + 1)) and min(decades) <= -5 and max(decades) >= 4
    for vectors in (LOGITS, VECTOR):
        sizes = [np.max(np.abs(p)) for p in vectors.points]
        assert max(sizes) >= 1e38 and min(size for size in sizes if size) <= 1e-30
