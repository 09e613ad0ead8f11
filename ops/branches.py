"""Branches: `cond` and `switch_case`, a region of several bodies of which one runs."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import jax
from jax import lax, tree_util

from ..graph.dims import may_equal, unify_dim
from ..graph.errors import ArgumentError, DTypeError, Mismatch, ShapeError, report, require, source_line
from ..graph.graph import Graph
from ..graph.node import Node, NodeLike, apply, as_node, constant, new_input, picks
from ..graph.types import BOOL, INT32, TensorType, TupleType, Type, kind_of, takes_scalar
from ..graph.walk import substitute
from ..graph.where import here, noting_births
from .arithmetic import clip
from .branch_gradient import switch_gradient
from .carried import refuse_states
from .comparison import logical_not, not_equal
from .elementwise import cast_to, common_dtype, is_weak
from .gradient import influences
from .host import Check
from .region import Driver, Evaluate, Region, RegionGradient, captured, everything
from .tree import flatten, shown, unflatten


@dataclass(frozen=True, eq=False)
class Switch(Region):
    """The branch that an int32 scalar selects, clamped to those there are.

    Region inputs: the index, then the inputs of every branch. The branches give equal types.
    """

    branches: tuple[Graph, ...]

    @property
    def params(self) -> str:
        return f"branches={len(self.branches)}"

    @property
    def bodies(self) -> tuple[Graph, ...]:
        return self.branches

    def with_bodies(self, bodies: Sequence[Graph]) -> Switch:
        return Switch(tuple(bodies))

    def taken(self, index: Any) -> Graph:
        """The branch that an index selects."""
        return self.branches[min(max(int(index), 0), len(self.branches) - 1)]

    def body_types(self, *types: Type) -> list[Type]:
        return list(types[1:])

    def passed(self) -> list[tuple[int, Node]]:
        return [(i, leaf) for body in self.branches for i, leaf in enumerate(body.inputs, 1)]

    def infer(self, index: TensorType, *types: TensorType) -> TupleType:
        require(index.dtype == INT32 and index.ndim == 0, f"the index is an int32 scalar, received {index}")
        results = zip(*(body.outputs for body in self.branches), strict=True)
        return TupleType(tuple(one_type(i, nodes) for i, nodes in enumerate(results)))

    def gradient_mask(self, types: Sequence[Type]) -> tuple[bool, ...]:
        flags = [False] * (len(types) - 1)
        for body in self.branches:
            reached = influences([out for out in body.outputs if out.tensor.is_inexact])
            flags = [flag or leaf in reached for flag, leaf in zip(flags, body.inputs, strict=True)]
        inexact = (isinstance(t, TensorType) and t.is_inexact for t in types[1:])
        return (False, *(flag and smooth for flag, smooth in zip(flags, inexact, strict=True)))

    def lower_region(self, evaluate: Evaluate, *arrays: jax.Array) -> tuple[Any, list[Any]]:
        counts = [number_of_checks(body) for body in self.branches]

        def runs(which: int) -> Callable[..., Any]:
            def run(*values: jax.Array) -> Any:
                outputs, verdicts = evaluate(self.branches[which], values)
                held = [lax.full((), True, BOOL)] * sum(counts)  # what is not run does not fail
                first = sum(counts[:which])
                held[first : first + counts[which]] = verdicts
                return tuple(outputs), tuple(held)

            return run

        outputs, verdicts = lax.switch(arrays[0], [runs(i) for i in range(len(counts))], *arrays[1:])
        return outputs, list(verdicts)

    def region_vjp(
        self, driver: Driver, node: Node, cotangents: Sequence[Node | None], wanted: Sequence[bool]
    ) -> RegionGradient:
        return switch_gradient(driver, node, self, cotangents, wanted)


def one_type(position: int, nodes: Sequence[Node]) -> TensorType:
    """The type that all branches give at one position; Mismatch where they differ."""
    first, *others = nodes
    shape = first.dims
    for node in others:
        same = node.dtype == first.dtype and node.ndim == first.ndim and all(map(may_equal, node.dims, shape))
        if not same:
            raise Mismatch(
                f"the branches give {first.type} and {node.type} as result {position}",
                f"the first is made at {source_line(first.where)}, the other at {source_line(node.where)}",
                ShapeError if node.dtype == first.dtype else DTypeError,
            )
        shape = tuple(unify_dim(a, b) for a, b in zip(shape, node.dims, strict=True))
    return first.tensor.with_shape(shape)


def number_of_checks(body: Graph) -> int:
    """How many verdicts evaluating a body gives."""
    return sum(isinstance(node.op, Check) for node in everything(body))


# --- The public functions ---------------------------------------------------------------------------------------------


def cond(pred: NodeLike, true_fn: Callable[..., Any], false_fn: Callable[..., Any], *operands: Any) -> Any:
    """`true_fn(*operands)` where `pred` holds, else `false_fn(*operands)`; only the branch that is taken runs.

    Arguments: pred, a bool scalar; true_fn and false_fn, functions of the operands (nodes and nests of them), each
    called once, on symbolic values, to give results of the same nest and types; a Python number takes the dtype of the
    other branch's result. What a function makes belongs to its branch, and outer nodes may be used freely in it.
    The gradient is a choice between the branches' derivatives: a nan in the branch that is not taken stays there.
    Under `vectorize`, where `pred` differs from example to example, both branches run and results are selected.
    Raises: DTypeError or ShapeError where the branches give different types, ArgumentError for different nests or for
    what is no function. Source: `jax.lax.cond`, Theano `theano.ifelse.ifelse`.

    >>> import theon
    >>> x = theon.scalar("x")
    >>> y = theon.cond(x > 0, lambda v: theon.log(v), lambda v: 0.0, x)
    >>> theon.function([x], [y, theon.grad(y, x)])(-1.0)
    [Array(0., dtype=float32), Array(0., dtype=float32)]
    """
    condition = as_node(pred)
    if condition.dtype != BOOL or condition.ndim:
        raise _no_condition("cond", condition)
    index = cast_to(logical_not(condition), INT32)
    return _switched("cond", index, ("true_fn", "false_fn"), (true_fn, false_fn), operands)


def switch_case(index: NodeLike, branches: Sequence[Callable[..., Any]], *operands: Any) -> Any:
    """`branches[index](*operands)`; only the branch that is taken runs.

    Arguments: index, an int scalar, clamped to the branches there are; branches, a sequence of functions as for `cond`,
    which is the case of two.
    Raises: as `cond`. Source: `jax.lax.switch`, `tf.switch_case`.

    >>> import theon
    >>> i, x = theon.iscalar("i"), theon.scalar("x")
    >>> y = theon.switch_case(i, [theon.sin, theon.cos, lambda v: v * 2], x)
    >>> float(y.eval({i: 2, x: 3.0}))
    6.0
    """
    node = as_node(index)
    if kind_of(node.dtype) not in ("int", "uint") or node.ndim:
        raise report(
            DTypeError if not node.ndim else ShapeError,
            "switch_case: the index is an int scalar",
            where=here(),
            operands=[("index", node)],
            hint="theon.cond takes a bool; theon.where chooses element by element",
        )
    if not isinstance(branches, (tuple, list)) or not branches:
        raise report(
            ArgumentError,
            "switch_case: the branches are a list of functions",
            where=here(),
            received=repr(branches)[:80],
            hint="give at least one: [lambda x: x, theon.sin]",
        )
    if node.dtype.itemsize > INT32.itemsize or node.dtype.kind == "u":
        node = clip(node, 0, len(branches) - 1)  # a cast may wrap around
    roles = tuple(f"branch {i}" for i in range(len(branches)))
    return _switched("switch_case", cast_to(node, INT32), roles, branches, operands)


def _no_condition(what: str, node: Node) -> Exception:
    scalar = node.ndim == 0
    return report(
        DTypeError if scalar else ShapeError,
        f"{what}: the condition is a {'bool' if scalar else 'scalar'}, received {node.type}",
        where=here(2),
        operands=[("pred", node)],
        hint="compare: x > 0" if scalar else "theon.where chooses element by element; or reduce it with theon.all",
    )


def _switched(
    what: str, index: Node, roles: Sequence[str], functions: Sequence[Callable[..., Any]], operands: Sequence[Any]
) -> Any:
    """The results of a Switch over the branches that the functions declare."""
    inputs, tree = flatten(tuple(operands))
    leaves = [new_input(node.tensor, node.name) for node in inputs]
    results: list[list[Any]] = []
    structures: list[Any] = []
    born: list[set[Node]] = []
    for role, function in zip(roles, functions, strict=True):
        if not callable(function):
            raise report(
                ArgumentError,
                f"{what}: {role} is no function",
                where=here(),
                received=repr(function)[:80],
                hint="write lambda: ..., so that what it makes runs only where it is taken; theon.ifelse takes nodes",
            )
        with noting_births() as nodes:
            values, structure = tree_util.tree_flatten(function(*unflatten(tree, leaves)))
        results.append(values)
        structures.append(structure)
        born.append(nodes)
    _same_nests(what, roles, structures)
    rows = [alike(values) for values in zip(*results, strict=True)]
    _same_types(what, roles, rows)
    per_branch = list(map(list, zip(*rows, strict=True))) if rows else [[] for _ in functions]
    outer = list(
        dict.fromkeys(
            node for roots, own in zip(per_branch, born, strict=True) for node in captured(roots, leaves, own)
        )
    )
    outer_leaves = [new_input(node.tensor, node.name) for node in outer]
    moved = dict(zip(outer, outer_leaves, strict=True))
    bodies = []
    for roots in per_branch:
        closed = substitute(roots, moved)
        refuse_states(closed, what, "would have no new value where another branch runs")
        bodies.append(Graph((*leaves, *outer_leaves), tuple(closed)))
    return unflatten(structures[0], picks(apply(Switch(tuple(bodies)), index, *inputs, *outer)))


def _same_nests(what: str, roles: Sequence[str], structures: Sequence[Any]) -> None:
    for role, structure in zip(roles, structures, strict=True):
        if structure != structures[0]:
            raise report(
                ArgumentError,
                f"{what}: {roles[0]} and {role} return different nests",
                where=here(),
                received=f"{shown(structures[0])} and {shown(structure)}",
                hint="return the same nest from every branch, with a node for each *",
            )


def alike(values: Sequence[Any]) -> list[Node]:
    """What the branches give at one place as nodes; Python numbers take the dtype of the others where it holds them."""
    typed = [as_node(value) for value in values if not is_weak(value)]
    dtype = typed[0].dtype if typed else common_dtype(values)
    return [
        constant(value, dtype) if is_weak(value) and takes_scalar(value, dtype) else as_node(value) for value in values
    ]


def _same_types(what: str, roles: Sequence[str], rows: Sequence[Sequence[Node]]) -> None:
    for position, nodes in enumerate(rows):
        try:
            one_type(position, nodes)
        except Mismatch as problem:
            of_dtype = problem.kind is DTypeError
            raise report(
                problem.kind,
                f"{what}: {problem.message}",
                where=here(),
                operands=list(zip(roles, nodes, strict=True)),
                hint="bring them to one dtype with .astype"
                if of_dtype
                else "give one shape: branches do not broadcast",
            ) from None


def ifelse(condition: NodeLike, then_branch: Any, else_branch: Any, name: str | None = None) -> Any:
    """`then_branch` where `condition` holds, else `else_branch`; what only one of them needs runs only for that one.

    Arguments: condition, a scalar, of which 0 does not hold; then_branch and else_branch, nodes, nests of them alike,
    or functions without arguments that give such; name, of the result.
    Raises: as `cond`. Source: Theano `theano.ifelse.ifelse`.

    >>> import theon
    >>> x = theon.scalar("x")
    >>> y = theon.ifelse(x > 0, theon.log(x), 0.0 * x)
    >>> float(y.eval({x: 1.0}))
    0.0
    """
    node = as_node(condition)
    if node.ndim:
        raise _no_condition("ifelse", node)
    holds = node if node.dtype == BOOL else not_equal(node, 0)
    branches = [one if callable(one) else (lambda value=one: value) for one in (then_branch, else_branch)]
    result = _switched("ifelse", cast_to(logical_not(holds), INT32), ("then_branch", "else_branch"), branches, ())
    if name is not None and isinstance(result, Node):
        result.name = name
    return result


__all__ = ["Switch", "cond", "ifelse", "switch_case"]
