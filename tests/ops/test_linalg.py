"""Products: which one op each product is, and that its gradients are products again, without needless transposes."""

from __future__ import annotations

from collections.abc import Callable

import jax
import numpy as np
import pytest

import theon
from tests.op_table.run import evaluator
from theon.graph.node import Node, new_input
from theon.graph.types import DTYPES, TensorType
from theon.graph.walk import toposort
from theon.ops.linalg import DotGeneral, Einsum
from theon.ops.shape import Transpose


def array(*dims: int | str | None, dtype: str = "float32") -> Node:
    return new_input(TensorType(DTYPES[dtype], dims), "x")


def products(root: Node) -> list[Node]:
    """The nodes that `root` needs, leaves left out."""
    return [node for node in toposort([root]) if node.inputs]


PLAIN: tuple[tuple[Callable[[Node, Node], Node], Node, Node], ...] = (
    (theon.matmul, array(2, 3), array(3, 4)),
    (theon.matmul, array(None, None), array(None, None)),
    (theon.matmul, array("batch", 784), array(784, 10)),
    (theon.matmul, array(3), array(3)),
    (theon.matmul, array(5, 2, 3), array(3, 4)),
    (theon.matmul, array("batch", 2, 3), array("batch", 3, 4)),
    (theon.dot, array(2, 3), array(3)),
    (theon.tensordot, array(2, 3, 4), array(3, 4, 5)),
    (lambda x, y: theon.einsum("ij,jk", x, y), array(2, 3), array(3, 4)),
    (lambda x, y: theon.einsum("ba,cb", x, y), array(2, 3), array(4, 2)),
    (lambda x, y: theon.einsum("bhqd,bhkd->bhqk", x, y), array(2, 3, 4, 5), array(2, 3, 6, 5)),
)


@pytest.mark.parametrize("number", range(len(PLAIN)))
def test_a_plain_product_is_one_op(number: int) -> None:
    multiply, x, y = PLAIN[number]
    (node,) = products(multiply(x, y))
    assert isinstance(node.op, DotGeneral)


@pytest.mark.parametrize(
    "number", [n for n, (_, x, y) in enumerate(PLAIN) if x.tensor.is_static and y.tensor.is_static]
)
def test_the_gradients_of_a_plain_product_are_one_op_each(number: int) -> None:
    """To second order: the gradients of the gradients as well."""
    multiply, x, y = PLAIN[number]
    out = multiply(x, y)
    left, right = out.inputs
    g = array(*out.sizes)
    for part in out.op.vjp(g, out, left, right):
        assert isinstance(part, Node)
        (node,) = products(part)
        assert isinstance(node.op, DotGeneral)
        for again in node.op.vjp(array(*node.sizes), node, *node.inputs):
            assert isinstance(again, Node)
            assert sum(isinstance(n.op, DotGeneral) for n in products(again)) == 1


def test_matmul_gradients_contract_instead_of_transposing() -> None:
    x, y = array(2, 3), array(3, 4)
    out = x @ y
    by_x, by_y = out.op.vjp(array(2, 4), out, x, y)
    assert isinstance(by_x, Node)
    assert isinstance(by_y, Node)
    assert by_x.op == DotGeneral(((1,), (1,)))
    assert by_y.op == DotGeneral(((0,), (0,)))
    assert not any(isinstance(n.op, Transpose) for n in products(by_x) + products(by_y))


def test_sizes_that_may_broadcast_wait_for_specialisation() -> None:
    x, y = array(None, 2, 3), array(None, 3, 4)
    (node,) = products(x @ y)
    assert isinstance(node.op, Einsum)
    run = theon.function([x, y], x @ y)
    for lead in (5, 1):
        a, b = np.ones((5, 2, 3), np.float32), np.ones((lead, 3, 4), np.float32)
        np.testing.assert_array_equal(np.asarray(run(a, b)), a @ b)


def test_equal_einsums_are_equal_ops() -> None:
    x = array(2, 2)
    assert theon.einsum("ab,bc,cd->ad", x, x, x).op == theon.einsum("zy,yx,xw->zw", x, x, x).op


def test_more_labels_than_letters_of_one_case() -> None:
    x = array(*[1] * 30)
    out = theon.einsum("...,...,...->...", x, x, x)
    (got,) = evaluator([x], [out])(np.full((1,) * 30, 2.0, np.float32))
    assert np.asarray(got).item() == 8.0


def test_bools_count_in_int32() -> None:
    x = array(2, 3, dtype="bool")
    assert (x @ x.T).dtype == np.int32


@pytest.mark.parametrize("dtype", ["float16", "bfloat16", "int8", "complex64"])
def test_products_keep_their_dtype(dtype: str) -> None:
    x = array(2, 2, dtype=dtype)
    (traced,) = jax.eval_shape(evaluator([x], [x @ x]), np.zeros((2, 2), x.dtype))
    assert traced.dtype == (x @ x).dtype == x.dtype
