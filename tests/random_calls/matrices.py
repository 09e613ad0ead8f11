"""Linear algebra: products over batches and subscripts, norms, and what factors a matrix or solves by it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import scipy.linalg
from hypothesis import strategies as st

import theon

from .call import (
    COMPLEX,
    FLOATS,
    Array,
    Call,
    Draw,
    Shape,
    array,
    axis_of,
    family,
    maybe,
    named,
    one_of,
    rarely,
    rng_of,
    values,
)
from .run import expected

INEXACT = (*FLOATS, *COMPLEX)
OPERANDS: tuple[Shape, ...] = ((), (2,), (3,), (0,), (2, 3), (3, 2), (3, 3), (3, 0), (2, 2, 3), (1, 3, 2), (2, 1, 3, 3))
PRODUCTS = ("matmul", "dot", "inner", "outer", "vecdot", "matvec", "vecmat", "vdot", "kron")


def pair(draw: Any, shapes: Any = OPERANDS) -> tuple[Array, Array]:
    dtype = one_of(draw, (*INEXACT, "int32"))
    rng = rng_of(draw)
    return values(rng, one_of(draw, shapes), dtype), values(rng, one_of(draw, shapes), dtype)


def product(draw: Any) -> Call:
    name = one_of(draw, PRODUCTS)
    return named(name, getattr(theon, name), getattr(np, name), {}, *pair(draw), ulps=64, whole=True)


def contracted(draw: Any) -> Call:
    """Over so many axes, or named ones."""
    x, y = pair(draw, ((2,), (3,), (2, 3), (3, 2), (2, 2, 3), (3, 2, 2)))
    count = draw(st.integers(0, min(x.ndim, y.ndim)))
    axes: Any = count
    if draw(st.booleans()):
        axes = tuple([list(draw(st.permutations(range(-a.ndim, 0)))[:count]) for a in (x, y)])
    return named("tensordot", theon.tensordot, np.tensordot, {"axes": axes}, x, y, ulps=64, whole=True)


def cross_of_three(x: Array, y: Array, axis: int = -1) -> Array:
    """Without that of two elements, which NumPy is about to drop."""
    if {x.shape[axis], y.shape[axis]} != {3}:
        raise ValueError("not 3 elements")
    return np.cross(x, y, axis=axis)


def crossed(draw: Any) -> Call:
    x, y = pair(draw, ((3,), (2, 3), (1, 3), (3, 1), (3, 3)))
    most = min(x.ndim, y.ndim)
    kwargs = {"axis": draw(st.integers(-most, most - 1))} if draw(st.booleans()) else {}
    return named("cross", theon.cross, cross_of_three, kwargs, x, y)


LETTERS = {"a": 2, "b": 3, "c": 2, "d": 1}
BATCHES: tuple[Shape, ...] = ((), (2,), (1,), (3, 1), (0,))


def summed(draw: Any) -> Call:
    """Subscripts drawn letter by letter: repeated ones, ellipses, implicit and explicit results, rare mistakes."""
    terms, shapes = [], []
    # Ellipses broadcast: axes of one length, or of 1.
    batch = one_of(draw, BATCHES)
    for _ in range(draw(st.integers(1, 3))):
        term = "".join(draw(st.lists(st.sampled_from("abcd"), max_size=3)))
        shape: Shape = tuple(LETTERS[letter] for letter in term)
        if draw(st.booleans()):
            kept = batch[draw(st.integers(0, len(batch))) :]
            at = draw(st.integers(0, len(term)))
            term, shape = f"{term[:at]}...{term[at:]}", (*shape[:at], *kept, *shape[at:])
        if rarely(draw, 30):
            shape = (*shape, 2)
        terms.append(term)
        shapes.append(shape)
    subscripts = ",".join(terms)
    if draw(st.booleans()):
        there = sorted(set(subscripts) - set(",."))
        kept_letters = draw(st.permutations(there))[: draw(st.integers(0, len(there)))]
        kept_letters += [one_of(draw, "ae")] if rarely(draw, 20) else []
        subscripts += "->" + ("..." if "..." in subscripts else "") + "".join(kept_letters)
    dtype = one_of(draw, (*INEXACT, "int32"))
    rng = rng_of(draw)
    arrays = [values(rng, shape, dtype) for shape in shapes]
    return Call(
        f"einsum({subscripts!r})",
        lambda *n: theon.einsum(subscripts, *n),
        lambda *a: np.einsum(subscripts, *a),
        tuple(arrays),
        ulps=64,
        whole=True,
    )


ORDERS = (None, "fro", "nuc", np.inf, -np.inf, 0, 1, -1, 2, -2, 3)


def normed(draw: Any) -> Call:
    x = array(draw, (*INEXACT, "int32"), ((1,), (4,), (2, 3), (3, 3), (2, 3, 2)))
    x = np.where(x == 0, x.dtype.type(1), x)  # negative orders divide by it
    kwargs: dict[str, Any] = {"keepdims": draw(st.booleans())} | maybe(draw, "ord", ORDERS)
    axis = one_of(draw, ("none", "one", "two"))
    if axis == "one":
        kwargs["axis"] = axis_of(draw, x.ndim, False)
    if axis == "two":
        kwargs["axis"] = tuple(draw(st.lists(st.integers(-x.ndim, x.ndim - 1), min_size=2, max_size=2)))
    return named("norm", theon.linalg.norm, np.linalg.norm, kwargs, x, ulps=128, whole=True)


SQUARES: tuple[Shape, ...] = ((1, 1), (2, 2), (3, 3), (2, 3, 3), (0, 3, 3), (2, 1, 2, 2))


def square(draw: Any, dtypes: Any = INEXACT) -> Array:
    """Far from singular; rarely not square at all."""
    shape = one_of(draw, SQUARES)
    if rarely(draw, 20):
        shape = one_of(draw, ((2, 3), (3,), (), (2, 3, 2)))
    x = values(rng_of(draw), shape, one_of(draw, dtypes))
    return np.asarray(x + (5 * np.eye(shape[-1]) if len(shape) > 1 and shape[-1] == shape[-2] else 0)).astype(x.dtype)


def solved(draw: Any) -> Call:
    name = one_of(draw, ("det", "inv", "slogdet", "pinv", "matrix_power", "solve", "expm", "matrix_rank"))
    x = square(draw)
    function, oracle = getattr(theon.linalg, name), getattr(np.linalg, name, None) or getattr(scipy.linalg, name)
    more: dict[str, Any] = {"ulps": 512, "whole": True}
    if name == "matrix_power":
        n = draw(st.integers(-2, 5))
        return Call(f"{name}({n})", lambda a: function(a, n), lambda a: oracle(a, n), (x,), **more)
    if name == "expm":
        x = (x / 4).astype(x.dtype)
    if name == "solve":
        size = x.shape[-1] if x.ndim else 1
        shapes: tuple[Shape, ...] = ((size,), (size, 2), (2, size, 1), (size + 1, 2) if rarely(draw) else (size, 0))
        return named(name, function, oracle, {}, x, values(rng_of(draw), one_of(draw, shapes), x.dtype.name), **more)
    return named(name, function, oracle, {}, x, **more)


def turned(a: Any) -> Any:
    """The conjugate transpose, of nodes and of arrays."""
    return theon.conj(theon.matrix_transpose(a)) if isinstance(a, theon.Node) else a.conj().swapaxes(-1, -2)


def factored(draw: Any) -> Call:
    """Factors are not unique: what they multiply to is, and what is orthogonal."""
    tall: tuple[Shape, ...] = ((2, 2), (3, 2), (2, 3), (3, 3), (2, 3, 2), (0, 2, 2), *(((3,),) if rarely(draw) else ()))
    x = values(rng_of(draw), one_of(draw, tall), one_of(draw, INEXACT))
    ways: dict[str, tuple[Callable[[Any], Any], Callable[[Any], Any]]] = {}

    def qr(linalg: Any, mode: str) -> Callable[[Any], Any]:
        def both(a: Any) -> Any:
            q, r = linalg.qr(a, mode)
            return [q @ r, turned(q) @ q]

        return both

    def svd(linalg: Any, full: bool) -> Callable[[Any], Any]:
        def all_three(a: Any) -> Any:
            u, s, v = linalg.svd(a, full_matrices=full)
            k = s.shape[-1]
            return [(u[..., :k] * s[..., None, :].astype(u.dtype)) @ v[..., :k, :], s, turned(u) @ u, v @ turned(v)]

        return all_three

    def eigh(linalg: Any) -> Callable[[Any], Any]:
        def both(a: Any) -> Any:
            w, v = linalg.eigh(a + turned(a))
            return [w, (v * w[..., None, :].astype(v.dtype)) @ turned(v), turned(v) @ v]

        return both

    def cholesky(linalg: Any) -> Callable[[Any], Any]:
        return lambda a: linalg.cholesky(a @ turned(a) + 3 * np.eye(a.shape[-2], dtype=x.dtype))

    mode, full = one_of(draw, ("reduced", "complete")), draw(st.booleans())
    ways[f"qr {mode}"] = qr(theon.linalg, mode), qr(np.linalg, mode)
    ways[f"svd {full}"] = svd(theon.linalg, full), svd(np.linalg, full)
    ways["eigh"] = eigh(theon.linalg), eigh(np.linalg)
    ways["cholesky"] = cholesky(theon.linalg), cholesky(np.linalg)
    ways["svdvals"] = theon.linalg.svdvals, np.linalg.svdvals
    name = one_of(draw, ways)
    return Call(name, *ways[name], (x,), ulps=512, whole=True)


def chained(draw: Any) -> Call:
    dims = [draw(st.integers(1, 3)) for _ in range(5)]
    count = draw(st.integers(2, 4))
    rng, dtype = rng_of(draw), one_of(draw, INEXACT)
    arrays = [values(rng, (dims[i], dims[i + 1] + (rarely(draw, 30))), dtype) for i in range(count)]
    return Call(
        "multi_dot",
        lambda *n: theon.linalg.multi_dot(n),
        lambda *a: np.linalg.multi_dot(a),
        tuple(arrays),
        ulps=128,
        whole=True,
    )


def mostly_right(make: Draw) -> Draw:
    """The first of a few calls that the oracle takes, as most shapes do not fit together."""

    def call(draw: Any) -> Call:
        drawn = make(draw)
        for _ in range(3):
            if expected(drawn) is not None:
                break
            drawn = make(draw)
        return drawn

    return call


DRAWS = (product, product, contracted, crossed, summed, summed, normed, solved, factored, chained)
FAMILIES = {"linalg": family(*map(mostly_right, DRAWS))}
