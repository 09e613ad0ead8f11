"""Shared variables: values are copied at every boundary, and a call either moves all states or none."""

from __future__ import annotations

import copy
import pickle
import threading
from collections.abc import Callable
from typing import Any

import jax
import numpy as np
import pytest

import theon
from theon import CheckError, Function, InputError, InputTypeError, Node, ShapeError, StateError
from theon.graph.node import slot_of
from theon.graph.types import DTYPES
from theon.runtime import program as program_module
from theon.runtime.state import cell_of

LARGE = 1 << 14  # elements: large arrays are where devices like to share memory with NumPy


def bits(*states: Node) -> list[bytes]:
    return [state.get_value().tobytes() for state in states]


# --- values -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("dtype", DTYPES)
def test_every_dtype(dtype: str) -> None:
    """In, on and out again, bit for bit."""
    first = np.array([0, 1, 1], DTYPES[dtype])
    w = theon.shared(first, "w")
    assert w.get_value().dtype == first.dtype and bits(w) == [first.tobytes()]
    second = np.array([1, 0, 0], DTYPES[dtype])
    w.set_value(second)
    assert w.get_value().dtype == first.dtype and bits(w) == [second.tobytes()]
    w.set_value([True, True, False])
    assert w.get_value().tolist() == [1, 1, 0]


def test_special_values() -> None:
    """Signed zeros, infinities and nans keep their bits."""
    values = np.array([0.0, -0.0, np.inf, -np.inf, np.nan, 5e-324, 2.0**-1074])
    w = theon.shared(values)
    assert bits(w) == [values.tobytes()]
    f = theon.function([], w)
    assert np.asarray(f()).tobytes() == values.tobytes()


def test_nothing_is_made_before_it_is_needed() -> None:
    """A recipe runs once, when the value is first asked for."""
    made: list[int] = []

    def recipe() -> np.ndarray[Any, Any]:
        made.append(1)
        return np.zeros(2, np.float32)

    w = theon.ops.state.state(recipe, theon.TensorType(np.dtype("float32"), (2,)), "w")
    f = theon.function([theon.vector("x")], [], updates={w: w + 1.0}, on_unused_input="ignore")
    assert not made
    f([1.0])
    assert w.get_value().tolist() == [1.0, 1.0] and made == [1]


@pytest.mark.parametrize("size", [3, LARGE])
def test_values_go_in_as_copies(size: int) -> None:
    first = np.ones(size, np.float32)
    w = theon.shared(first)
    first[:] = 7.0
    assert w.get_value()[0] == 1.0
    second = np.full(size, 2.0, np.float32)
    w.set_value(second)
    second[:] = 7.0
    assert w.get_value()[0] == 2.0
    third = jax.numpy.full(size, 3.0)
    w.set_value(third)
    theon.function([], [], updates={w: w + 1.0})()  # which takes the state's buffer
    assert third[0] == 3.0 and w.get_value()[0] == 4.0


@pytest.mark.parametrize("size", [3, LARGE])
def test_values_come_out_as_copies(size: int) -> None:
    w = theon.shared(np.ones(size, np.float32))
    out = w.get_value()
    assert out.flags.writeable and out.flags.owndata
    out[:] = 7.0
    assert w.get_value()[0] == 1.0
    before = w.get_value()
    theon.function([], [], updates={w: w + 1.0})()
    assert before[0] == 1.0 and w.get_value()[0] == 2.0


@pytest.mark.parametrize(
    ("value", "error"),
    [
        ([1.0], InputError),
        ([[1.0, 2.0]], InputError),
        (1.0, InputError),
        (np.zeros(2), InputTypeError),
        (np.zeros(2, np.complex64), InputTypeError),
        ([1j, 0], InputTypeError),
        ("ab", InputTypeError),
        (None, InputTypeError),
        ([1.0, "b"], InputTypeError),
        ([1.0, 1e300], InputTypeError),
    ],
)
def test_values_that_do_not_fit(value: Any, error: type[Exception]) -> None:
    w = theon.shared([1.0, -0.0], "w")
    before = bits(w)
    with pytest.raises(error):
        w.set_value(value)
    assert bits(w) == before


# --- what a call returns belongs to the caller ------------------------------------------------------------------


@pytest.mark.parametrize("size", [2, LARGE])
def test_outputs_are_no_buffers_of_states(size: int) -> None:
    """A state as an output, before and after its update; one value as output and as update; two states exchanged."""
    x = theon.tensor("x", shape=(size,))
    w, v = theon.shared(np.ones(size, np.float32), "w"), theon.shared(np.full(size, 2.0, np.float32), "v")
    y = w + x
    programs: list[tuple[Function, bool]] = [
        (theon.function([x], [w, w], updates={w: y}), True),
        (theon.function([x], [y, y, w, v], updates={w: y, v: y}), True),
        (theon.function([], [w, v], updates={w: v, v: w}), False),
        (theon.function([], [w, v]), False),
        (theon.function([], [], updates={w: v}), False),
        (theon.function([x], [x], updates={w: x, v: x}), True),
    ]
    step = theon.function([x], [], updates={w: w * 2.0 + x, v: v * 3.0 + x})
    ones = np.ones(size, np.float32)
    held: list[tuple[Any, bytes]] = []
    for _ in range(2):
        for f, takes in programs:
            found = f(ones) if takes else f()
            held += [(array, np.asarray(array).tobytes()) for array in found]
            step(ones)
            step(jax.numpy.asarray(ones))
    for returned, before in held:
        assert not returned.is_deleted() and np.asarray(returned).tobytes() == before


def test_device_arrays_passed_in_stay_the_callers() -> None:
    """As input, as output, and where the state becomes the input."""
    x = theon.tensor("x", shape=(LARGE,))
    w = theon.shared(np.zeros(LARGE, np.float32), "w")
    keep = theon.function([x], x, updates={w: x})
    step = theon.function([], [], updates={w: w + 1.0})
    array = jax.numpy.ones(LARGE)
    out = keep(array)
    step()
    assert array[0] == out[0] == 1.0 and w.get_value()[0] == 2.0
    out.delete()
    assert array[0] == 1.0


def test_arrays_may_be_written_to_after_the_call() -> None:
    """The program may still be reading when the call returns."""
    x = theon.matrix("x")
    w = theon.shared(np.zeros((256, 256), np.float32), "w")
    work = theon.function([x], x @ x @ x @ x, updates={w: x @ x})
    array = np.eye(256, dtype=np.float32)
    for _ in range(5):
        out = work(array)
        array[:] = np.nan
        assert np.array_equal(np.asarray(out), np.eye(256)) and np.array_equal(w.get_value(), np.eye(256))
        array[:] = np.eye(256)


# --- updates ----------------------------------------------------------------------------------------------------


def test_updates_are_simultaneous() -> None:
    """Each new value is computed from the old ones: two states can be exchanged."""
    a, b = theon.shared(1.0, "a"), theon.shared(2.0, "b")
    swap = theon.function([], [a, b], updates={a: b, b: a})
    assert [float(v) for v in swap()] == [1.0, 2.0]
    assert (a.get_value(), b.get_value()) == (2.0, 1.0)
    fibonacci = theon.function([], [], updates=[(a, a + b), (b, a)])
    for _ in range(5):
        fibonacci()
    assert (a.get_value(), b.get_value()) == (21.0, 13.0)


def test_a_failed_call_moves_nothing() -> None:
    """Bit for bit, whatever failed: the arguments, the sizes, a check, an update's type; and the next call works."""
    x, y = theon.tensor("x", shape=("n",)), theon.tensor("y", shape=("n",))
    w = theon.shared([1.0, -0.0], "w")
    v = theon.shared(np.float64(0.1), "v")
    inner = theon.check(x + y, x > 0, "x must be positive")
    f = theon.function([x, y], inner.sum(), updates={w: w + x, v: v + 0.1}, name="f")
    f([1.0, 2.0], [1.0, 2.0])
    before = bits(w, v)
    good = np.ones(2, np.float32)
    wrong: list[tuple[tuple[Any, ...], dict[str, Any], type[Exception]]] = [
        ((good,), {}, InputError),
        ((good, good, good), {}, InputError),
        ((good,), {"z": good}, InputError),
        ((good, good), {"x": good}, InputError),
        ((good, np.ones(3, np.float32)), {}, InputError),
        ((good, np.ones((2, 1), np.float32)), {}, InputError),
        ((good, np.ones(2)), {}, InputTypeError),
        ((good, "ab"), {}, InputTypeError),
        ((good, [1.0, None]), {}, InputTypeError),
        ((good, None), {}, InputTypeError),
        ((np.ones(3, np.float32), np.ones(3, np.float32)), {}, ShapeError),  # w + x has another shape
        ((-good, good), {}, CheckError),
        ((np.full(2, np.nan, np.float32), good), {}, CheckError),
    ]
    for arguments, named, error in wrong:
        with pytest.raises(error):
            f(*arguments, **named)
        assert bits(w, v) == before
    f(good, good)
    assert w.get_value().tolist() == [3.0, 3.0]


# --- lost values ------------------------------------------------------------------------------------------------


@pytest.fixture
def breakable(monkeypatch: pytest.MonkeyPatch) -> Callable[[BaseException | None], None]:
    """Executables that fail once they have run, and taken their states, while an error is set."""
    errors: list[BaseException | None] = [None]
    plain = program_module.build

    def build(*arguments: Any) -> Any:
        executable = plain(*arguments)

        def call(*values: Any) -> Any:
            found = executable(*values)
            if errors[0] is not None:
                raise errors[0]
            return found

        return call

    def set_error(error: BaseException | None) -> None:
        errors[0] = error

    monkeypatch.setattr(program_module, "build", build)
    return set_error


def test_a_failure_inside_the_device_is_told(breakable: Callable[[BaseException | None], None]) -> None:
    """At once, at every later use of the state, and until it has a value again."""
    w, v = theon.shared([1.0, 2.0], "w"), theon.shared(3.0, "v")
    step = theon.function([], [], updates={w: w + v}, name="step")
    look = theon.function([], [w.sum(), v], name="look")
    step()
    look()
    breakable(RuntimeError("out of memory"))
    with pytest.raises(StateError, match=r"the value of w was lost: 'step' failed inside the device") as caught:
        step()
    assert isinstance(caught.value.__cause__, RuntimeError)
    breakable(None)
    uses: list[Callable[[], Any]] = [
        step,
        look,
        w.get_value,
        lambda: copy.deepcopy(w),
        lambda: pickle.dumps(w),
        lambda: look.copy(share_state=False),
        lambda: w.sum().eval(),
    ]
    for use in uses:
        with pytest.raises(StateError, match="was lost: 'step' failed inside the device"):
            use()
    assert v.get_value() == 3.0  # it was only read
    w.set_value([5.0, 5.0])
    step()
    assert [np.asarray(value).tolist() for value in look()] == [16.0, 3.0]


def test_an_interrupted_call_is_told(breakable: Callable[[BaseException | None], None]) -> None:
    """Ctrl-C when the device already had the states: Ctrl-C arrives, and what it cost is known."""
    w = theon.shared(1.0, "w")
    step = theon.function([], [], updates={w: w + 1.0}, name="step")
    step()
    breakable(KeyboardInterrupt())
    with pytest.raises(KeyboardInterrupt):
        step()
    breakable(None)
    with pytest.raises(StateError, match="lost"):
        w.get_value()
    w.set_value(7.0)
    step()
    assert w.get_value() == 8.0


def test_programs_with_effects_lose_nothing(breakable: Callable[[BaseException | None], None]) -> None:
    """They run beside the old values, and only then take their place."""
    x, w = theon.scalar("x"), theon.shared(1.0, "w")
    step = theon.function([x], [], updates={w: w + theon.check(x, x > 0, "positive")})
    step(1.0)
    for error in (RuntimeError("out of memory"), KeyboardInterrupt()):
        breakable(error)
        with pytest.raises(type(error)):
            step(1.0)
        breakable(None)
        assert w.get_value() == 2.0


def test_a_failure_before_the_device_loses_nothing(breakable: Callable[[BaseException | None], None]) -> None:
    w = theon.shared(1.0, "w")
    x = theon.vector("x")
    step = theon.function([x], [], updates={w: w + x.sum()})
    step([1.0])
    array = jax.numpy.ones(1)
    array.delete()
    with pytest.raises(InputError, match="deleted"):
        step(array)
    assert w.get_value() == 2.0


# --- threads ----------------------------------------------------------------------------------------------------


def test_threads_share_a_state() -> None:
    """No increment is lost, between calls of one function and of two."""
    w, v = theon.shared(0, "w"), theon.shared(0, "v")
    x = theon.iscalar("x")
    one = theon.function([x], w, updates={w: w + x})
    both = theon.function([x], [], updates={v: v + x, w: w + x})
    errors: list[BaseException] = []

    def work(number: int) -> None:
        try:
            for _ in range(200):
                (one if number % 2 else both)(1)
        except BaseException as error:
            errors.append(error)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not errors and (w.get_value(), v.get_value()) == (1600, 800)


def test_threads_make_one_cell() -> None:
    """Whoever comes first makes the value; all use it."""
    w = theon.shared(np.zeros(3, np.float32), "w")
    found: list[Any] = []
    barrier = threading.Barrier(8)

    def work() -> None:
        barrier.wait()
        found.append(cell_of(slot_of(w)))

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 8 and len(set(map(id, found))) == 1


def test_reading_while_a_state_moves() -> None:
    """A reader sees the value of before or of after a call, never a buffer that is gone."""
    w = theon.shared(np.zeros(64, np.float32), "w")
    step = theon.function([], [], updates={w: w + 1.0})
    seen: list[float] = []
    done = threading.Event()

    def read() -> None:
        while not done.is_set():
            value = w.get_value()
            assert (value == value[0]).all()
            seen.append(float(value[0]))

    reader = threading.Thread(target=read)
    reader.start()
    for _ in range(300):
        step()
    done.set()
    reader.join()
    assert seen == sorted(seen) and w.get_value()[0] == 300.0
