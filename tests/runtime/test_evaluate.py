"""`eval`: the value of a node, compiled once and forgotten with it."""

from __future__ import annotations

import gc
import weakref
from typing import Any

import numpy as np
import pytest

import theon
from theon import InputError, InputTypeError
from theon.compiler.passes import compile_graph
from theon.runtime import function as function_module
from theon.runtime import program as program_module


def test_eval() -> None:
    """A NumPy array; of inputs, of intermediates, of states, which do not move."""
    x, w = theon.vector("x"), theon.shared(2.0, "w")
    h = theon.exp(x)
    y = h * w
    found = y.eval({x: [0.0]})
    assert type(found) is np.ndarray and found.tolist() == [2.0]
    assert y.eval({h: [3.0]}).tolist() == [6.0] and y.eval({h: [3.0], w: 1.0}).tolist() == [3.0]
    assert y.eval({y: [7.0]}).tolist() == [7.0] and x.eval({x: [1.0]}).tolist() == [1.0]
    assert y.eval({x: [0.0], theon.vector("unused"): [1.0]}).tolist() == [2.0]
    w.set_value(3.0)
    assert y.eval({x: [0.0]}).tolist() == [3.0] and float(w.eval()) == 3.0
    assert theon.constant([1, 2]).eval().tolist() == [1, 2]
    draw = theon.random.normal(theon.random.stream(0), (2,))
    assert draw.eval().tolist() == draw.eval().tolist()
    assert theon.nn.dropout(x, 0.5, theon.random.stream(0)).eval({x: [1.0], theon.training: False}).tolist() == [1.0]


def test_eval_compiles_once(monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[int] = []

    def counted(*arguments: Any, **named: Any) -> Any:
        made.append(1)
        return compile_graph(*arguments, **named)

    monkeypatch.setattr(program_module, "compile_graph", counted)
    x, y = theon.vector("x"), theon.vector("y")
    z = x + y
    for _ in range(3):
        z.eval({x: [1.0], y: [2.0]})
    assert len(made) == 1
    z.eval({x: [1.0, 2.0], y: [2.0, 3.0]})
    z.eval({x: theon.zeros((1,)).eval(), y: [2.0]})
    assert len(made) == 3  # another size, and zeros


def test_eval_keeps_nothing_alive() -> None:
    """What was compiled for a node goes with it."""
    x, w = theon.vector("x"), theon.shared([1.0], "w")
    y = theon.tanh(x * w)
    nodes = [weakref.ref(y), weakref.ref(w)]
    y.eval({x: [1.0]})
    w.eval()
    keys = {id(y), id(w)}
    assert keys <= set(function_module._evaluations)
    del y, w
    gc.collect()
    assert [node() for node in nodes] == [None, None]
    assert not keys & set(function_module._evaluations)
    x.eval({x: [1.0]})
    assert id(x) not in function_module._evaluations  # an input would keep itself


def test_eval_of_what_needs_more() -> None:
    x, y = theon.vector("x"), theon.vector("y")
    with pytest.raises(InputError, match="needs a value for y"):
        (x + y).eval({x: [1.0]})
    for wrong in ([1.0], {"x": [1.0]}, 3.0, "x", [(x, 1.0)]):
        with pytest.raises(InputTypeError, match="values is a dict"):
            x.eval(wrong)
