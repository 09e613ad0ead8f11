"""`function`: how it is called, what it gives back, what it compiles and what it keeps."""

from __future__ import annotations

import copy
import gc
import pickle
import threading
import warnings
from collections.abc import Callable
from typing import Any

import jax
import numpy as np
import pytest

import theon
from theon import Function, InputError, InputTypeError, Node, Options, TensorType
from theon.graph.types import DTYPES
from theon.runtime import function as function_module
from theon.runtime import program as program_module

F32 = DTYPES["float32"]
ONES = np.ones(2, np.float32)


@pytest.fixture(scope="module")
def weighted() -> Function:
    """x - 10 y, of two vectors."""
    x, y = theon.vector("x"), theon.vector("y")
    return theon.function([x, y], x - 10.0 * y, name="weighted")


# --- calling ----------------------------------------------------------------------------------------------------


def test_arguments_by_position_and_by_name(weighted: Function) -> None:
    two = 2 * ONES
    for found in (weighted(ONES, two), weighted(ONES, y=two), weighted(y=two, x=ONES), weighted(x=ONES, y=two)):
        assert isinstance(found, jax.Array) and found.tolist() == [-19.0, -19.0]


def test_any_name_is_a_keyword() -> None:
    """Even those that Python functions have themselves, and none at all."""
    x, y = theon.scalar("self"), theon.scalar("args")
    f = theon.function([x, y], x - y)
    assert f(self=3.0, args=1.0) == 2.0
    g = theon.function([theon.scalar(), theon.scalar()], [], on_unused_input="ignore")
    with pytest.raises(InputError, match="no value for input 1"):
        g(1.0)


def test_inputs_of_one_name_go_by_position() -> None:
    """A name that stands for two inputs stands for neither: a value is never used twice."""
    x, y = theon.scalar("x"), theon.scalar("x")
    f = theon.function([x, y], x - y)
    assert f(3.0, 1.0) == 2.0
    for arguments, named in (((3.0,), {}), ((3.0,), {"x": 1.0}), ((), {"x": 1.0})):
        with pytest.raises(InputError):
            f(*arguments, **named)


def test_forms_of_outputs() -> None:
    x = theon.tensor("x", shape=())
    assert theon.function([x], x + 1.0)(1.0).shape == ()
    assert [float(v) for v in theon.function([x], [x + 1.0])(1.0)] == [2.0]
    assert [float(v) for v in theon.function([x], (x, x + 1.0, x))(1.0)] == [1.0, 2.0, 1.0]
    assert theon.function([x], [], on_unused_input="ignore")(1.0) == []
    assert theon.function([x], None, on_unused_input="ignore")(1.0) is None
    assert float(theon.function([], 3.0)()) == 3.0 and theon.function([], [[1, 2]])()[0].dtype == DTYPES["int32"]


def test_outputs_are_device_arrays_of_their_own() -> None:
    """Each call's, and each output's: one may be deleted without the other."""
    x = theon.tensor("x", shape=(2,))
    y = theon.exp(x)
    f = theon.function([x], [y, y, x])
    first, second = f(ONES), f(ONES)
    for array in first:
        array.delete()
    assert all(np.isfinite(np.asarray(array)).all() for array in second)


def test_inputs_of_every_kind() -> None:
    x = theon.vector("x")
    f = theon.function([x], x * 2.0)
    for value in ([1, 2], (1.0, 2.0), np.array([1, 2], np.float16), jax.numpy.array([1.0, 2.0]), range(1, 3)):
        assert f(value).tolist() == [2.0, 4.0] and f(value).dtype == F32


def test_calls_with_arrays_that_are_alike_go_at_once() -> None:
    """Device arrays of the types of the call before; anything else is looked at again."""
    x = theon.vector("x")
    f = theon.function([x], x.sum())
    device = jax.numpy.ones(3)
    assert f(device) == 3.0 and f(device) == 3.0
    assert f(jax.numpy.ones(4)) == 4.0 and f(device) == 3.0 and f([1.0]) == 1.0
    with pytest.raises(InputTypeError):
        f(jax.numpy.ones(3, "int32"))
    with pytest.raises(InputError):
        f(jax.numpy.ones((3, 1)))
    with pytest.raises(InputError):
        f()
    assert len(f.programs) == 3


def test_downcast() -> None:
    """None takes written numbers, True takes anything, False nothing that has another dtype."""
    x = theon.tensor("x", shape=())
    by_default, anything, nothing = (
        theon.function([x], x * 2.0, allow_input_downcast=mode) for mode in (None, True, False)
    )
    assert by_default(1.5) == anything(1.5) == nothing(np.float32(1.5)) == 3.0
    assert anything(np.float64(1.5)) == 3.0 and anything(np.int64(1)) == 2.0
    for refuses, value in ((by_default, np.float64(1.5)), (nothing, 1.5), (nothing, np.float64(1.5))):
        with pytest.raises(InputTypeError, match=r"astype|holds"):
            refuses(value)


# --- signatures -------------------------------------------------------------------------------------------------


def test_names_are_sizes_across_inputs() -> None:
    x, y = theon.tensor("x", shape=("n", "m")), theon.tensor("y", shape=("m", "n"))
    f = theon.function([x, y], x @ y)
    assert f(np.ones((2, 3), np.float32), np.ones((3, 2), np.float32)).shape == (2, 2)
    for sizes in ((2, 3), (3, 3), (2, 2)):
        with pytest.raises(InputError, match=r"the size of [nm] is"):
            f(np.ones((2, 3), np.float32), np.ones(sizes, np.float32))
    assert f(np.ones((1, 4), np.float32), np.ones((4, 1), np.float32)).shape == (1, 1) and len(f.programs) == 2


def test_static_inputs() -> None:
    """Each value is a program of its own; they decide shapes and branches."""
    n = theon.scalar("n", dtype="int32", static=True)
    x = theon.tensor("x", shape=(4,))
    f = theon.function([n, x], theon.arange(n) + x[:n])
    assert f(2, np.zeros(4, np.float32)).tolist() == [0.0, 1.0] and f(3, np.zeros(4, np.float32)).shape == (3,)
    assert f(np.int32(2), np.zeros(4, np.float32)).shape == f(n=2, x=[0.0] * 4).shape == (2,) and len(f.programs) == 2
    with pytest.raises(InputTypeError):
        f(2.5, np.zeros(4, np.float32))
    assert not theon.function([n], theon.zeros((n,))).programs  # nothing to compile yet


def test_static_floats_are_told_apart_by_their_bits() -> None:
    """0.0 and -0.0 are two values, and nan is one."""
    s = theon.scalar("s", static=True)
    f = theon.function([s], 1.0 / s)
    assert [float(f(v)) for v in (0.0, -0.0, 0.0)] == [np.inf, -np.inf, np.inf]
    assert np.isnan(f(float("nan"))) and np.isnan(f(float("nan"))) and len(f.programs) == 3


def test_known_shapes_compile_at_once() -> None:
    x = theon.tensor("x", shape=(2,))
    f = theon.function([x], x * 2.0)
    assert len(f.programs) == 1 and f(ONES).tolist() == [2.0, 2.0] and len(f.programs) == 1
    assert not theon.function([theon.vector("v")], [], on_unused_input="ignore").programs


def test_compiling_ahead(weighted: Function) -> None:
    """For values or for types, without running; by position and by name."""
    x, w = theon.vector("x"), theon.shared(0.0, "w")
    f = theon.function([x], [], updates={w: w + x.sum()})
    assert f.compile(TensorType(F32, (5,))) is f and len(f.programs) == 1
    f.compile(x=np.zeros(5, np.float32)).compile([1.0] * 5)
    assert len(f.programs) == 1 and w.get_value() == 0.0
    f([1.0] * 5)
    assert len(f.programs) == 1 and w.get_value() == 5.0
    for wrong in (TensorType(DTYPES["float64"], (5,)), TensorType(F32, (5, 1)), "five", TensorType(F32, (None,))):
        with pytest.raises(InputError):
            f.compile(wrong)


def test_the_cache_is_bounded_and_keeps_what_is_used() -> None:
    x = theon.vector("x")
    f = theon.function([x], x.sum(), options=Options(cache_size=2))
    for size in (1, 2, 1, 3, 1):
        assert f(np.ones(size, np.float32)) == size
    assert [program.lowered.inputs[0].sizes for program in f.programs] == [(3,), (1,)]
    assert len(f.reports) == 2


def test_churn_is_told(weighted: Function) -> None:
    """The input that keeps changing, at the caller's line; not when compilations are few."""
    x, y = theon.vector("ragged"), theon.tensor("fixed", shape=(2,))
    f = theon.function([x, y], x.sum() + y.sum(), name="f")
    for size in range(1, function_module.CHURN):
        f(np.ones(size, np.float32), ONES)
    with pytest.warns(UserWarning, match=r"f was compiled 8 times: input ragged came in 8 different shapes") as caught:
        f(np.ones(99, np.float32), ONES)
    assert caught[0].filename == __file__ and "last (99,); pad it to a few sizes" in str(caught[0].message)
    f(np.ones(98, np.float32), ONES)
    n = theon.scalar("n", dtype="int32", static=True)
    g = theon.function([n], n + 1, name="g")
    with pytest.warns(
        UserWarning, match=r"g was compiled 8 times: input n came with 8 different static values, last 7"
    ):
        for value in range(8):
            g(value)


def test_a_warning_made_an_error_costs_nothing() -> None:
    """The program is there all the same, and states have not moved."""
    x, w = theon.vector("x"), theon.shared(0, "w")
    f = theon.function([x], x.sum(), updates={w: w + 1})
    for size in range(1, function_module.CHURN):
        f(np.ones(size, np.float32))
    with warnings.catch_warnings(), pytest.raises(UserWarning, match="was compiled 8 times"):
        warnings.simplefilter("error")
        f(np.ones(99, np.float32))
    assert w.get_value() == 7 and f(np.ones(99, np.float32)) == 99.0


# --- Ctrl-C -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("stage", ["compile_graph", "lower", "build"])
def test_an_interrupted_compilation_leaves_no_trace(stage: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The function, its states and everything else work as if it had not been asked."""
    x, w = theon.vector("x"), theon.shared(0, "w")
    f = theon.function([x], x.sum(), updates={w: w + 1})
    f([1.0])

    def interrupted(*arguments: Any, **named: Any) -> Any:
        theon.tanh(1.0)
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(program_module, stage, interrupted)
        with pytest.raises(KeyboardInterrupt):
            f([1.0, 2.0])
        assert f([1.0]) == 1.0
    assert len(f.programs) == 1 and w.get_value() == 2
    assert f([1.0, 2.0]) == 3.0 and w.get_value() == 3
    assert gc.isenabled()
    made = theon.tanh(x).where
    assert made is not None and made.file == __file__


def test_an_interrupted_pass_leaves_lines_and_types_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """In the midst of an op's own rule, where the compiler has lent out lines and JAX's switch."""
    x = theon.vector("x")
    f = theon.function([x], theon.grad(theon.tanh(x).sum(), x))

    def interrupted(*arguments: Any) -> Any:
        raise KeyboardInterrupt

    op = type(theon.tanh(x).op)
    for rule in ("vjp", "lower"):
        with monkeypatch.context() as patch:
            patch.setattr(op, rule, interrupted)
            with pytest.raises(KeyboardInterrupt):
                f([1.0])
        made = theon.tanh(x).where
        assert made is not None and made.file == __file__ and not jax.config.read("jax_enable_x64")
    assert f([0.0]).tolist() == [1.0]


# --- threads ----------------------------------------------------------------------------------------------------


def test_threads_compile_once_and_call_together() -> None:
    x = theon.vector("x")
    f = theon.function([x], x.sum())
    barrier = threading.Barrier(8)
    found: list[bool] = []

    def work(size: int) -> None:
        barrier.wait()
        found.extend(float(f(np.ones(size, np.float32))) == size for _ in range(20))

    threads = [threading.Thread(target=work, args=(1 + number % 3,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 160 and all(found) and len(f.programs) == 3


def test_threads_declare_together() -> None:
    """Lines, scopes and default dtypes are each thread's own."""
    errors: list[BaseException] = []

    def work(number: int) -> None:
        try:
            with theon.scope(f"s{number}"), theon.default_float("float64" if number % 2 else "float32"):
                y = theon.vector("x")
                for _ in range(200):
                    y = theon.tanh(y)
            assert y.where is not None and y.where.scope == f"s{number}"
            assert y.dtype.name == ("float64" if number % 2 else "float32")
        except BaseException as error:
            errors.append(error)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not errors


# --- copies -----------------------------------------------------------------------------------------------------


def counter() -> tuple[Function, Node]:
    x, w = theon.tensor("x", shape=()), theon.shared(0.0, "w")
    return theon.function([x], [w + x], updates={w: w + x}, name="count"), w


@pytest.mark.parametrize(
    ("copied", "shares"),
    [
        (lambda f: f.copy(), True),
        (copy.copy, True),
        (lambda f: f.copy(share_state=False), False),
        (copy.deepcopy, False),
        (lambda f: pickle.loads(pickle.dumps(f)), False),
    ],
    ids=["copy", "copy.copy", "own state", "copy.deepcopy", "pickle"],
)
def test_copies(copied: Callable[[Function], Function], shares: bool) -> None:
    """Over the same states, or over their own from the values of now."""
    f, w = counter()
    f(1.0)
    g = copied(f)
    assert g is not f and g.name == "count" and g.options == f.options
    assert float(g(10.0)[0]) == 11.0
    assert w.get_value() == (11.0 if shares else 1.0)
    assert float(f(1.0)[0]) == (12.0 if shares else 2.0)
    assert float(g(0.0)[0]) == (12.0 if shares else 11.0)


def test_copies_keep_how_they_are_called() -> None:
    x = theon.vector("x")
    options = Options(rewrites="none", cache_size=3)
    f = theon.function([x], None, on_unused_input="ignore", allow_input_downcast=True, name="f", options=options)
    for g in (f.copy(), copy.deepcopy(f), pickle.loads(pickle.dumps(f))):
        assert g(np.zeros(2)) is None and g.options == options and repr(g) == repr(f)


def test_what_functions_share_is_shared_in_a_copy() -> None:
    """A trainer's step and its test over one set of parameters: in its copy too, but of the copy's own."""
    x, w = theon.tensor("x", shape=()), theon.shared(1.0, "w")
    step, test = theon.function([x], [], updates={w: w + x}), theon.function([x], w * x)
    for step2, test2, w2 in (copy.deepcopy((step, test, w)), pickle.loads(pickle.dumps((step, test, w)))):
        step2(2.0)
        assert test2(1.0) == w2.get_value() == 3.0
    assert w.get_value() == 1.0
