"""What of the standard takes no arrays, the operators of nodes, and what nodes refuse."""

from __future__ import annotations

import builtins
import inspect
import operator
from typing import Any

import array_api_strict as strict
import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import theon
from tests.op_table.run import assert_close
from theon.graph.types import DTYPES as ALL

from .draws import EVERY, INEXACT, NUMERIC, REAL, WHOLE, arrays, matrix, values
from .eager import call, resolved
from .page import PAGE, share, text
from .standard import ABSENT, ATTRIBUTES, BINARY, COMPARED, CONSTANTS, CONVERTED, DTYPES, FUNCTIONS, METHODS, UNARY

# Keywords that say where and whether memory is taken: a graph has no device.
WITHOUT = {"device"}


@pytest.mark.parametrize("name", FUNCTIONS)
def test_signature(name: str) -> None:
    """A call that the standard allows is understood: the same keywords, in the same places, left out as freely."""
    if name == "__array_namespace_info__":
        return
    want = inspect.signature(resolved(strict, name)).parameters.values()
    mine = inspect.signature(resolved(theon, name)).parameters
    places = [p for p in mine.values() if p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD)]
    endless = any(p.kind is p.VAR_POSITIONAL for p in mine.values())
    for k, theirs in enumerate(want):
        if theirs.kind is theirs.VAR_POSITIONAL or theirs.name in WITHOUT:
            continue
        by_place = theirs.kind is not theirs.KEYWORD_ONLY
        assert not by_place or endless or k < len(places), f"{name} takes no {theirs.name}"
        if theirs.kind is theirs.POSITIONAL_ONLY:
            own = places[k] if not endless else None
        else:
            assert theirs.name in mine, f"{name} has no {theirs.name}="
            own = mine[theirs.name]
        free = theirs.default is not theirs.empty
        assert own is None or not free or own.default is not own.empty, f"{name} wants {theirs.name}"


def test_constants() -> None:
    for name in CONSTANTS:
        np.testing.assert_equal(getattr(theon, name), getattr(np, name))


def test_dtypes_are_there() -> None:
    assert {name: getattr(theon, name) for name in DTYPES} == {name: np.dtype(name) for name in DTYPES}
    assert all(getattr(theon, name) == dtype for name, dtype in ALL.items())


def kinds() -> list[str]:
    return ["bool", "signed integer", "unsigned integer", "integral", "real floating", "complex floating", "numeric"]


@pytest.mark.parametrize("name", DTYPES)
def test_isdtype(name: str) -> None:
    theirs = getattr(strict, name)
    for kind in kinds():
        assert theon.isdtype(name, kind) is strict.isdtype(theirs, kind)
        assert theon.isdtype(name, (kind, "int8")) is strict.isdtype(theirs, (kind, strict.int8))
    for other in DTYPES:
        assert theon.isdtype(getattr(theon, name), other) is (name == other)


@pytest.mark.parametrize("name", DTYPES)
def test_result_type_and_can_cast(name: str) -> None:
    """Wherever the standard says what two dtypes promote to."""
    for other in DTYPES:
        try:
            want = np.dtype(str(strict.result_type(getattr(strict, name), getattr(strict, other))).rpartition(".")[2])
        except TypeError:
            continue
        node = theon.tensor("x", (3,), other)
        assert theon.result_type(name, other) == theon.result_type(getattr(theon, name), node) == want
        assert theon.can_cast(name, other) is (want.name == other)
        assert theon.can_cast(node, name) is (want.name == name)


def test_result_type_of_numbers() -> None:
    assert theon.result_type("int8", 3) == "int8"
    assert theon.result_type("int8", 1.5) == "float32"
    assert theon.result_type("float64", 2j) == "complex128"
    assert theon.result_type(True, 2) == "int32"
    with pytest.raises(theon.ArgumentError, match="nothing to combine"):
        theon.result_type()


@pytest.mark.parametrize("name", REAL + INEXACT)
def test_limits(name: str) -> None:
    integral = name in WHOLE
    mine, theirs = (space.iinfo(getattr(space, name)) if integral else space.finfo(getattr(space, name))
                    for space in (theon, strict))  # fmt: skip
    fields = ("bits", "max", "min") if integral else ("bits", "eps", "max", "min", "smallest_normal")
    assert {f: float(getattr(mine, f)) for f in fields} == {f: float(getattr(theirs, f)) for f in fields}
    wrong = theon.finfo if integral else theon.iinfo
    with pytest.raises(theon.DTypeError, match="takes a dtype of kind"):
        wrong(name)


def test_dtypes_for_storage() -> None:
    """They have kinds and limits, and promote to nothing."""
    assert theon.isdtype("int4", "integral") and theon.isdtype("float8_e5m2", "real floating")
    assert theon.iinfo("int4").max == 7 and float(theon.finfo("float8_e4m3fn").max) == 448
    assert theon.result_type("int4", "int4") == theon.int4
    assert theon.can_cast("int4", "int4") and not theon.can_cast("int4", "int32")
    with pytest.raises(theon.DTypeError, match="result_type: int4 and float32 have no common dtype"):
        theon.result_type("int4", "float32")


def test_broadcast_shapes() -> None:
    shapes = [(), (3,), (2, 1), (1, 3), (4, 2, 3), (0,)]
    for one in shapes:
        for other in shapes:
            try:
                want = strict.broadcast_shapes(one, other)
            except Exception:  # the standard names no kind of error
                with pytest.raises(theon.ShapeError, match="does not broadcast"):
                    theon.broadcast_shapes(one, other)
            else:
                assert theon.broadcast_shapes(one, other) == want


def test_inspection() -> None:
    info = theon.__array_namespace_info__()
    assert info.capabilities() == {"boolean indexing": False, "data-dependent shapes": False, "max dimensions": 64}
    assert info.devices() == [None]
    assert {k: v.name for k, v in info.default_dtypes().items()} == {
        "real floating": "float32", "complex floating": "complex64", "integral": "int32", "indexing": "int32",
    }  # fmt: skip
    assert set(info.dtypes()) == set(DTYPES)
    theirs = strict.__array_namespace_info__()
    kind: Any
    for kind in [*kinds(), ("integral", "bool")]:
        assert set(info.dtypes(kind=kind)) == set(theirs.dtypes(kind=kind))
    with theon.default_float("float64"):
        assert info.default_dtypes()["complex floating"] == "complex128"


def softmax(x: Any) -> Any:
    """Written against the standard alone."""
    xp = x.__array_namespace__(api_version="2024.12")
    shifted = xp.exp(x - xp.max(x, axis=-1, keepdims=True))
    return shifted / xp.sum(shifted, axis=-1, keepdims=True)


def test_code_written_against_the_standard() -> None:
    x = np.random.default_rng(0).standard_normal((3, 4)).astype("float32")
    (mine,) = call(softmax, [x], {})
    assert_close(mine, np.asarray(softmax(strict.asarray(x))), 8, "softmax")
    with pytest.raises(theon.ArgumentError, match="no such version of the Array API"):
        theon.vector("x").__array_namespace__(api_version="1999.01")


@pytest.mark.parametrize("name", [*UNARY, *BINARY, *COMPARED])
def test_operators(name: str) -> None:
    """Of two arrays, and of an array and a Python number on either side."""
    function = getattr(operator, name + "_" if name in ("and", "or") else name)
    takes: tuple[str, ...] = ("bool", *WHOLE) if name in ("and", "or", "xor", "invert") else NUMERIC
    takes = WHOLE if "shift" in name else REAL if name in ("floordiv", "mod", "ge", "gt", "le", "lt") else takes
    takes = INEXACT if name == "truediv" else takes

    @settings(max_examples=12, deadline=None, derandomize=True, database=None)
    @given(st.data())
    def every(data: Any) -> None:
        if name == "matmul":
            x = matrix(data.draw, NUMERIC, square=True)
            args = [x, values(np.random.default_rng(1), x.shape, x.dtype.name, False)]
        else:
            args = arrays(data.draw, takes, 2, special=False)
        if name in ("floordiv", "mod", "pow", "lshift", "rshift"):
            args = [np.asarray(np.abs(part) + np.ones((), part.dtype)) for part in args]
        if name not in ("matmul", *UNARY) and data.draw(st.booleans()):
            args[data.draw(st.integers(0, 1))] = True if args[0].dtype == bool else 3
        args = args[:1] if name in UNARY else args
        with np.errstate(all="ignore"):
            want = np.asarray(function(*(strict.asarray(a) if isinstance(a, np.ndarray) else a for a in args)))
        (got,) = call(function, args, {})
        assert got.dtype == want.dtype
        assert_close(got, want, 64, f"{name}{args}")

    every()


def test_operators_in_place() -> None:
    """Python's own: the name is bound anew, and the old node stays as it was."""
    x = theon.vector("x")
    y = x
    y += 1.0
    y *= 2.0
    assert y is not x
    np.testing.assert_array_equal(y.eval({x: np.ones(2, "float32")}), [4.0, 4.0])


def test_attributes() -> None:
    x = np.zeros((2, 3, 4), "float32")
    node, theirs = theon.tensor("x", x.shape), strict.asarray(x)
    for name in set(ATTRIBUTES) - {"T", "mT", "dtype"}:
        assert getattr(node, name) == getattr(theirs, name)
    assert node.mT.dims == theirs.mT.shape and theon.matrix("x").T.ndim == 2


def test_what_is_absent_is_absent_and_says_so() -> None:
    """Each method is there, or on the list of what is left out."""
    node = theon.scalar("x")
    there = {name for name in METHODS if hasattr(theon.Node, name)}
    by_python = {f"__i{name}__" for name in BINARY}
    assert there | set(ABSENT) | by_python == set(METHODS) and not there & by_python
    for name in CONVERTED:
        convert: Any = operator.index if name == "index" else getattr(builtins, name)
        with pytest.raises(theon.NodeUseError, match="it is an expression"):
            convert(node)
    with pytest.raises(TypeError):
        theon.vector("x")[0] = 1.0
    with pytest.raises(AttributeError, match="__dlpack__"):
        np.from_dlpack(node)  # type: ignore[arg-type]


def test_from_dlpack() -> None:
    """Of NumPy and JAX; later writes are not seen; what is no array is refused."""
    x = np.arange(6.0).reshape(2, 3).T
    node = theon.from_dlpack(x)
    x[0, 0] = 9.0
    np.testing.assert_array_equal(node.eval(), np.arange(6.0).reshape(2, 3).T)
    np.testing.assert_array_equal(theon.from_dlpack(jnp.arange(3)).eval(), [0, 1, 2])
    with pytest.raises(theon.ArgumentError, match="not an array that offers its memory"):
        theon.from_dlpack([1.0])


def test_asarray_of_nodes() -> None:
    """Nested sequences are stacked; numbers take the dtype of the nodes beside them."""
    x = theon.tensor("x", (), "float64")
    node = theon.asarray([[x, 1], (2.5, x)])
    assert node.dtype == "float64" and node.dims == (2, 2)
    np.testing.assert_array_equal(node.eval({x: 7.0}), [[7.0, 1.0], [2.5, 7.0]])
    assert theon.asarray(x) is x and theon.asarray(x, dtype="int32").dtype == "int32"
    with pytest.raises(theon.ShapeError):
        theon.asarray([x, theon.tensor("y", (2,))])


def test_page_is_what_is_written() -> None:
    """`python -m tests.array_api` writes it."""
    assert PAGE.read_text() == text()
    assert share() >= 0.95
    assert EVERY  # every dtype of the standard is drawn
