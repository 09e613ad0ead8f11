"""Random calls of reductions, of moves and of sorting, against NumPy: the same values, or an error where it has one."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

import theon
from tests.op_table.run import assert_close, evaluator, flat, strict_jax, widened
from theon.graph.node import new_input
from theon.graph.types import TensorType

# Few shapes, so that few programs are compiled.
SHAPES = ((), (1,), (4,), (0,), (2, 3), (3, 0), (1, 3), (2, 3, 2))
DTYPES = ("float32", "float64", "int32", "bool")


@st.composite
def arrays(draw: Any) -> Any:
    shape, dtype = draw(st.sampled_from(SHAPES)), draw(st.sampled_from(DTYPES))
    rng = np.random.default_rng(draw(st.integers(0, 7)))
    values = rng.integers(-3, 4, shape) if draw(st.booleans()) else rng.standard_normal(shape) * 2
    return np.asarray(values).astype(dtype)


def axis_of(draw: Any, x: Any, none: bool = True) -> Any:
    """An axis, now and then one that is not there."""
    axes = list(range(-x.ndim - (x.ndim > 0 and draw(st.integers(0, 9)) == 0), x.ndim))
    return draw(st.sampled_from([*([None] if none or not axes else []), *axes]))


REDUCTIONS = ("sum", "prod", "mean", "var", "std", "max", "min", "any", "all", "ptp", "median", "count_nonzero")


@st.composite
def reductions(draw: Any) -> Any:
    x, name = draw(arrays()), draw(st.sampled_from(REDUCTIONS))
    assume(name != "median" or x.size)  # of which theon has no median, and NumPy nan
    kwargs: dict[str, Any] = {"axis": axis_of(draw, x), "keepdims": draw(st.booleans())}
    if x.ndim > 1 and draw(st.booleans()):
        kwargs["axis"] = tuple(draw(st.permutations(range(x.ndim)))[: draw(st.integers(0, x.ndim))])
    if name in ("sum", "prod", "mean", "any", "all") and draw(st.booleans()):
        kwargs["where"] = np.resize([True, False, True], x.shape)
    if name in ("max", "min") and x.dtype != bool and draw(st.booleans()):
        kwargs["initial"] = 1
    return name, getattr(theon, name), getattr(np, name), kwargs, x


MOVES = ("roll", "flip", "tile", "repeat", "rot90", "pad", "moveaxis", "swapaxes", "expand_dims")


@st.composite
def moves(draw: Any) -> Any:
    x, name = draw(arrays()), draw(st.sampled_from(MOVES))
    small = st.integers(-3, 5)
    drawn: dict[str, Any] = {
        "roll": lambda: {"shift": draw(small), "axis": axis_of(draw, x)},
        "flip": lambda: {"axis": axis_of(draw, x)},
        "tile": lambda: {"reps": tuple(draw(st.lists(st.integers(0, 3), max_size=3)))},
        "repeat": lambda: {"repeats": draw(st.integers(0, 3)), "axis": axis_of(draw, x)},
        "rot90": lambda: {"k": draw(small), "axes": (axis_of(draw, x, False), axis_of(draw, x, False))},
        "pad": lambda: {
            "pad_width": (draw(st.integers(0, 4)), draw(st.integers(0, 4))),
            "mode": draw(st.sampled_from(("constant", "edge", "reflect", "symmetric", "wrap", "maximum"))),
        },
        "moveaxis": lambda: {"source": axis_of(draw, x, False), "destination": axis_of(draw, x, False)},
        "swapaxes": lambda: {"axis1": axis_of(draw, x, False), "axis2": axis_of(draw, x, False)},
        "expand_dims": lambda: {"axis": draw(st.sampled_from((0, -1, (0, 1), (-2, 0), 3)))},
    }
    return name, getattr(theon, name), getattr(np, name), drawn[name](), x


def ordered(function: Any) -> Any:
    return lambda x, axis: function(x, axis=axis, kind="stable")


def accumulated(function: Any) -> Any:
    """In theon's accumulator for ints."""

    def oracle(x: Any, axis: Any) -> Any:
        return function(x, axis=axis, dtype=np.int32 if x.dtype.kind in "bi" else x.dtype)

    return oracle


SORTS: dict[str, Any] = {
    "sort": ordered(np.sort),
    "argsort": ordered(np.argsort),
    "cumsum": accumulated(np.cumsum),
    "cumprod": accumulated(np.cumprod),
    "argmax": np.argmax,
    "argmin": np.argmin,
}


@st.composite
def sorts(draw: Any) -> Any:
    x, name = draw(arrays()), draw(st.sampled_from(sorted(SORTS)))
    return name, getattr(theon, name), SORTS[name], {"axis": axis_of(draw, x)}, x


def agrees(call: Any) -> None:
    name, function, oracle, kwargs, x = call
    node = new_input(TensorType(x.dtype, x.shape))
    try:
        with np.errstate(all="ignore"):
            want = np.asarray(oracle(widened(x), **kwargs))
    except (ValueError, TypeError, IndexError):
        with pytest.raises((theon.TheonError, TypeError)):
            function(node, **kwargs)
        return
    outputs = flat(function(node, **kwargs))
    with strict_jax():
        (got,) = evaluator([node], outputs)(x)
    assert_close(got, want, 32, f"{name}{kwargs} of {x.dtype}{list(x.shape)}")


FAMILIES = {"reductions": reductions(), "moves": moves(), "sorts": sorts()}


def run(family: str, examples: int) -> None:
    checks = [HealthCheck.too_slow, HealthCheck.function_scoped_fixture]

    @settings(max_examples=examples, deadline=None, derandomize=True, database=None, suppress_health_check=checks)
    @given(FAMILIES[family])
    def every(call: Any) -> None:
        agrees(call)

    every()


@pytest.mark.parametrize("family", FAMILIES)
@pytest.mark.filterwarnings("ignore::RuntimeWarning")
def test_some_calls(family: str) -> None:
    """Three hundred of each family."""
    run(family, 300)


@pytest.mark.slow
@pytest.mark.parametrize("family", FAMILIES)
@pytest.mark.filterwarnings("ignore::RuntimeWarning")
def test_many_calls(family: str) -> None:
    """Twenty thousand of each family."""
    run(family, 20_000)
