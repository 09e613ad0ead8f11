"""One compiled program: what it is compiled to, what it says while it compiles, and deep graphs."""

from __future__ import annotations

import contextlib
import re
import threading
import time
from typing import Any

import jax
import numpy as np
import pytest

import theon
from theon import Node, Options, TensorType
from theon.compiler.compilation import Signature
from theon.compiler.lower import lower
from theon.compiler.passes import compile_graph
from theon.graph.check import check
from theon.graph.graph import Graph
from theon.graph.types import DTYPES
from theon.runtime import program as program_module
from theon.runtime.program import progress_line

F32, F64 = DTYPES["float32"], DTYPES["float64"]


def compiled_text(f: theon.Function) -> str:
    """What XLA was given to run."""
    (program,) = f.programs
    return program.executable.as_text() or ""


# --- widths -----------------------------------------------------------------------------------------------------


def test_single_precision_stays_single() -> None:
    """Nothing but a loop's own counter is 64 bits wide, although the program is traced with 64-bit types on."""
    x, i = theon.tensor("x", shape=(4, 3)), theon.tensor("i", shape=(4,), dtype="int32")
    w = theon.shared(np.ones((3, 2), np.float32), "w")
    loss = theon.nn.cross_entropy(x @ w, i) + 0.5 * (w**2).mean() + theon.arange(3).sum() * 1e-3
    steps, _ = theon.scan(lambda carry, row: (carry * 0.9 + row.sum(), None), 0.0, x)
    f = theon.function([x, i], [loss, steps, x.argmax()], updates=theon.optim.adam(loss + steps, [w]))
    f(np.ones((4, 3), np.float32), [0, 1, 0, 1])
    assert not re.findall(r"\b(f64|c128|[su]64\[\d).*", compiled_text(f))
    assert [out.dtype.name for out in f(np.ones((4, 3), np.float32), [0, 1, 0, 1])] == ["float32", "float32", "int32"]


def test_double_precision_without_a_switch() -> None:
    """Inputs, states, outputs and everything between; JAX's own setting stays off."""
    x = theon.dvector("x")
    w = theon.shared(np.array([1 / 3, 2 / 3]), "w")
    total = (theon.exp(x) * w).sum()
    f = theon.function([x], [total, theon.grad(total, x)], updates={w: w * (1 + 2**-40)})
    point = np.array([0.1, 0.2])
    value, slope = f(point)
    assert value.dtype == slope.dtype == w.get_value().dtype == F64
    np.testing.assert_allclose(np.asarray(slope), np.exp(point) * [1 / 3, 2 / 3], rtol=1e-15)
    assert w.get_value()[0] == 1 / 3 * (1 + 2**-40)
    again, _ = f(jax.device_put(slope))  # a 64-bit array, although JAX would make none
    assert again.dtype == F64
    assert not jax.config.read("jax_enable_x64") and jax.numpy.ones(1).dtype == F32


@pytest.mark.parametrize("dtype", DTYPES)
def test_every_dtype_through_a_program(dtype: str) -> None:
    """As input, state, output and update."""
    x = theon.tensor("x", shape=(2,), dtype=dtype)
    w = theon.shared(np.zeros(2, DTYPES[dtype]), "w")
    f = theon.function([x], [x, w], updates={w: x})
    values = np.array([1, 0], DTYPES[dtype])
    for given in (values, values.tolist() if dtype != "bool" else [True, False]):
        out, before = f(given)
        assert out.dtype == before.dtype == DTYPES[dtype] and np.asarray(out).tobytes() == values.tobytes()
    assert w.get_value().tobytes() == values.tobytes()


def test_large_constants_are_arguments() -> None:
    """As literals they would be copied into the program's text; small ones are part of it."""
    large = np.arange(100_000, dtype=np.float32)
    f = theon.function([], theon.constant(large).sum() + theon.constant([1.0, 2.0]).sum())
    (program,) = f.programs
    assert [value.shape for value in program.hidden] == [large.shape] and len(compiled_text(f)) < 20_000
    assert float(f()) == pytest.approx(large.sum(dtype=np.float64) + 3.0, rel=1e-6)


def test_states_are_donated_but_for_effects() -> None:
    """The new value may take the old one's place; a program that may still fail keeps it."""
    w = theon.shared(np.zeros(1000, np.float32), "w")
    theon.function([], [], updates={w: w + 1.0})()
    before = w.op.slot.home.array  # type: ignore[attr-defined]  # the state's
    theon.function([], [], updates={w: w + 1.0})()
    assert before.is_deleted()
    before = w.op.slot.home.array  # type: ignore[attr-defined]
    theon.function([], [], updates={w: theon.check(w, w > 0) + 1.0})()
    assert not before.is_deleted() and w.get_value()[0] == 3.0


@pytest.mark.parametrize("name", ["step", "a name, with (signs)", "größe", "1", ""])
def test_any_name_will_do(name: str) -> None:
    x = theon.tensor("x", shape=())
    f = theon.function([x], x + 1.0, name=name)
    assert f(1.0) == 2.0 and repr(f) == f"<theon.Function {name}(x)>"


# --- progress ---------------------------------------------------------------------------------------------------


def test_a_slow_compilation_says_so(capsys: pytest.CaptureFixture[str]) -> None:
    """That it is running, once it has taken so long, and how long it took."""
    with progress_line("step", 0.01):
        time.sleep(0.1)
    assert capsys.readouterr().out == ""
    with progress_line("step", 0.01):
        time.sleep(0.1)
    lines = capsys.readouterr().err.splitlines()
    assert lines[0] == "theon: compiling step ..." and re.fullmatch(r"theon: compiled step in \d+\.\d s", lines[1])


def test_a_quick_compilation_says_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    with progress_line("step", 60.0):
        pass
    with progress_line("step", None):
        pass
    assert capsys.readouterr().err == ""


def test_the_option_reaches_the_compiler(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    def slow(graph: Graph) -> Any:
        time.sleep(0.1)
        return lower(graph)

    monkeypatch.setattr(program_module, "lower", slow)
    x = theon.tensor("x", shape=())
    theon.function([x], x + 1.0, name="impatient", options=Options(progress=0.0))
    assert capsys.readouterr().err.startswith("theon: compiling impatient ...\ntheon: compiled impatient in ")
    theon.function([x], x + 1.0, options=Options(progress=None))
    theon.function([x], x + 1.0)
    assert capsys.readouterr().err == ""


def test_a_broken_off_compilation_ends_its_line(capsys: pytest.CaptureFixture[str]) -> None:
    with contextlib.suppress(KeyboardInterrupt), progress_line("step", 0.0):
        time.sleep(0.05)
        raise KeyboardInterrupt
    time.sleep(0.05)
    assert len(capsys.readouterr().err.splitlines()) == 2


# --- the pipeline -----------------------------------------------------------------------------------------------


def test_deep_chains_compile() -> None:
    """20,000 nodes one upon the other, and their gradient, checked after every pass; XLA is not asked."""
    x: Node = theon.tensor("x", shape=(None,))
    y = x
    for i in range(10_000):
        y = theon.tanh(y) if i % 2 else y * 0.5
    seen: list[str] = []

    def look(name: str, graph: Graph) -> None:
        seen.append(name)
        check(graph, static=True)

    declared = Graph((x,), (theon.grad(y.sum(), x),))
    graph, compilation = compile_graph(declared, Signature((TensorType(F32, (3,)),)), Options(), after_pass=look)
    assert seen == list(compilation.report.seconds) and seen[0] == "specialise" and len(graph.nodes()) > 20_000
    assert graph.outputs[0].dims == (3,)


def test_each_signature_is_static() -> None:
    """Sizes are ints by the time that anything is computed from them, and sizes of sizes too."""
    x = theon.tensor("x", shape=("n", None))
    n, m = x.shape
    picture = theon.zeros((n, m)) + theon.arange(n * m).reshape(n, m)
    f = theon.function([x], [picture[: n // 2], (x + picture).sum(axis=0)])
    for sizes in ((2, 3), (4, 1), (0, 3)):
        half, total = f(np.ones(sizes, np.float32))
        assert half.shape == (sizes[0] // 2, sizes[1]) and total.shape == (sizes[1],)
    for program in f.programs:
        check(program.graph, static=True)


def test_calls_without_states_do_not_wait_for_each_other(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is shared, so the first call stands still until the second, of the same function, has gone by."""
    x = theon.tensor("x", shape=(2,))
    f = theon.function([x], theon.print(x, "running"))
    second = threading.Event()
    first = threading.Lock()

    def settle(*_: object) -> None:
        if first.acquire(blocking=False):
            assert second.wait(30)
        else:
            second.set()

    monkeypatch.setattr(program_module.Program, "_settle", settle)
    threads = [threading.Thread(target=f, args=([1.0, 2.0],)) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert second.is_set()


@pytest.mark.parametrize("dtype", ["float64", "int64", "float32"])
def test_large_constants_keep_their_width(dtype: str) -> None:
    """A large constant is a hidden argument, and reaches the device in its own dtype."""
    large = (np.arange(20_000) * 3 + 2**30).astype(dtype)
    x = theon.tensor("x", shape=(), dtype=dtype)
    value = theon.function([x], (x + theon.constant(large))[19_999])(np.zeros((), dtype))
    assert value.dtype == np.dtype(dtype) and np.asarray(value) == large[-1]


def test_what_was_not_donated_goes_back(monkeypatch: pytest.MonkeyPatch) -> None:
    """A call with effects that is broken off leaves every state as it was."""
    a, b = theon.shared(1.0, "a"), theon.shared(2.0, "b")
    f = theon.function([], theon.print(a, "a"), updates={a: a + 1, b: b + 1})

    def broken(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(program_module.Program, "_settle", broken)
    with pytest.raises(KeyboardInterrupt):
        f()
    assert (a.get_value(), b.get_value()) == (1.0, 2.0)
