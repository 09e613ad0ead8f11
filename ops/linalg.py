"""Products of arrays. Everything is a `DotGeneral`, transposed where it must be, and its gradients are again.

Operands carry one label per axis. A label in both operands and the result is a batch axis; in both and not in the
result, it is summed over. Which operand goes first is chosen so that the result needs no transpose.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain
from string import ascii_letters
from typing import Any, TypeAlias

import jax
import numpy as np
from jax import lax
from jax import numpy as jnp

from ..graph.dims import Dim, broadcast_dim, listed, may_equal, normal_axes, normal_axis, same_dim, unify_dim
from ..graph.errors import ArgumentError, DTypeError, Mismatch, require
from ..graph.node import Node, NodeLike, apply
from ..graph.op import Op
from ..graph.types import BOOL, INT32, TensorType
from .arithmetic import multiply
from .creation import arange
from .elementwise import cast_to, promoted
from .reduce import sum as sum_
from .shape import expand_dims, permuted, squeeze
from .sizes import Blame, shape_of
from .subscripts import parsed

Axes: TypeAlias = tuple[int, ...]


@dataclass(frozen=True, eq=False)
class DotGeneral(Op):
    """Sums of products over the contracted axes; the result has the batch axes, then what is left of each operand."""

    contract: tuple[Axes, Axes]
    batch: tuple[Axes, Axes] = ((), ())

    @property
    def name(self) -> str:
        lead = tuple(range(len(self.batch[0])))
        plain = self.batch == (lead, lead) and len(self.contract[0]) == 1 and self.contract[1] == (len(lead),)
        return "matmul" if plain else "dot_general"

    @property
    def params(self) -> str:
        if self.contract == ((1,), (0,)) and not self.batch[0]:
            return ""
        batch = f", batch={self.batch[0]}x{self.batch[1]}" if self.batch[0] else ""
        return f"contract={self.contract[0]}x{self.contract[1]}{batch}"

    def infer(self, x: TensorType, y: TensorType) -> TensorType:
        require(x.dtype == y.dtype, f"mixes {x.dtype} and {y.dtype}", "cast one with .astype", DTypeError)
        for i, j in zip(*self.contract, strict=True):
            a, b = x.shape[i], y.shape[j]
            require(may_equal(a, b), f"sums over axes of different lengths ({a} and {b})", _lengths(i, a, j, b))
        lead = []
        for i, j in zip(*self.batch, strict=True):
            a, b = x.shape[i], y.shape[j]
            require(may_equal(a, b), f"batch axes differ ({a} and {b})", _lengths(i, a, j, b))
            lead.append(unify_dim(a, b))
        left = [d for i, d in enumerate(x.shape) if i not in self.contract[0] and i not in self.batch[0]]
        right = [d for j, d in enumerate(y.shape) if j not in self.contract[1] and j not in self.batch[1]]
        return x.with_shape([*lead, *left, *right])

    def lower(self, x: jax.Array, y: jax.Array) -> jax.Array:
        contract = self.contract
        if not self.batch[0] and len(contract[0]) > 1 and all(_is_run(axes) for axes in contract):
            # XLA copies operands for sums over several axes; axes in a run are as good as one.
            x, y = (_merged(array, axes) for array, axes in zip((x, y), contract, strict=True))
            contract = ((contract[0][0],), (contract[1][0],))
        return lax.dot_general(x, y, (contract, self.batch), preferred_element_type=x.dtype)

    def vjp(self, g: Node, out: Node, x: Node, y: Node) -> Sequence[Node | None]:
        of_x, of_y, of_out = self.labels(x.ndim, y.ndim)
        return contraction(g, of_out, y, of_y, of_x), contraction(x, of_x, g, of_out, of_y)

    def labels(self, x_ndim: int, y_ndim: int) -> tuple[Axes, Axes, Axes]:
        """A label for every axis of both operands and of the result."""
        of_x = tuple(range(x_ndim))
        partner = dict(zip((*self.contract[1], *self.batch[1]), (*self.contract[0], *self.batch[0]), strict=True))
        of_y = tuple(partner.get(j, x_ndim + j) for j in range(y_ndim))
        left = [i for i in of_x if i not in self.contract[0] and i not in self.batch[0]]
        return of_x, of_y, (*self.batch[0], *left, *(label for label in of_y if label >= x_ndim))


def _is_run(axes: Axes) -> bool:
    return axes == tuple(range(axes[0], axes[0] + len(axes)))


def _merged(x: jax.Array, axes: Axes) -> jax.Array:
    """`x` with a run of axes as one."""
    first, after = axes[0], axes[-1] + 1
    return lax.reshape(x, (*x.shape[:first], math.prod(x.shape[first:after]), *x.shape[after:]))


def _lengths(i: int, a: Dim, j: int, b: Dim) -> str:
    return f"axis {i} of the left has length {a}, axis {j} of the right {b}: transpose or reshape one of them"


def contraction(x: Node, of_x: Sequence[Any], y: Node, of_y: Sequence[Any], out: Sequence[Any]) -> Node:
    """The product whose result has the labels `out`; labels that only one operand has must be among them."""
    shared = [label for label in of_x if label in of_y]
    batch = [label for label in out if label in shared]
    summed = [label for label in shared if label not in batch]
    left = [label for label in of_x if label not in shared]
    right = [label for label in of_y if label not in shared]
    swap = [*batch, *left, *right] != list(out) == [*batch, *right, *left]
    if swap:
        x, of_x, left, y, of_y, right = y, of_y, right, x, of_x, left
    op = DotGeneral((_places(of_x, summed), _places(of_y, summed)), (_places(of_x, batch), _places(of_y, batch)))
    made = [*batch, *left, *right]
    return permuted(apply(op, x, y), tuple(made.index(label) for label in out))


def _places(labels: Sequence[Any], wanted: Sequence[Any]) -> Axes:
    places = {label: i for i, label in enumerate(labels)}
    return tuple(places[label] for label in wanted)


def factors(what: str, *values: NodeLike) -> list[Node]:
    """Values as nodes of the dtype that they promote to; bools count as int32."""
    return [cast_to(node, INT32) if node.dtype == BOOL else node for node in promoted(what, *values)]


# --- matmul, dot, tensordot ------------------------------------------------------------------------------------


def matmul(x1: NodeLike, x2: NodeLike, /) -> Node:
    """Matrix product over the last two axes; axes before them broadcast; a vector counts as a row or a column.

    Arguments: x1, shape (..., n, k) or (k,); x2, shape (..., k, m) or (k,); dtypes are promoted, bools are int32.
    Raises: ShapeError where the inner sizes differ or an operand is a scalar. Source: NumPy / Array API `matmul`.

    >>> import theon
    >>> theon.matmul(theon.tensor("x", shape=("batch", 784)), theon.zeros((784, 10)))
    <matmul : float32[batch, 10]>
    """
    x, y = factors("matmul", x1, x2)
    with Blame("matmul", x, y):
        require(x.ndim > 0 and y.ndim > 0, "takes vectors and matrices, not scalars", "multiply with *")
        if y.ndim <= 2 or x.ndim == 1:
            return apply(DotGeneral(((x.ndim - 1,), (max(y.ndim - 2, 0),))), x, y)
        inner, other = x.dims[-1], y.dims[-2]
        require(
            may_equal(inner, other),
            f"sums over axes of different lengths ({inner} and {other})",
            "transpose one of them",
        )
        lead = [f"b{i}" for i in range(max(x.ndim, y.ndim) - 2)]
        of_x, of_y = [*lead[len(lead) - x.ndim + 2 :], "n", "k"], [*lead[len(lead) - y.ndim + 2 :], "k", "m"]
        return _pair(x, of_x, y, of_y, [*lead, "n", "m"], broadcasts=lead)


def dot(x1: NodeLike, x2: NodeLike, /) -> Node:
    """NumPy's and Theano's `dot`: over the last axis of `x1` and the last but one (or only) axis of `x2`.

    Arguments: any shapes; a scalar multiplies. Raises: ShapeError where the sizes differ. Source: NumPy `dot`.

    >>> import theon
    >>> theon.dot(theon.zeros((2, 3)), theon.zeros((5, 3, 4)))
    <dot_general : float32[2, 5, 4]>
    """
    x, y = factors("dot", x1, x2)
    if x.ndim == 0 or y.ndim == 0:
        return multiply(x, y)
    return apply(DotGeneral(((x.ndim - 1,), (max(y.ndim - 2, 0),))), x, y)


def tensordot(x1: NodeLike, x2: NodeLike, /, axes: int | Sequence[int | Sequence[int]] = 2) -> Node:
    """Sums of products over several axes at once; the result has what is left of `x1`, then of `x2`.

    Arguments: axes, how many (the last of `x1`, the first of `x2`), or two sequences that pair them up.
    Raises: ShapeError where paired sizes differ or there is no such axis. Source: NumPy / Array API `tensordot`.

    >>> import theon
    >>> theon.tensordot(theon.zeros((2, 3, 4)), theon.zeros((4, 3, 5)), axes=([1, 2], [1, 0]))
    <dot_general : float32[2, 5]>
    """
    x, y = factors("tensordot", x1, x2)
    with Blame("tensordot", x, y):
        if isinstance(axes, (int, np.integer)):
            fits = 0 <= axes <= min(x.ndim, y.ndim)
            require(
                fits, f"cannot sum over {axes} axes of {x.ndim} and {y.ndim}", "name the axes in pairs", ArgumentError
            )
            pairs = tuple(range(x.ndim - axes, x.ndim)), tuple(range(axes))
        else:
            both = listed(axes, "axes")
            require(len(both) == 2, "axes is an int or two sequences", "give ([1], [0])", ArgumentError)
            pairs = _listed(both[0], x.ndim), _listed(both[1], y.ndim)
            require(
                len(pairs[0]) == len(pairs[1]),
                "axes pairs up sequences of one length",
                "name one axis of each operand in turn",
                ArgumentError,
            )
    return apply(DotGeneral(pairs), x, y)


def _listed(axes: int | Sequence[int], ndim: int) -> Axes:
    """Axes in the given order, counted from the front."""
    own = [axes] if isinstance(axes, (int, np.integer)) else listed(axes, "axes")
    normal_axes(own, ndim)  # each only once
    return tuple(normal_axis(a, ndim) for a in own)


# --- einsum ----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, eq=False)
class Einsum(Op):
    """Sums of products by labels, for three operands or more, or sizes that may turn out to broadcast."""

    terms: tuple[str, ...]
    out: str

    @property
    def params(self) -> str:
        return f"{','.join(self.terms)}->{self.out}"

    def infer(self, *types: TensorType) -> TensorType:
        sizes: dict[str, Dim] = {}
        for k, (term, type_) in enumerate(zip(self.terms, types, strict=True)):
            require(type_.dtype == types[0].dtype, f"mixes {types[0].dtype} and {type_.dtype}", kind=DTypeError)
            for label, dim in zip(term, type_.shape, strict=True):
                merged = broadcast_dim(sizes.get(label, 1), dim)
                if isinstance(merged, Mismatch):
                    raise Mismatch(f"{label!r} is {sizes[label]} and {dim} at operand {k}", "one letter is one length")
                sizes[label] = merged
        return types[0].with_shape([sizes[label] for label in self.out])

    def lower(self, *arrays: jax.Array) -> jax.Array:
        sizes = _label_sizes(self.terms, [a.shape for a in arrays])
        terms, parts = [], []
        for term, array in zip(self.terms, arrays, strict=True):
            ones = [i for i, label in enumerate(term) if array.shape[i] == 1 != sizes[label]]
            parts.append(lax.squeeze(array, ones) if ones else array)
            terms.append("".join(label for i, label in enumerate(term) if i not in ones))
        spec = f"{','.join(terms)}->{self.out}"
        return jnp.einsum(spec, *parts, preferred_element_type=arrays[0].dtype)

    def vjp(self, g: Node, out: Node, *inputs: Node) -> Sequence[Node | None]:
        sizes = _label_sizes(self.terms, [x.sizes for x in inputs])
        found = []
        for k, (term, x) in enumerate(zip(self.terms, inputs, strict=True)):
            ones = [i for i, label in enumerate(term) if x.sizes[i] == 1 != sizes[label]]
            wanted = "".join(label for i, label in enumerate(term) if i not in ones)
            others = [(t, y) for j, (t, y) in enumerate(zip(self.terms, inputs, strict=True)) if j != k]
            terms = [self.out, *(t for t, _ in others)]
            found.append(expand_dims(by_labels(terms, [g, *(y for _, y in others)], wanted), ones))
        return found


def _label_sizes(terms: Sequence[str], shapes: Sequence[Sequence[int]]) -> dict[str, int]:
    sizes: dict[str, int] = {}
    for label, size in zip(chain(*terms), chain(*shapes), strict=True):
        if sizes.get(label, 1) == 1:
            sizes[label] = size
    return sizes


def by_labels(terms: Sequence[str], nodes: Sequence[Node], out: str) -> Node:
    """The einsum with one label per axis; one DotGeneral for two operands whose sizes surely fit."""
    terms, nodes = list(terms), list(nodes)
    for k, term in enumerate(terms):
        if len(set(term)) < len(term):
            nodes[k], terms[k] = _diagonal(nodes[k], term)
    for k, term in enumerate(terms):
        elsewhere = set(chain(out, *(t for j, t in enumerate(terms) if j != k)))
        alone = [i for i, label in enumerate(term) if label not in elsewhere]
        if alone:
            nodes[k] = sum_(nodes[k], axis=alone, dtype=nodes[k].dtype)
            terms[k] = "".join(label for label in term if label in elsewhere)
    if len(nodes) == 1:
        return permuted(nodes[0], tuple(terms[0].index(label) for label in out))
    if len(nodes) == 2:
        return _pair(nodes[0], terms[0], nodes[1], terms[1], out, broadcasts=set(terms[0]) & set(terms[1]))
    return _einsum(terms, nodes, out)


def _einsum(terms: Sequence[Sequence[str]], nodes: Sequence[Node], out: Sequence[str]) -> Node:
    """The general op, its labels renamed in order, so that equal einsums are equal ops."""
    names = {label: _letter(i) for i, label in enumerate(dict.fromkeys(chain(*terms)))}
    renamed = tuple("".join(names[label] for label in term) for term in terms)
    return apply(Einsum(renamed, "".join(names[label] for label in out)), *nodes)


def _letter(i: int) -> str:
    return ascii_letters[i] if i < len(ascii_letters) else chr(192 + i)


def _pair(x: Node, of_x: Sequence[str], y: Node, of_y: Sequence[str], out: Sequence[str], broadcasts: Any) -> Node:
    """Two operands; a label in `broadcasts` may have length 1 in one of them, and is then no axis of it."""
    for label in [label for label in of_x if label in of_y and label in broadcasts]:
        i, j = of_x.index(label), of_y.index(label)
        a, b = x.dims[i], y.dims[j]
        if same_dim(a, b):
            continue
        if a == 1:
            x, of_x = squeeze(x, i), [*of_x[:i], *of_x[i + 1 :]]
        elif b == 1:
            y, of_y = squeeze(y, j), [*of_y[:j], *of_y[j + 1 :]]
        elif isinstance(a, int) and isinstance(b, int):
            raise Mismatch(f"sizes do not broadcast ({a} and {b})", _lengths(i, a, j, b))
        else:
            return _einsum([of_x, of_y], [x, y], out)
    for k, (labels, other) in enumerate(((of_x, of_y), (of_y, of_x))):
        alone = [i for i, label in enumerate(labels) if label not in other and label not in out]
        if alone:  # its partner had length 1
            kept = [label for i, label in enumerate(labels) if i not in alone]
            if k == 0:
                x, of_x = sum_(x, axis=alone, dtype=x.dtype), kept
            else:
                y, of_y = sum_(y, axis=alone, dtype=y.dtype), kept
    return contraction(x, of_x, y, of_y, out)


def _diagonal(x: Node, term: str) -> tuple[Node, str]:
    """`x` on the diagonal of the axes that share a label, and its labels, now all different."""
    while len(set(term)) < len(term):
        label = next(label for label in term if term.count(label) > 1)
        i, j = (k for k, other in enumerate(term) if other == label and term[:k].count(label) < 2)
        rest = [k for k in range(x.ndim) if k not in (i, j)]
        along = arange(shape_of(x)[i])
        require(
            may_equal(x.dims[i], x.dims[j]),
            f"{label!r} is {x.dims[i]} and {x.dims[j]} in one operand",
            "one letter is one length",
        )
        x = permuted(x, (i, j, *rest))[along, along]
        term = label + "".join(term[k] for k in rest)
    return x, term


def einsum(subscripts: str, *arrays: NodeLike) -> Node:
    """Sums of products over labelled axes: `"ij,jk->ik"` is the matrix product, `"ii->i"` the diagonal.

    Arguments: subscripts, a letter per axis of each operand, `...` for axes that broadcast; without `->`, the result
    has the letters that occur once, in alphabetical order. dtypes are promoted.
    Raises: ArgumentError for subscripts that mean nothing, ShapeError where sizes differ. Source: NumPy `einsum`.

    >>> import theon
    >>> theon.einsum("bij,bjk->bik", theon.zeros((5, 2, 3)), theon.zeros((5, 3, 4)))
    <matmul : float32[5, 2, 4]>
    """
    with Blame("einsum"):
        require(
            isinstance(subscripts, str) and len(arrays) > 0,
            "takes subscripts, then arrays",
            "for example 'ij,jk->ik', a, b",
            ArgumentError,
        )
    nodes = factors("einsum", *arrays)
    with Blame("einsum", *nodes):
        terms, out = parsed(subscripts.replace(" ", ""), [node.ndim for node in nodes])
        return by_labels(terms, nodes, out)
