"""`grad`, `Lop`, `Rop` and `stop_gradient`: by what, of what, holding what constant, and of each other."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from jax import lax

import theon
from tests.ops.against_jax import Array, assert_near, in_jax
from theon.graph.node import Node, apply
from theon.graph.op import Op
from theon.graph.types import TensorType
from theon.graph.walk import toposort

rng = np.random.default_rng(5)
POINT, V3 = rng.standard_normal((2, 3))
x = theon.dvector("x")


def at(node: Node | Sequence[Node], value: Array = POINT, of: Node = x) -> list[Array]:
    """Values of nodes where one input is given."""
    nodes = [node] if isinstance(node, Node) else list(node)
    return [np.asarray(part) for part in theon.function([of], nodes, on_unused_input="ignore")(value)]


# --- By what, of what -----------------------------------------------------------------------------


def test_one_wrt_or_a_list() -> None:
    cost = theon.sum(x**3)
    one = theon.grad(cost, x)
    assert isinstance(one, Node)
    assert one.type == x.type
    several = theon.grad(cost, [x])
    assert isinstance(several, list)
    assert theon.grad(cost, []) == []
    assert_near(at([one, *several]), [3 * POINT**2] * 2)


def test_by_inputs_shared_variables_and_intermediates_at_once() -> None:
    w = theon.shared(np.array([1.0, -2.0, 0.5]), name="w")
    h = theon.tanh(x * w)
    cost = theon.sum(h * h * x)
    found = at(theon.grad(cost, [x, w, h]))
    value = w.get_value()

    def jax_cost(x: Any, w: Any, nudge: Any) -> Any:
        h = jnp.tanh(x * w) + nudge
        return jnp.sum(h * h * x)

    assert_near(found, in_jax(jax.grad(jax_cost, (0, 1, 2)), POINT, np.asarray(value), np.zeros(3)))


def test_by_the_cost_itself() -> None:
    cost = theon.sum(x * x)
    assert_near(at(theon.grad(cost, cost)), [np.array(1.0)])


def test_the_same_wrt_twice() -> None:
    assert_near(at(theon.grad(theon.sum(x * x), [x, x])), [2 * POINT] * 2)


def test_equal_by_value_is_not_equal_by_place() -> None:
    """Two declarations of `tanh(x)` are one node when compiled; each has a derivative of its own."""
    a, b = theon.tanh(x), theon.tanh(x)
    cost = theon.sum(a * a + 3 * b)
    assert_near(at(theon.grad(cost, [a, b])), [2 * np.tanh(POINT), np.full(3, 3.0)])


def test_two_inputs_of_one_name() -> None:
    a, b = theon.dvector("x"), theon.dvector("x")
    run = theon.function([a, b], theon.grad(theon.sum(a * b * b), [a, b]))
    assert_near(run(POINT, 2 * POINT), [4 * POINT**2, 4 * POINT**2])


def test_by_an_intermediate_that_reaches_the_cost_by_two_ways() -> None:
    h = theon.sin(x)
    k = theon.exp(h) * h
    cost = theon.sum(k * h) + theon.sum(k)

    def jax_cost(x: Any, by_h: Any, by_k: Any) -> Any:
        h = jnp.sin(x) + by_h
        k = jnp.exp(h) * h + by_k
        return jnp.sum(k * h) + jnp.sum(k)

    zero = np.zeros(3)
    assert_near(at(theon.grad(cost, [x, h, k])), in_jax(jax.grad(jax_cost, (0, 1, 2)), POINT, zero, zero))


def test_dtypes_are_those_of_the_wrt() -> None:
    """A cotangent crosses casts both ways, and a bfloat16 input gets a bfloat16 gradient."""
    a = theon.tensor("a", shape=(3,), dtype="bfloat16")
    b = theon.tensor("b", shape=(3,), dtype="float32")
    cost = theon.sum(a.astype("float64") * theon.sin(b.astype("float64")))
    by_a, by_b = theon.grad(cost, [a, b])
    assert (str(by_a.dtype), str(by_b.dtype)) == ("bfloat16", "float32")
    found = theon.function([a, b], [by_a, by_b])(np.ones(3, a.dtype), np.zeros(3, np.float32))
    assert [str(part.dtype) for part in found] == ["bfloat16", "float32"]
    np.testing.assert_array_equal(found[1], np.ones(3, np.float32))


def test_broadcasts_are_undone() -> None:
    shapes = [(2, 3), (3,), (2, 1), (1, 1), ()]
    data = [rng.standard_normal(shape) for shape in shapes]
    inputs = [theon.tensor(f"x{i}", shape=shape, dtype="float64") for i, shape in enumerate(shapes)]

    def cost(m: Any, a: Any, b: Any, c: Any, d: Any, e: Any) -> Any:
        return m.sum(m.sin(a * b + c) * d - m.where(a > 0, e, b * c))

    found = theon.function(inputs, theon.grad(cost(theon, *inputs), inputs))(*data)
    assert_near(found, in_jax(jax.grad(lambda *a: cost(jnp, *a), tuple(range(5))), *data))


def test_ints_and_comparisons_on_the_way() -> None:
    """What passes an int or a bool carries no gradient; the rest does."""

    def cost(m: Any, x: Any) -> Any:
        best = m.argmax(x)
        step = (x > 0).astype("float64")
        return m.sum(x * step) + m.sum(m.take(x, best) * m.floor(x)) + m.sum(x.astype("int32"))

    theon_like = type("Like", (), {"argmax": theon.argmax, "sum": theon.sum, "take": theon.take, "floor": theon.floor})
    assert_near(at(theon.grad(cost(theon_like, x), x)), [in_jax(jax.grad(lambda x: cost(jnp, x)), POINT)])


# --- Disconnected ---------------------------------------------------------------------------------


def test_disconnected_by_default_raises() -> None:
    y = theon.dvector("y")
    with pytest.raises(theon.DisconnectedError, match="does not depend on y"):
        theon.grad(theon.sum(x), [x, y])
    with pytest.raises(theon.DisconnectedError):
        theon.grad(theon.sum(theon.floor(y).astype("int32").astype("float64")), y)


def test_disconnected_zero_none_and_warn() -> None:
    y = theon.tensor("y", shape=(2, None), dtype="float32")
    cost = theon.sum(x)
    by_x, by_y = theon.grad(cost, [x, y], disconnected_inputs="zero")
    run = theon.function([x, y], [by_x, by_y])
    assert_near(run(POINT, np.ones((2, 4), np.float32)), [np.ones(3), np.zeros((2, 4), np.float32)])
    assert theon.grad(cost, [x, y], disconnected_inputs="none")[1] is None
    with pytest.warns(UserWarning, match="does not depend on y"):
        (zero,) = theon.grad(cost, [y], disconnected_inputs="warn")
    assert zero.type == y.type
    with pytest.raises(theon.ArgumentError, match="disconnected_inputs"):
        theon.grad(cost, y, disconnected_inputs="maybe")  # type: ignore[call-overload]


def test_connected_in_the_graph_but_constant() -> None:
    """A mask that says "depends" is not a promise: `where` with a constant branch may cancel all of it."""
    assert_near(at(theon.grad(theon.sum(x - x), x)), [np.zeros(3)])


def test_what_cannot_be_differentiated() -> None:
    ints = theon.ivector("ints")
    faulty: list[tuple[Any, Any, str]] = [
        (theon.sum(ints), ints, "which is not float"),
        (x * 2, x, "must be a scalar"),
        (theon.sum(ints), x, "must be a real float"),
        (theon.sum(x) * 1j, x, "must be a real float"),
        (3.0, x, "must be a node"),
        (theon.sum(x), "x", "must be a node"),
        (None, x, "give a cost, or known_grads"),
    ]
    for cost, wrt, words in faulty:
        with pytest.raises(theon.GradientError, match=words):
            theon.grad(cost, wrt)


# --- consider_constant ----------------------------------------------------------------------------


def test_consider_constant() -> None:
    """As if the node were a number, for this derivative alone."""
    h = theon.sin(x)
    cost = theon.sum(h * x * x)
    held, free = theon.grad(cost, x, consider_constant=[h]), theon.grad(cost, x)
    sin, cos = np.sin(POINT), np.cos(POINT)
    assert_near(at([held, free]), [2 * POINT * sin, 2 * POINT * sin + POINT**2 * cos])


def test_consider_constant_with_wrt_above_it_and_at_it() -> None:
    """Nothing passes through the constant; what lies above it has its derivative, and so has the constant itself."""
    k = theon.sin(x)
    h = k * 2
    cost = theon.sum(h * h)
    by_h, by_k = theon.grad(cost, [h, k], consider_constant=[k])
    assert_near(at([by_h, by_k]), [4 * np.sin(POINT), 8 * np.sin(POINT)])
    with pytest.raises(theon.DisconnectedError):
        theon.grad(cost, x, consider_constant=[k])


def test_consider_constant_is_seen_by_other_derivatives() -> None:
    """The derivative of a derivative passes what the inner one held: by the input and by a node above the constant."""
    k = theon.sin(x)
    h = theon.exp(k)
    first = theon.grad(theon.sum(h * x**3), x, consider_constant=[k])  # 3 x**2 exp(k)
    by_x, by_h, by_k = theon.grad(theon.sum(first), [x, h, k])
    sin, cos = np.sin(POINT), np.cos(POINT)
    wanted = [6 * POINT * np.exp(sin) + 3 * POINT**2 * np.exp(sin) * cos, 3 * POINT**2, 3 * POINT**2 * np.exp(sin)]
    assert_near(at([by_x, by_h, by_k]), wanted)


def test_consider_constant_of_an_input_and_several_wrt() -> None:
    y = theon.dvector("y")
    cost = theon.sum(x * y * theon.sin(y))
    run = theon.function([x, y], theon.grad(cost, [x, y], consider_constant=[x]))
    assert_near(run(POINT, POINT), [POINT * np.sin(POINT), POINT * (np.sin(POINT) + POINT * np.cos(POINT))])


# --- known_grads ----------------------------------------------------------------------------------


def test_known_gradient_of_an_intermediate() -> None:
    """It replaces what would flow into the node from the cost."""
    h = theon.tanh(x)
    cost = theon.sum(h**2) + theon.sum(x)
    known = np.array([1.0, 10.0, 100.0])
    alone = theon.grad(None, x, known_grads={h: known})
    joined = theon.grad(cost, x, known_grads={h: known})
    itself = theon.grad(cost, h, known_grads={h: known})
    slope = 1 - np.tanh(POINT) ** 2
    assert_near(at([alone, joined, itself]), [known * slope, known * slope + 1, known])


def test_known_gradients_that_depend_on_each_other() -> None:
    """As in Theano: the lower one's is given, so nothing is added to it from the upper one."""
    lower = theon.sin(x)
    upper = theon.exp(lower) * x
    known = {lower: np.array([1.0, 2.0, 3.0]), upper: np.array([5.0, 7.0, 9.0])}
    found = at(theon.grad(None, [x, lower, upper], known_grads=known))
    wanted = known[lower] * np.cos(POINT) + known[upper] * np.exp(np.sin(POINT))
    assert_near(found, [wanted, known[lower], known[upper]])


def test_known_gradient_of_an_input_and_of_the_cost() -> None:
    cost = theon.sum(x * x)
    seeded = theon.grad(None, x, known_grads={cost: 3.0})
    given = theon.grad(cost, x, known_grads={x: np.ones(3)})
    assert_near(at([seeded, given]), [6 * POINT, np.ones(3)])


def test_a_known_gradient_is_constant_to_this_derivative_and_alive_to_others() -> None:
    """Even where it is made of the very node that it is the gradient of."""
    h = x * x
    first = theon.grad(None, x, known_grads={h: h})  # h * 2 x = 2 x**3
    assert_near(at([first, theon.grad(theon.sum(first), x)]), [2 * POINT**3, 6 * POINT**2])


def test_known_gradients_of_the_wrong_kind() -> None:
    with pytest.raises(theon.GradientError, match="another"):
        theon.grad(None, x, known_grads={theon.sin(x): theon.dmatrix()})
    with pytest.raises(theon.GradientError, match="another"):
        theon.grad(None, x, known_grads={theon.sum(x): np.ones(3)})


# --- stop_gradient --------------------------------------------------------------------------------


def test_stop_gradient() -> None:
    def cost(m: Any, stop: Any, x: Any) -> Any:
        return m.sum(stop(m.sin(x)) * x**2 + stop(x) * x)

    node = cost(theon, theon.stop_gradient, x)
    first = theon.grad(node, x)
    second = theon.grad(theon.sum(first * V3), x)

    def jax_cost(x: Any) -> Any:
        return cost(jnp, lax.stop_gradient, x)

    wanted = in_jax(
        lambda x: [jax_cost(x), jax.grad(jax_cost)(x), jax.grad(lambda x: jnp.sum(jax.grad(jax_cost)(x) * V3))(x)],
        POINT,
    )
    assert_near(at([node, first, second]), wanted)
    with pytest.raises(theon.DisconnectedError):
        theon.grad(theon.sum(theon.stop_gradient(x)), x)


# --- Complex numbers ------------------------------------------------------------------------------

Z = rng.standard_normal(3) + 1j * rng.standard_normal(3)
M = rng.standard_normal((3, 3)) + 1j * rng.standard_normal((3, 3))

REAL_COSTS: dict[str, Callable[[Any, Any], Any]] = {
    "square of the magnitude": lambda m, z: m.sum(m.real(z * m.conj(z))),
    "magnitude": lambda m, z: m.sum(m.abs(z)),
    "real part of a holomorphic function": lambda m, z: m.sum(m.real(m.exp(z) * z**2)),
    "imaginary part": lambda m, z: m.sum(m.imag(m.sin(z))),
    "linear": lambda m, z: m.sum(m.abs(m.matmul(M, z)) ** 2),
    "real and complex": lambda m, z: m.sum(m.real(z) * m.imag(z * 1j) + m.abs(z / (2 + z)) ** 2),
    "log and square root": lambda m, z: m.sum(m.real(m.log(z) * m.sqrt(z))),
}


@pytest.mark.parametrize("name", REAL_COSTS)
def test_complex_convention_is_that_of_jax(name: str) -> None:
    """First order, and the gradient of a real function of the gradient."""
    cost = REAL_COSTS[name]
    z = theon.tensor("z", shape=(3,), dtype="complex128")
    first = theon.grad(cost(theon, z), z)
    second = theon.grad(theon.sum(theon.real(first * M[0])), z, disconnected_inputs="zero")

    def jax_slope(z: Any) -> Any:
        return jnp.sum(jnp.real(jax.grad(lambda z: cost(jnp, z))(z) * M[0]))

    wanted = in_jax(lambda z: [jax.grad(lambda z: cost(jnp, z))(z), jax.grad(jax_slope)(z)], Z)
    assert_near(at([first, second], Z, z), wanted)


def test_real_inputs_of_complex_programs_get_real_gradients() -> None:
    z = x * (1 + 2j)
    found = at(theon.grad(theon.sum(theon.abs(theon.exp(z)) ** 2), x))
    assert found[0].dtype == np.float64
    assert_near(found, [in_jax(jax.grad(lambda x: jnp.sum(jnp.abs(jnp.exp(x * (1 + 2j))) ** 2)), POINT)])


# --- Faulty derivatives ---------------------------------------------------------------------------


@dataclass(frozen=True, eq=False)
class Faulty(Op):
    """An op whose derivative is wrong in one of several ways."""

    fault: str

    def infer(self, a: TensorType) -> TensorType:
        return a

    def lower(self, a: Any) -> Any:
        return a

    def vjp(self, g: Node, out: Node, a: Node) -> Sequence[Node | None]:
        return {"count": (g, g), "shape": (theon.zeros((7,), dtype="float64"),)}[self.fault]


@dataclass(frozen=True, eq=False)
class Without(Op):
    """An op without a derivative."""

    def infer(self, a: TensorType) -> TensorType:
        return a

    def lower(self, a: Any) -> Any:
        return a


@pytest.mark.parametrize(
    ("fault", "words"), [("count", "gives 2 cotangents for 1"), ("shape", r"gives a cotangent of shape \(7,\)")]
)
def test_a_faulty_derivative_is_named(fault: str, words: str) -> None:
    gradient = theon.grad(theon.sum(apply(Faulty(fault), x)), x)
    with pytest.raises(theon.TheonError, match=f"faulty: its vjp {words}") as caught:
        at(gradient)
    assert "mend Faulty.vjp" in str(caught.value)


def test_a_missing_derivative_is_named() -> None:
    gradient = theon.grad(theon.sum(apply(Without(), x)), x)
    with pytest.raises(theon.GradientError, match="without has no derivative"):
        at(gradient)


def test_the_declared_graph_stays_lazy() -> None:
    """`grad` declares one node; nothing is derived before the program is compiled."""
    gradient = theon.grad(theon.sum(theon.sin(x)), x)
    assert [node.op.name for node in toposort([gradient])] == ["input", "sin", "sum", "gradient"]
